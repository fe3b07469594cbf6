// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// One thread or task, for the text that shows each with its stack.
package struct DumpEntry: Sendable {
    /// Such as `thread`.
    package var kind: String
    package var id: UInt64
    /// Such as `running` or `waiting on NSLock`.
    package var state: String
    /// How long it has been in this state; shown from a minute on.
    package var duration: Duration?
    /// What else is to be said of it, such as `cancelled` or `on thread 4711`.
    package var remarks: [String]
    package var labels: [Label]
    /// Leaf first.
    package var stack: [Location]
    /// Why the stack is missing or ends early; nil when it is whole.
    package var note: String?

    package init(
        kind: String, id: UInt64, state: String, duration: Duration? = nil, remarks: [String] = [],
        labels: [Label] = [], stack: [Location], note: String? = nil
    ) {
        self.kind = kind
        self.id = id
        self.state = state
        self.duration = duration
        self.remarks = remarks
        self.labels = labels
        self.stack = stack
        self.note = note
    }
}

/// Every thread or task on its own, in the style in which Go dumps goroutines.
package struct Dump: Sendable {
    package var entries: [DumpEntry]
    package var mappings: MappingTable

    package init(_ entries: [DumpEntry], mappings: MappingTable) {
        self.entries = entries
        self.mappings = mappings
    }
}
