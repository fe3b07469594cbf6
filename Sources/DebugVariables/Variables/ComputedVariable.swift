// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A value that a closure computes each time somebody looks.
///
/// The closure runs on the server's thread, outside every lock of this package. It may block: only the request that
/// asked waits. When it throws, the value is `null` and the problems name the type of the error, not its text.
public final class ComputedVariable: Variable, @unchecked Sendable {  // Safe: the closure is behind a mutex.
    public typealias Closure = @Sendable () throws -> JSONValue
    private let closure: Mutex<Closure>

    init(name: String, help: String, unit: String, closure: @escaping Closure) {
        self.closure = Mutex(closure)
        super.init(name: name, help: help, unit: unit)
    }

    func replace(_ new: @escaping Closure) {
        closure.withLock { $0 = new }
    }

    public override var kind: VariableKind { .computed }

    override func read() -> VariableValue {
        let current = closure.withLock { $0 }
        do {
            return .computed(try current())
        } catch {
            return .failed("its closure threw \(type(of: error as any Error)); the value is null")
        }
    }
}
