// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Synchronization

/// One variable for each set of label values: requests by route and status.
///
/// The subscript takes the values in the order of the labels: `requests["/users", "200"].increment()`. A look-up searches
/// the values under a lock; keep the member where it is hot. At most `limit` sets are kept, so that a label made from
/// user input cannot eat the memory: what comes after is counted under `other` for every label.
public final class VariableFamily<Member: Variable>: Variable, @unchecked Sendable {  // Safe: locked.
    public let labels: [String]

    /// How many sets of label values are kept, `other` not counted.
    public let limit: Int

    fileprivate struct Members {
        var labelValues: LabelTable
        var members: [Member] = []  // in the order of the table's rows
    }
    private let members: Mutex<Members>
    private let make: @Sendable () -> Member
    private let detached: Member
    private let problems: ProblemLog

    init(
        name: String, help: String, unit: String, labels: [String], limit: Int, problems: ProblemLog,
        make: @escaping @Sendable () -> Member
    ) {
        self.labels = labels
        self.limit = limit
        self.problems = problems
        self.make = make
        detached = make()
        members = Mutex(Members(labelValues: LabelTable(columns: labels.count)))
        super.init(name: name, help: help, unit: unit)
    }

    /// The member with these label values, made at its first use. With a wrong number of values it is a working variable
    /// that is not exported, and the registry's problems say so.
    public subscript(_ values: String...) -> Member { member(values) }

    /// The same as the subscript, for values that are in an array already.
    public func member(_ values: [String]) -> Member {
        guard !labels.isEmpty else { return detached }  // not exported: the registry said so
        guard values.count == labels.count else {
            problems.note(
                name,
                "\(values.count) label values were given for \(labels.count) labels (\(labels.joined(separator: ", ")))"
            )
            return detached
        }
        let (member, overflowed) = members.withLock { members in
            if let known = members.known(values) { return (known, false) }
            let isOther = values.allSatisfy { $0 == "other" }
            guard members.members.count >= limit, !isOther else { return (members.insert(make(), values), false) }
            let other = [String](repeating: "other", count: labels.count)
            return (members.known(other) ?? members.insert(make(), other), true)
        }
        if overflowed {
            problems.note(name, "more than \(limit) sets of label values; what came after is counted under \"other\"")
        }
        return member
    }

    /// Forgets the member with these label values; whoever still holds it may go on using it, unseen.
    public func remove(_ values: String...) {
        remove(member: values)
    }

    /// The same for values that are in an array already. Returns how many members are left.
    @discardableResult
    package func remove(member values: [String]) -> Int {
        members.withLock { members in
            guard values.count == labels.count else { return members.members.count }
            let row = members.labelValues.place(of: values)
            if members.labelValues.isRow(row, values) {
                members.labelValues.remove(at: row)
                members.members.remove(at: row)
            }
            return members.members.count
        }
    }

    /// The members now and the values of their labels.
    var all: [(member: Member, values: [String])] {
        members.withLock { members in
            members.members.indices.map { (members.members[$0], members.labelValues.row($0)) }
        }
    }

    /// Makes a variable that exists already the member with these values, unless there is one.
    func adopt(_ member: Member, _ values: [String]) {
        members.withLock { members in
            guard values.count == labels.count, members.known(values) == nil else { return }
            _ = members.insert(member, values)
        }
    }

    public override var kind: VariableKind { detached.kind }

    override func read() -> VariableValue {
        let (labelValues, members) = members.withLock { ($0.labelValues, $0.members) }
        return .family(FamilySnapshot(labels: labels, labelValues: labelValues, values: members.readings()))
    }
}

extension VariableFamily.Members {
    fileprivate func known(_ values: [String]) -> Member? {
        let row = labelValues.place(of: values)
        return labelValues.isRow(row, values) ? members[row] : nil
    }

    fileprivate mutating func insert(_ member: Member, _ values: [String]) -> Member {
        let row = labelValues.place(of: values)
        labelValues.insert(values, at: row)
        members.insert(member, at: row)
        return member
    }
}

public typealias CounterFamily = VariableFamily<CounterVariable>
public typealias GaugeFamily = VariableFamily<GaugeVariable>
public typealias HistogramFamily = VariableFamily<HistogramVariable>
public typealias TextFamily = VariableFamily<TextVariable>
