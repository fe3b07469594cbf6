// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A value that a closure computes each time somebody looks.
///
/// The closure runs on the server's thread, outside every lock of this package. It may block: only the request that
/// asked waits. When it throws, or nests more than 200 levels, the value is `null` and the problems say so; of an error they
/// name the type, not the text.
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
            var value = try current()
            guard value.isNested(deeperThan: JSONValue.deepest) else { return .computed(value) }
            value.dismantle()
            return .failed("its value is nested more than \(JSONValue.deepest) levels deep; it is shown as null")
        } catch {
            return .failed("its closure threw \(type(of: error as any Error)); the value is null")
        }
    }
}
