// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import ProcessSnapshot
import Symbols

/// A thread with a name of its own that a test blocks and lets go.
final class BlockedThread {
    let name: String
    private let thread: Thread
    private let ended = DispatchSemaphore(value: 0)

    /// Runs `body` on a new thread; `name` is at most 15 bytes.
    init(_ name: String, _ body: @escaping @Sendable () -> Void) {
        self.name = name
        let ended = ended
        thread = Thread {
            nameThread(name)
            body()
            ended.signal()
        }
        thread.start()
    }

    func join() {
        ended.wait()
    }

    /// Looks until the thread is seen in `state` with a stack that has `function`; the last look otherwise.
    func look(
        until state: ThreadSnapshot.State = .waiting, in function: String = "", within limit: Duration = .seconds(10)
    ) throws -> ThreadSnapshot? {
        let deadline = ContinuousClock.now + limit
        while true {
            let thread = try Threads.look().threads.first { $0.name == name }
            if let thread, thread.state == state, Threads.functions(thread).contains(where: { $0.contains(function) }) {
                return thread
            }
            if ContinuousClock.now >= deadline { return thread }
        }
    }
}

/// Names the calling thread. Not by `Thread.name`: that does nothing while `start()` has not returned.
private func nameThread(_ name: String) {
    let descriptor = open("/proc/thread-self/comm", O_WRONLY)
    defer { close(descriptor) }
    precondition(write(descriptor, name, name.utf8.count) > 0, "a thread of the test could not be named")
}

/// A thread that holds something until it is told to let go.
final class Holder {
    private let thread: BlockedThread
    private let mayEnd = DispatchSemaphore(value: 0)

    /// `body` calls the closure it is given while it holds the thing. Returns when it does.
    init(_ name: String, _ body: @escaping @Sendable (_ hold: () -> Void) -> Void) {
        let holds = DispatchSemaphore(value: 0)
        let mayEnd = mayEnd
        thread = BlockedThread(name) {
            body {
                holds.signal()
                mayEnd.wait()
            }
        }
        holds.wait()
    }

    func release() {
        mayEnd.signal()
        thread.join()
    }
}

/// Looks at the threads of the test process.
enum Threads {
    static let configuration = StackCapture.Configuration(asyncCode: [], taskSlot: nil)

    static func look() throws -> ThreadsSnapshot {
        try ThreadsSnapshot.take(configuration) { Symbolizer.shared.function(at: $0)?.name }
    }

    /// The mangled names on the stack, leaf first; empty where there is none.
    static func functions(_ thread: ThreadSnapshot) -> [String] {
        thread.stack.enumerated().map { index, address in
            Symbolizer.shared.function(at: index == 0 ? address : address - 1)?.name ?? ""
        }
    }
}

/// A C object at an address that never changes, as pthread's need it.
final class Pinned<Value>: @unchecked Sendable {  // Safe: the pointer never changes; what it points to guards itself.
    let pointer = UnsafeMutablePointer<Value>.allocate(capacity: 1)
    var address: UInt { UInt(bitPattern: pointer) }

    deinit { pointer.deallocate() }
}
