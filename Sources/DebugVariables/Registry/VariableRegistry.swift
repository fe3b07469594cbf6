// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The named variables of a process, or of one library or test.
///
/// Registering never fails and never traps: the same name and kind gives the same variable. A clash of kinds, a name
/// outside `[a-zA-Z_:][a-zA-Z0-9_:]*` or labels that no format can carry give a working variable that is not exported,
/// and an entry in ``VariableSnapshot/problems``. Safe from any thread. Registering costs a binary search, and an
/// insertion that moves what sorts behind it; reading takes the lock for one array copy.
public final class VariableRegistry: Sendable {
    /// The registry that servers show unless told otherwise.
    public static let shared = VariableRegistry()

    private struct State {
        var variables: [Variable] = []  // by name, in byte order
        var unexposed: Set<String> = []  // names that /metrics must leave out, see ExposedNames
    }
    private let state = Mutex(State())
    let problems = ProblemLog()
    private let attachment = Mutex<(any Sendable)?>(nil)
    private let expvarSize = AnswerSize()
    private let expositionSize = AnswerSize()

    public init() {}

    /// A counter. The name should end in `_total`, as Prometheus asks.
    public func counter(_ name: String, help: String = "", unit: String = "") -> CounterVariable {
        register(name, unit: unit) { self.makeCounter(name, help, unit) }
    }

    /// A family of counters: one for each set of values of 1 to 8 labels, at most `limit` sets.
    public func counter(
        _ name: String, help: String = "", unit: String = "", labels: [String], limit: Int = 1000
    ) -> CounterFamily {
        register(name, help, unit, labels, limit) { self.makeCounter(name, help, unit) }
    }

    public func gauge(_ name: String, help: String = "", unit: String = "") -> GaugeVariable {
        register(name, unit: unit) { GaugeVariable(name: name, help: help, unit: unit) }
    }

    /// A family of gauges; see the family of counters.
    public func gauge(
        _ name: String, help: String = "", unit: String = "", labels: [String], limit: Int = 1000
    ) -> GaugeFamily {
        register(name, help, unit, labels, limit) { GaugeVariable(name: name, help: help, unit: unit) }
    }

    /// A histogram with these upper bounds: finite and ascending, else they are sorted and the problems say so. A second
    /// registration keeps the bounds of the first.
    public func histogram(
        _ name: String, help: String = "", unit: String = "", bounds: [Double] = HistogramVariable.defaultBounds
    ) -> HistogramVariable {
        let usable = usableBounds(bounds, of: name)
        return register(name, unit: unit) { self.makeHistogram(name, help, unit, usable) }
    }

    /// A family of histograms; see the family of counters.
    public func histogram(
        _ name: String, help: String = "", unit: String = "", labels: [String], limit: Int = 1000,
        bounds: [Double] = HistogramVariable.defaultBounds
    ) -> HistogramFamily {
        let usable = usableBounds(bounds, of: name)
        return register(name, help, unit, labels, limit, reservedLabel: "le") {
            self.makeHistogram(name, help, unit, usable)
        }
    }

    public func text(_ name: String, help: String = "") -> TextVariable {
        register(name, unit: "") { TextVariable(name: name, help: help, unit: "") }
    }

    /// A family of texts; see the family of counters.
    public func text(_ name: String, help: String = "", labels: [String], limit: Int = 1000) -> TextFamily {
        register(name, help, "", labels, limit, reservedLabel: "value") {
            TextVariable(name: name, help: help, unit: "")
        }
    }

    /// A value computed at each look. Registering the name again replaces the closure.
    @discardableResult
    public func computed(
        _ name: String, help: String = "", unit: String = "", _ closure: @escaping ComputedVariable.Closure
    ) -> ComputedVariable {
        let variable = register(name, unit: unit) {
            ComputedVariable(name: name, help: help, unit: unit, closure: closure)
        }
        variable.replace(closure)
        return variable
    }

    /// Stops exporting the variable with this name and forgets its problems; whoever holds it may go on using it, unseen.
    /// Returns whether there was one.
    @discardableResult
    public func remove(_ name: String) -> Bool {
        problems.forget(name)
        return state.withLock { state in
            state.unexposed.remove(name)
            guard let index = state.variables.index(named: name) else { return false }
            state.variables.remove(at: index)
            return true
        }
    }

    /// How many variables are exported; a family counts once.
    public var count: Int { state.withLock { $0.variables.count } }

    /// Reads the variables whose names are wanted. Each value is exact; together they are not one instant. Closures of
    /// computed variables run here, on the caller's thread, outside every lock.
    public func snapshot(where isWanted: ((String) -> Bool)? = nil) -> VariableSnapshot {
        VariableSnapshot(select(where: isWanted))
    }

    /// The variables whose names are wanted, not read yet. Costs one lock and, without a condition, no copy.
    package func select(where isWanted: ((String) -> Bool)? = nil) -> VariableSelection {
        var (variables, unexposed) = state.withLock { ($0.variables, $0.unexposed) }
        var problems = problems.all
        if let isWanted {
            variables = variables.filter { isWanted($0.name) }
            problems = problems.filter { isWanted($0.variable) }
        }
        return VariableSelection(
            variables: variables, unexposed: unexposed, problems: problems,
            expvarSize: expvarSize, expositionSize: expositionSize)
    }

