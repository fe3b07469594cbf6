// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CMicroHTTPD
import Glibc
import Synchronization

/// One client's connection and what it is doing. Its own thread sets the phase, the table's guard reads it; no lock.
final class Connection: Sendable {
    enum Phase: UInt64 {
        /// Nothing, or an incomplete request, has come since then.
        case receiving
        /// A handler runs: never disturbed.
        case handling
        /// The answer is on its way since then.
        case sending
    }

    let socket: Int32
    /// Milliseconds of the monotonic clock when the phase began, times four, plus the phase.
    private let phaseWord: Atomic<UInt64>

    init(socket: Int32) {
        self.socket = socket
        phaseWord = Atomic(Self.word(.receiving))
    }

    /// The connection that the started notification stored. Valid until its closed notification.
    static func of(_ connection: OpaquePointer) -> Connection? {
        microhttpd_context(connection).map { Unmanaged.fromOpaque($0).takeUnretainedValue() }
    }

    func enter(_ phase: Phase) {
        phaseWord.store(Self.word(phase), ordering: .relaxed)
    }

    /// The phase and how long it has lasted.
    var phase: (Phase, Duration) {
        let word = phaseWord.load(ordering: .relaxed)
        return (Phase(rawValue: word & 3) ?? .handling, .milliseconds(Int64(Self.milliseconds() &- word >> 2)))
    }

    private static func word(_ phase: Phase) -> UInt64 {
        milliseconds() << 2 | phase.rawValue
    }

    private static func milliseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)  // 4 ms exact, and cheap
        return UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000
    }
}
