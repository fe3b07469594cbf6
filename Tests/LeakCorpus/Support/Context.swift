// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Dispatch
import Synchronization

/// Go's context: a channel that is closed when it is cancelled, together with those made from it.
final class Context: Sendable {
    let done = Channel()
    private let children = Mutex<[Context]>([])

    init(from parent: Context? = nil) {
        parent?.children.withLock { $0.append(self) }
    }

    func cancel() {
        done.close()
        for child in children.withLock({ $0 }) { child.cancel() }
    }
}

/// Go's wait group, on a Dispatch group.
final class WaitGroup: @unchecked Sendable {
    // Safe: a Dispatch group is made for use from many threads.
    private let group = DispatchGroup()

    func add(_ count: Int = 1) {
        for _ in 0..<count { group.enter() }
    }

    func done() { group.leave() }

    @inline(never)
    func wait() { group.wait() }

    @inline(never)
    func wait() async {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            group.notify(queue: .global()) { continuation.resume() }
        }
    }
}
