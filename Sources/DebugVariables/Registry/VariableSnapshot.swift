// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// The variables of a registry and one reading of each: plain values, taken before anything is formatted.
public struct VariableSnapshot: Sendable {
    /// Sorted by name, in byte order.
    public let variables: [Variable]

    /// The reading of each variable, in the same order.
    public let values: [VariableValue]

    /// Names that `/metrics` leaves out because another variable has taken them there.
    let unexposed: Set<String>

    /// What keeps variables from being shown as they were meant, failed readings included. Sorted by variable, then sentence.
    public let problems: [VariableProblem]

    init(variables: [Variable], values: [VariableValue], unexposed: Set<String>, problems: [VariableProblem]) {
        self.variables = variables
        self.values = values
        self.unexposed = unexposed
        var problems = problems
        for (variable, value) in zip(variables, values) {
            if case .failed(let sentence) = value {
                problems.append(VariableProblem(variable: variable.name, sentence: sentence))
            }
        }
        self.problems = problems.sorted { ($0.variable, $0.sentence) < ($1.variable, $1.sentence) }
    }

    /// The reading of the variable with this name.
    public subscript(name: String) -> VariableValue? {
        let place = variables.partitionPoint { $0.name.precedesInBytes(name) }
        return place < variables.count && variables[place].name == name ? values[place] : nil
    }
}