    /// Adds to the problems what another part of the package has found; each sentence is kept once.
    package func note(_ variable: String, problem sentence: String) {
        problems.note(variable, sentence)
    }

    /// The exported variable that has this name, or that writes a series which one with this name and kind would write.
    package func variable(taking name: String, kind: VariableKind) -> Variable? {
        let variables = state.withLock { $0.variables }
        let find = { (name: String) in variables.index(named: name).map { variables[$0] } }
        return find(name) ?? ExposedNames(name: name, kind: kind).rival(find: find)
    }

    /// Whether this very variable is exported, and not removed or replaced.
    package func exports(_ variable: Variable) -> Bool {
        let name = variable.name
        return state.withLock { state in
            state.variables.index(named: name).map { state.variables[$0] === variable } ?? false
        }
    }

    /// What the one bridge to this registry keeps beside it, made at the first call.
    package func attached<Object: Sendable>(_ make: () -> Object) -> Object {
        attachment.withLock { attachment in
            if let known = attachment as? Object { return known }
            let new = make()
            attachment = new
            return new
        }
    }

    /// Exports `new`, which has the same name, in the place of `known`. Does nothing once `known` is no longer exported.
    func replace(_ known: Variable, by new: Variable) {
        state.withLock { state in
            guard let index = state.variables.index(named: new.name), state.variables[index] === known else { return }
            state.variables[index] = new
        }
    }

    /// Calls the closure for every problem from now on, and for those nobody has been told of yet. The last caller wins.
    public func onProblem(_ listener: @escaping @Sendable (VariableProblem) -> Void) {
        problems.listen(listener)
    }

    func makeCounter(_ name: String, _ help: String, _ unit: String) -> CounterVariable {
        CounterVariable(name: name, help: help, unit: unit, problems: problems)
    }

    func makeFloatingCounter(_ name: String, _ help: String, _ unit: String) -> FloatingCounterVariable {
        FloatingCounterVariable(name: name, help: help, unit: unit, problems: problems)
    }

    func makeHistogram(_ name: String, _ help: String, _ unit: String, _ bounds: [Double]) -> HistogramVariable {
        HistogramVariable(name: name, help: help, unit: unit, bounds: bounds, problems: problems)
    }

    package func usableBounds(_ bounds: [Double], of name: String) -> [Double] {
        let usable = Set(bounds.filter(\.isFinite)).sorted()
        if usable != bounds { problems.note(name, "its bounds are not finite and ascending; they were sorted") }
        return usable
    }

    func register<Member: Variable>(
        _ name: String, _ help: String, _ unit: String, _ labels: [String], _ limit: Int, reservedLabel: String = "",
        make: @escaping @Sendable () -> Member
    ) -> VariableFamily<Member> {
        let family = {
            VariableFamily(
                name: name, help: help, unit: unit, labels: labels, limit: limit, problems: self.problems, make: make)
        }
        guard (1...8).contains(labels.count), Set(labels).count == labels.count, !labels.contains(reservedLabel),
            labels.allSatisfy({ VariableName.isLabelName($0) && !$0.hasPrefix("__") })
        else {
            problems.note(
                name,
                "its labels are not 1 to 8 different names of the form [a-zA-Z_][a-zA-Z0-9_]*, or begin with __, or are the "
                    + "reserved le (histograms) or value (texts); it is not exported")
            return family()
        }
        return register(name, unit: unit, matches: { $0.labels == labels }, make: family)
    }

    /// The variable with this name if it is of the same type, else a new one, exported unless something speaks against it.
    func register<New: Variable>(
        _ name: String, unit: String, matches: (New) -> Bool = { _ in true }, make: () -> New
    ) -> New {
        guard VariableName.isVariableName(name) else {
            problems.note(name, "the name is outside \(VariableName.grammar); the variable is not exported")
            return make()
        }
        guard !name.hasPrefix(VariableName.reservedPrefix) else {
            problems.note(
                name,
                "names that begin with \(VariableName.reservedPrefix) are the endpoint's; the variable is not exported")
            return make()
        }
        let (variable, problem) =
            state.withLock { state in
                if let index = state.variables.index(named: name) {
                    let known = state.variables[index]
                    if let same = known as? New, matches(same) { return (same, nil) }
                    return (
                        make(),
                        "a second variable of another kind or with other labels than the first, a \(known.kind.rawValue); "
                            + "the second is not exported"
                    )
                }
                let new = make()
                let rival = ExposedNames(of: new).rival { candidate in
                    state.variables.index(named: candidate).map { state.variables[$0] }
                }
                state.variables.insert(new, at: state.variables.place(of: name))
                guard let rival else { return (new, nil) }
                state.unexposed.insert(name)
                return (new, "its names in /metrics would be those of \(rival.name); it is left out there")
            } as (New, String?)
        if let problem {
            problems.note(name, problem)
        } else if !unit.isEmpty, !ExposedNames.carries(unit: unit, name: name) {
            problems.note(name, "the name does not end in its unit, \(unit); /metrics leaves the unit out")
        }
        return variable
    }
}
