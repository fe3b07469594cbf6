// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import Dispatch
import Glibc
import Synchronization

/// Threads in system calls that a signal ends with EINTR, while scans read their registers: none may notice. Then a signal is sent
/// to each, as a control that they would.
enum Interruptions {
    private static let interrupted = Atomic(0)
    private static let returned = Atomic(0)
    private static let asleep = Atomic(0)
    private static let childSignals = Atomic(0)
    private static let calls = 6
    nonisolated(unsafe) private static var threads = [pthread_t](repeating: pthread_t(), count: calls)

    static func run() throws {
        signal(SIGCHLD) { _ in Interruptions.childSignals.add(1, ordering: .relaxed) }
        signal(SIGUSR1) { _ in }
        threads[0] = sleeper("epoll") { callEpollWait() }
        threads[1] = sleeper("poll") { poll(nil, 0, 3_600_000) }
        threads[2] = sleeper("nanosleep") {
            var time = timespec(tv_sec: 3600, tv_nsec: 0)
            return nanosleep(&time, nil)
        }
        threads[3] = sleeper("recv") { receiveWithLimit() }
        threads[4] = sleeper("sigtimedwait") {
            var signals = sigset_t()
            sigemptyset(&signals)
            sigaddset(&signals, SIGUSR2)
            var time = timespec(tv_sec: 3600, tv_nsec: 0)
            return sigtimedwait(&signals, nil, &time)
        }
        threads[5] = sleeper("pause") { pause() }
        while asleep.load(ordering: .relaxed) < calls { usleep(1000) }
        usleep(200_000)
        var found = 0
        for round in 0..<5 {
            // A new one each time: only then registers are read.
            lose(round)
            usleep(50_000)
            found += try LeakDetector.scan().leaks.count
        }
        print("leaks_found", found)
        print("returned_during_scans", returned.load(ordering: .relaxed))
        print("child_signals", childSignals.load(ordering: .relaxed))
        print("children_left", waitpid(-1, nil, WNOHANG | 0x4000_0000) == -1 && errno == ECHILD ? 0 : 1)  // __WALL
        for thread in threads { pthread_kill(thread, SIGUSR1) }
        let deadline = ContinuousClock.now + .seconds(10)
        while returned.load(ordering: .relaxed) < calls, ContinuousClock.now < deadline { usleep(1000) }
        print("interrupted_by_a_signal", interrupted.load(ordering: .relaxed))
        exit(0)
    }

    private static func sleeper(_ name: String, _ call: @escaping @Sendable () -> Int32) -> pthread_t {
        startThread(name, joinable: true) {
            asleep.add(1, ordering: .relaxed)
            let result = call()
            if result < 0, errno == EINTR { interrupted.add(1, ordering: .relaxed) }
            returned.add(1, ordering: .relaxed)
            sleepForAnHour()
        }
    }

    @inline(never) private static func lose(_ round: Int) {
        let semaphore = DispatchSemaphore(value: 0)
        startThread("leak-\(round)") { semaphore.wait() }
        clearStack()
    }

    private static func receiveWithLimit() -> Int32 {
        var ends: [Int32] = [0, 0]
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
        var limit = timeval(tv_sec: 3600, tv_usec: 0)
        setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var byte: UInt8 = 0
        return Int32(recv(ends[0], &byte, 1, 0))
    }

    /// Swift's Glibc module has no epoll.
    private static func callEpollWait() -> Int32 {
        typealias Create = @convention(c) (Int32) -> Int32
        typealias Wait = @convention(c) (Int32, UnsafeMutableRawPointer, Int32, Int32) -> Int32
        guard let create = dlsym(nil, "epoll_create1"), let wait = dlsym(nil, "epoll_wait") else { return 0 }
        var events = [UInt64](repeating: 0, count: 4)
        let descriptor = unsafeBitCast(create, to: Create.self)(0)
        return events.withUnsafeMutableBytes { unsafeBitCast(wait, to: Wait.self)(descriptor, $0.baseAddress!, 1, -1) }
    }
}
