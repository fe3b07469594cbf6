// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// A function as the source names it. Unknown texts are empty.
package struct Function: Hashable, Sendable {
    /// For people: demangled.
    package var name: String
    /// For linkers: mangled.
    package var systemName: String
    package var file: String

    package init(name: String, systemName: String = "", file: String = "") {
        self.name = name
        self.systemName = systemName
        self.file = file
    }
}

/// A place in the source.
package struct Line: Hashable, Sendable {
    package var function: Function
    /// From 1; 0 when it is unknown.
    package var line: Int

    package init(_ function: Function, line: Int = 0) {
        self.function = function
        self.line = line
    }
}

/// A place in the code and what it is in the source.
package struct Location: Hashable, Sendable {
    /// The interrupted instruction, or a byte of the call that has not returned: the return address minus 1.
    package var address: UInt
    /// Where the function that contains the address begins, as the symbol table has it; nil when unknown.
    package var functionStart: UInt?
    /// Innermost inlined function first, the function that contains the address last; empty when none is known.
    package var lines: [Line]

    package init(address: UInt, functionStart: UInt? = nil, lines: [Line] = []) {
        self.address = address
        self.functionStart = functionStart
        self.lines = lines
    }

    /// How far the address is into its function; nil when that is unknown.
    var functionOffset: UInt? {
        functionStart.flatMap { $0 <= address ? address - $0 : nil }
    }

    /// Whether every function has its name.
    var isResolved: Bool {
        !lines.isEmpty && lines.allSatisfy { !$0.function.name.isEmpty }
    }
}
