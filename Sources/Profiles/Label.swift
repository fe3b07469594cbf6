// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Something that tells samples with the same stack apart, such as the thread's name.
package struct Label: Hashable, Sendable {
    package enum Value: Hashable, Sendable {
        case text(String)
        case number(Int64, unit: String)
    }

    package var key: String
    package var value: Value

    package init(_ key: String, _ text: String) {
        self.key = key
        value = .text(text)
    }

    /// Readers guess a unit from the key when `unit` is empty, and take most numbers for bytes.
    package init(_ key: String, _ number: Int64, unit: String) {
        self.key = key
        value = .number(number, unit: unit)
    }

    /// The value as the text forms show it, without a unit.
    var text: String {
        switch value {
        case .text(let text): text
        case .number(let number, _): String(number)
        }
    }
}
