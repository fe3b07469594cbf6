// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// The variables of a registry and one reading of each: plain values.
public struct VariableSnapshot: Sendable {
    /// Sorted by name, in byte order.
    public let variables: [Variable]

    /// The reading of each variable, in the same order.
    public let values: [VariableValue]

    /// What keeps variables from being shown as they were meant, failed readings included. Sorted by variable, then sentence.
    public let problems: [VariableProblem]

    init(_ selection: VariableSelection) {
        var values: [VariableValue] = []
        var problems = selection.problems
        values.reserveCapacity(selection.variables.count)
        selection.read { variable, value in
            values.append(value)
            if let sentence = value.problem {
                problems.append(VariableProblem(variable: variable.name, sentence: sentence))
            }
        }
        variables = selection.variables
        self.values = values
        self.problems = problems.sorted { ($0.variable, $0.sentence) < ($1.variable, $1.sentence) }
    }

    /// The reading of the variable with this name.
    public subscript(name: String) -> VariableValue? {
        variables.index(named: name).map { values[$0] }
    }
}
