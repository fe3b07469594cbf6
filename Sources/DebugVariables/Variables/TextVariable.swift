// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A text: a build revision, the file being read.
///
/// Setting and reading take a lock for the time of a pointer copy. `/metrics` shows it as an info metric, so a text that
/// changes often makes many series there.
public final class TextVariable: Variable, @unchecked Sendable {  // Safe: the text is behind a mutex.
    private let text = Mutex("")

    public func set(_ value: String) {
        text.withLock { $0 = value }
    }

    public var value: String { text.withLock { $0 } }

    public override var kind: VariableKind { .text }
    override func read() -> VariableValue { .text(value) }
}
