// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A named value of this process that the endpoint shows.
///
/// Its four writable kinds are ``CounterVariable``, ``GaugeVariable``, ``HistogramVariable`` and ``TextVariable``; a
/// ``ComputedVariable`` asks a closure, and a ``VariableFamily`` holds one variable for each set of label values.
/// Make them with a ``VariableRegistry``. All may be used from any thread.
public class Variable: @unchecked Sendable {  // Safe: properties are immutable here, atomic or locked in each subclass.
    /// The name under which the endpoint shows the variable: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    public let name: String

    /// One sentence for the reader of `/metrics`; empty when none was given.
    public let help: String

    /// The base unit, plural, such as `seconds` or `bytes`; empty when none was given.
    public let unit: String

    init(name: String, help: String, unit: String) {
        self.name = name
        self.help = help
        self.unit = unit
    }

    /// What the variable is; every subclass answers for itself.
    public var kind: VariableKind { .text }

    /// The value now. For a computed variable this runs the user's closure, so no lock may be held.
    func read() -> VariableValue { .text("") }
}

/// What a variable is; families have the kind of their members.
public enum VariableKind: String, Sendable {
    case counter, gauge, histogram, text, computed
}
