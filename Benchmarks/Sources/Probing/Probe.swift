// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// A thread that allocates, maps memory and touches it without a pause, and measures how long each turn takes.
package final class Probe: Sendable {
    private let longest = Atomic(0)
    private let longestHeld = Atomic(0)

    package init() {}

    /// Seconds from the end of a turn to the end of the next at most, since the last call.
    package func takeLongestGap() -> Double {
        Double(longest.exchange(0, ordering: .relaxed)) / 1e9
    }

    /// The same without the time in which the thread could have run and other threads had the processors.
    package func takeLongestHeld() -> Double {
        Double(longestHeld.exchange(0, ordering: .relaxed)) / 1e9
    }

    /// The thread runs as long as the process.
    package func start() {
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { argument in
                // Balances passRetained below.
                Unmanaged<Probe>.fromOpaque(argument!).takeRetainedValue().run()
            }, Unmanaged.passRetained(self).toOpaque())
        guard failure == 0 else { fatalError("no thread: \(failure)") }
    }

    private func run() -> Never {
        let schedule = open("/proc/thread-self/schedstat", O_RDONLY)
        var before = Self.nanoseconds()
        var waitedBefore = Self.waited(schedule)
        while true {
            for size in [64, 1000, 20_000] {
                guard let block = malloc(size) else { fatalError("no memory") }
                block.storeBytes(of: 1, as: UInt8.self)
                free(block)
            }
            let size = 1 << 16
            guard let area = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
                area != MAP_FAILED
            else { fatalError("no mapping") }
            for offset in stride(from: 0, to: size, by: 4096) {
                area.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
            }
            munmap(area, size)
            let (now, waited) = (Self.nanoseconds(), Self.waited(schedule))
            longest.max(now - before, ordering: .relaxed)
            longestHeld.max(now - before - (waited - waitedBefore), ordering: .relaxed)
            (before, waitedBefore) = (now, waited)
        }
    }

    /// Nanoseconds for which the thread that opened the file could have run and did not: the second number in it.
    private static func waited(_ schedule: Int32) -> Int {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 128) { buffer in
            let count = pread(schedule, buffer.baseAddress, buffer.count, 0)
            guard count > 0 else { fatalError("no schedstat") }
            var fields = buffer[..<count].split(separator: UInt8(ascii: " ")).makeIterator()
            _ = fields.next()
            return fields.next()?.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } ?? 0
        }
    }

    private static func nanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
