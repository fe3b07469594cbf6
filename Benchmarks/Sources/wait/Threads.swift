// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// Threads that wait for ever in the ways that services' threads do, each some twenty calls deep.
///
/// What they wait on is never freed.
final class Threads: @unchecked Sendable {  // Safe: the primitives are made for threads, and nothing else is changed.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 2)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    private let turns = Atomic(1)
    private let pipe: (reader: Int32, writer: Int32)

    /// Locks what the others wait for: for good, if the thread that makes it does not end.
    init() {
        pthread_mutex_init(mutex, nil)
        pthread_mutex_init(mutex + 1, nil)
        pthread_cond_init(condition, nil)
        sem_init(semaphore, 0, 0)
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { fatalError("no pipe") }
        pipe = (ends[0], ends[1])
        pthread_mutex_lock(mutex)
    }

    func startWaiting(_ count: Int) {
        for index in 0..<count { start { $0.descend(10 + index % 8, index % 5) } }
    }

    /// Each always has something to do.
    func startBusy(_ count: Int) {
        for index in 0..<count {
            start { threads in
                // A loop that nobody could see would be left out by the compiler.
                while true { threads.turns.wrappingAdd(index, ordering: .relaxed) }
            }
        }
    }

    private final class Start {
        let threads: Threads
        let body: (Threads) -> Void
        init(_ threads: Threads, _ body: @escaping (Threads) -> Void) {
            self.threads = threads
            self.body = body
        }
    }

    private func start(_ body: @escaping (Threads) -> Void) {
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { argument in
                // Balances passRetained below.
                let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
                start.body(start.threads)
                return nil
            }, Unmanaged.passRetained(Start(self, body)).toOpaque())
        guard failure == 0 else { fatalError("no thread: \(failure)") }
    }

    @inline(never)
    private func descend(_ depth: Int, _ way: Int) {
        if depth > 0 { descendFurther(depth - 1, way) } else { wait(way) }
        reached &+= 1
    }

    @inline(never)
    private func descendFurther(_ depth: Int, _ way: Int) {
        if depth > 0 { descend(depth - 1, way) } else { wait(way) }
        reached &+= 2
    }

    /// Changed after each call, so that none of them is a tail call. Nobody comes there.
    private var reached = 0

    @inline(never)
    private func wait(_ way: Int) {
        while true {
            switch way {
            case 0: pthread_mutex_lock(mutex)
            case 1:
                pthread_mutex_lock(mutex + 1)
                while true { pthread_cond_wait(condition, mutex + 1) }
            case 2: sem_wait(semaphore)
            case 3:
                var wanted = pollfd(fd: pipe.reader, events: Int16(POLLIN), revents: 0)
                poll(&wanted, 1, -1)
            default: sleep(86_400)
            }
        }
    }
}
