// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import Synchronization

/// Never true; the compiler must not know.
let isOver = Atomic(false)

final class Node {
    var left: Node?
    var right: Node?
    var payload: (UInt, UInt, UInt) = (1, 2, 3)
}

/// The continuation of the next one in a chain.
final class Link: @unchecked Sendable {
    // Safe: written by the task that waits, before another one looks.
    var continuation: UnsafeContinuation<Void, Never>?
}

/// What a process has that is scanned: objects with two references each, and threads and tasks that wait and can all go on.
enum Population {
    /// 56 bytes and what malloc adds.
    static let nodeSize = 64

    nonisolated(unsafe) private static var heap: [[Node]] = []  // Safe: each array is changed by one thread at most.
    nonisolated(unsafe) private static var semaphores: [DispatchSemaphore] = []
    private static let continuations = Mutex<[UnsafeContinuation<Void, Never>]>([])
    private static let started = Atomic(0)

    static func addNodes(_ count: Int) {
        let parts = 64
        heap = Array(repeating: [], count: parts)
        for part in 0..<parts {
            heap[part].reserveCapacity(count / parts)
            for index in 0..<count / parts {
                let node = Node()
                if index > 0 {
                    node.left = heap[part][index / 2]
                    node.right = heap[part][index * 7 / 11]
                }
                heap[part].append(node)
            }
        }
    }

    static func addThreads(_ count: Int) {
        for _ in 0..<count {
            let semaphore = DispatchSemaphore(value: 0)
            semaphores.append(semaphore)
            startThread { semaphore.wait() }
        }
    }

    static func addTasks(_ count: Int) {
        for _ in 0..<count {
            Task {
                await withUnsafeContinuation { continuation in continuations.withLock { $0.append(continuation) } }
            }
        }
        while continuations.withLock({ $0.count }) < count { usleep(10_000) }
    }

    /// Tasks of which each alone can wake the next; the first one sleeps.
    static func addChain(_ count: Int) {
        var next: Link?
        for _ in 0..<count {
            let (mine, behind) = (Link(), next)
            Task {
                await withUnsafeContinuation {
                    mine.continuation = $0
                    started.add(1, ordering: .relaxed)
                }
                behind?.continuation?.resume()
            }
            next = mine
        }
        Task { [next] in
            try? await Task.sleep(for: .seconds(3600))
            next?.continuation?.resume()
        }
        while started.load(ordering: .relaxed) < count { usleep(10_000) }
    }

    /// Tasks whose continuations nobody has.
    @inline(never)
    static func lose(_ count: Int) {
        for _ in 0..<count {
            Task { await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in } }
        }
    }

    /// Two threads that replace objects all the time.
    static func churn() {
        for part in 0..<2 {
            startThread {
                var index = 1
                let count = heap[part].count
                while !isOver.load(ordering: .relaxed) {
                    let node = Node()
                    node.left = heap[part][index / 2]
                    heap[part][index] = node
                    index = index + 1 < count ? index + 1 : 1
                }
            }
        }
    }

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private static func startThread(_ run: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { argument in
                // Balances passRetained below.
                Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(Body(run)).toOpaque())
        guard failure == 0 else { fatalError("no thread: \(failure)") }
        pthread_detach(thread)
    }
}
