// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A sentence in which threads and tasks are links where the form has links.
struct Phrase: Equatable, Sendable {
    enum Piece: Equatable, Sendable {
        case text(String)
        /// To that thread or task, under that text.
        case link(String, WaiterKind, UInt64)
    }
    private(set) var pieces: [Piece]

    init(_ pieces: Piece...) { self.pieces = pieces }

    init(_ text: String) { pieces = [.text(text)] }

    /// The first `task 12` in a text, when 12 is the task's id, becomes a link.
    init(_ text: String, linking task: UInt64?) {
        guard let task, let place = text.firstRange(of: "task \(task)"),
            text[place.upperBound...].first.map({ !$0.isNumber }) ?? true
        else {
            self.init(text)
            return
        }
        self.init(
            .text(String(text[..<place.lowerBound])), .link("task \(task)", .task, task),
            .text(String(text[place.upperBound...])))
    }

    static func + (left: Phrase, right: Phrase) -> Phrase {
        var sum = left
        sum.pieces += right.pieces
        return sum
    }

    static func + (left: Phrase, right: String) -> Phrase { left + Phrase(right) }

    var text: String {
        pieces.reduce(into: "") { text, piece in
            switch piece {
            case .text(let words), .link(let words, _, _): text += words
            }
        }
    }
}
