// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc
import Synchronization

/// A large heap: how long /debug/heap takes, what it costs, and for how long a thread that goes on is held up meanwhile.
///
/// Arguments: blocks, bytes of all of them.
enum HeapSize {
    final class Node { var next = 0 }

    private static let longestStall = Atomic<UInt64>(0)
    private static let isLooking = Atomic(false)
    nonisolated(unsafe) static var held: [Node] = []
    nonisolated(unsafe) static var raw: [UnsafeMutableRawPointer?] = []

    @Sendable static func run() throws {
        let numbers = CommandLine.arguments.dropFirst(2).compactMap { Int($0) }
        let blocks = numbers.first ?? 200_000
        let bytes = numbers.dropFirst().first ?? blocks * 107
        fill(blocks, bytes)
        let server = try startServer()
        var client = DebugClient(server)
        client.timeout = .seconds(120)
        startThread { probe() }
        isLooking.store(true, ordering: .relaxed)
        usleep(1_000_000)
        report("longest_stall_without_a_look_microseconds", longestStall.load(ordering: .relaxed) / 1000)
        for look in 0..<3 {
            longestStall.store(0, ordering: .relaxed)
            isLooking.store(true, ordering: .relaxed)
            let residentBefore = Proc.status("VmRSS") / 1024
            let cpu = clock()
            let start = ContinuousClock.now
            let answer = try HeapAnswer(client, "/debug/heap?format=json")
            let took = ContinuousClock.now - start
            isLooking.store(false, ordering: .relaxed)
            report("look_\(look)_status", answer.status)
            report("look_\(look)_milliseconds", Int(took / .milliseconds(1)))
            report("look_\(look)_cpu_milliseconds_with_the_probe", (clock() - cpu) / 1000)
            report("look_\(look)_longest_stall_microseconds", longestStall.load(ordering: .relaxed) / 1000)
            report("look_\(look)_blocks", answer.number("live_blocks") ?? -1)
            report("look_\(look)_nodes", answer.row("TestHost.HeapSize.Node")?.count ?? -1)
            report("look_\(look)_live_mebibytes", (answer.number("live_bytes") ?? 0) >> 20)
            report("look_\(look)_resident_growth_mebibytes", Int(Proc.status("VmRSS") / 1024) - Int(residentBefore))
        }
        report("nodes", held.count)
        report("peak_over_resident_mebibytes", (Int(Proc.status("VmHWM")) - Int(Proc.status("VmRSS"))) / 1024)
        server.stop()
    }

    /// Half of the blocks are objects, half are C blocks that make up the bytes.
    private static func fill(_ blocks: Int, _ bytes: Int) {
        let size = max(24, 2 * bytes / max(1, blocks) - 48)
        held.reserveCapacity(blocks / 2)
        raw.reserveCapacity(blocks / 2)
        for number in 0..<blocks / 2 {
            held.append(Node())
            let block = malloc(size - number % 16)
            if let block { memset(block, Int32(number & 0xff), size - 16) }
            raw.append(block)
        }
    }

    /// Allocates, touches new pages and maps memory, and notes the longest time that one round took.
    private static func probe() {
        while true {
            let start = now()
            let block = malloc(200)
            free(block)
            let size = 1 << 16
            if let pages = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
                pages != MAP_FAILED
            {
                memset(pages, 1, size)
                munmap(pages, size)
            }
            let took = now() - start
            if isLooking.load(ordering: .relaxed), took > longestStall.load(ordering: .relaxed) {
                longestStall.store(took, ordering: .relaxed)
            }
            usleep(50)
        }
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
