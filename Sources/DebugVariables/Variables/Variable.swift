// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A named value of this process that the endpoint shows.
///
/// Its four writable kinds are ``CounterVariable``, ``GaugeVariable``, ``HistogramVariable`` and ``TextVariable``; a
/// ``ComputedVariable`` asks a closure, and a ``VariableFamily`` holds one variable for each set of label values.
/// Make them with a ``VariableRegistry``. All may be used from any thread.
public class Variable: @unchecked Sendable {  // Safe: properties are immutable here, atomic or locked in each subclass.
    let texts: VariableTexts

    init(name: String, help: String, unit: String) {
        texts = VariableTexts(name: name, help: help, unit: unit)
    }

    deinit { texts.free() }

    /// The name under which the endpoint shows the variable: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    public final var name: String { String(decoding: texts.name, as: UTF8.self) }

    /// One sentence for the reader of `/metrics`; empty when none was given.
    public final var help: String { String(decoding: texts.help, as: UTF8.self) }

    /// The base unit, plural, such as `seconds` or `bytes`; empty when none was given.
    public final var unit: String { String(decoding: texts.unit, as: UTF8.self) }

    /// What the variable is; every subclass answers for itself.
    public var kind: VariableKind { .text }

    /// The value now. For a computed variable this runs the user's closure, so no lock may be held.
    func read() -> VariableValue { .text("") }
}

/// What a variable is; families have the kind of their members.
public enum VariableKind: String, Sendable {
    case counter, gauge, histogram, text, computed
}
