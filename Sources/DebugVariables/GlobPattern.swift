// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A shell pattern over names: `*` any text, `?` any one character, `[a-z_]` or `[!a-z]` one of a set.
///
/// A match takes at most pattern length times text length steps, whatever the pattern.
package struct GlobPattern: Sendable {
    /// The characters that stand for themselves.
    package enum Alphabet: Sendable {
        /// Those of variable names.
        case variableNames
        /// All but control characters, and of course `*`, `?` and `[`.
        case anyText

        fileprivate func contains(_ scalar: Unicode.Scalar) -> Bool {
            switch self {
            case .variableNames: VariableName.isVariableName("_" + String(scalar))
            case .anyText: scalar.properties.generalCategory != .control
            }
        }
    }

    private enum Element: Sendable {
        case anyText
        case anyCharacter
        case character(Unicode.Scalar)
        case set([ClosedRange<Unicode.Scalar>], inverted: Bool)
    }
    private let elements: [Element]

    /// Nil when the pattern is empty, has a character that no name has, or a set that is empty or not closed.
    package init?(_ pattern: String, over alphabet: Alphabet = .variableNames) {
        var elements: [Element] = []
        var rest = pattern.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*": elements.append(.anyText)
            case "?": elements.append(.anyCharacter)
            case "[":
                guard let set = Self.parseSet(&rest, alphabet) else { return nil }
                elements.append(set)
            default:
                guard alphabet.contains(scalar) else { return nil }
                elements.append(.character(scalar))
            }
        }
        guard !elements.isEmpty else { return nil }
        self.elements = elements
    }

    package func matches(_ text: String) -> Bool {
        let text = Array(text.unicodeScalars)
        var element = 0
        var place = 0
        var lastAnyText: (element: Int, place: Int)?  // where to go on when a later element fails
        while place < text.count {
            if element < elements.count, case .anyText = elements[element] {
                lastAnyText = (element, place)
                element += 1
            } else if element < elements.count, Self.matches(elements[element], text[place]) {
                element += 1
                place += 1
            } else if let (anyText, from) = lastAnyText {
                lastAnyText = (anyText, from + 1)
                element = anyText + 1
                place = from + 1
            } else {
                return false
            }
        }
        return elements[element...].allSatisfy { if case .anyText = $0 { true } else { false } }
    }

    private static func matches(_ element: Element, _ scalar: Unicode.Scalar) -> Bool {
        switch element {
        case .anyText: false
        case .anyCharacter: true
        case .character(let literal): literal == scalar
        case .set(let ranges, let inverted): ranges.contains { $0.contains(scalar) } != inverted
        }
    }

    /// What stands between brackets: characters of names and ranges of them. A backwards range has no members.
    private static func parseSet(_ rest: inout Substring.UnicodeScalarView, _ alphabet: Alphabet) -> Element? {
        let inverted = rest.first == "!"
        if inverted { rest.removeFirst() }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        var isEmpty = true
        while let low = rest.popFirst() {
            if low == "]" { return isEmpty ? nil : .set(ranges, inverted: inverted) }
            guard low == "-" || alphabet.contains(low) else { return nil }
            isEmpty = false
            var high = low
            if rest.first == "-", let end = rest.dropFirst().first, alphabet.contains(end), end != "]" {
                rest.removeFirst(2)
                high = end
            }
            if low <= high { ranges.append(low...high) }
        }
        return nil
    }
}
