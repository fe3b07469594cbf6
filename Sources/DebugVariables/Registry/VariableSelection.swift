// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The variables somebody asked for, taken from the registry under its lock; nothing is read yet.
///
/// The writers read each variable when they come to it, so that an answer needs no second copy of ten thousand values.
package struct VariableSelection: Sendable {
    /// Sorted by name, in byte order.
    let variables: [Variable]

    /// Names that `/metrics` leaves out because another variable has taken them there.
    let unexposed: Set<String>

    /// What the registry knows to be wrong, in no order.
    let problems: [VariableProblem]

    let expvarSize: AnswerSize
    let expositionSize: AnswerSize

    /// Reads each variable and visits the reading. Closures of computed variables run here, outside every lock.
    func read(_ visit: (Variable, borrowing VariableValue) -> Void) {
        variables.forEachBorrowed { _, variable in visit(variable, variable.read()) }
    }
}

/// How long the last answer of a kind was, so that the next begins with enough room.
final class AnswerSize: Sendable {
    private let last = Atomic(4096)

    /// A writer with a little more room than the last answer took.
    var writer: TextWriter { TextWriter(capacity: last.load(ordering: .relaxed) * 17 / 16 + 1024) }

    func remember(_ answer: [UInt8]) {
        last.store(answer.count, ordering: .relaxed)
    }
}
