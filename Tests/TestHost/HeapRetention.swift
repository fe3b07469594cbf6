// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc

/// Memory that is freed while a block here and there keeps its pages from going back, and what /debug/heap makes of it.
enum HeapRetention {
    nonisolated(unsafe) private static var blocks: [UnsafeMutableRawPointer?] = []

    @Sendable static func run() throws {
        let server = try startServer()
        let client = DebugClient(server)
        let empty = try look(client)
        for _ in 0..<(96 << 20) / 2048 {
            let block = malloc(2000)
            if let block { memset(block, 1, 2000) }
            blocks.append(block)
        }
        let filled = try look(client)
        report("live_growth_filled", growth("live_bytes", empty, filled))
        report("sentence_filled", filled.sentence)
        // One block of a mebibyte lives on.
        for index in blocks.indices where index % 512 != 0 {
            free(blocks[index])
            blocks[index] = nil
        }
        let freed = try look(client, since: empty.id)
        report("retained_growth_freed", growth("retained_bytes", empty, freed))
        report("sentence_freed", freed.sentence)
        report("arena_retained_growth", (freed.arenas("main") - empty.arenas("main")) >> 20)
        trim()
        let trimmed = try look(client)
        report("retained_growth_trimmed", growth("retained_bytes", freed, trimmed))
        let door = Door()
        for _ in 0..<8 {
            startThread { dig(300) { door.wait() } }
        }
        eventually { door.arrived == 8 }
        let threads = try look(client)
        report("stack_growth", growth("stack_bytes", trimmed, threads))
        report("sums_are_resident", [empty, filled, freed, trimmed, threads].allSatisfy(\.addsUp))
        door.open()
        server.stop()
    }

    /// Calls `body` below so many frames of about a kibibyte, which is what a temporary allocation may take of the stack.
    @inline(never) private static func dig(_ depth: Int, _ body: () -> Void) {
        withUnsafeTemporaryAllocation(byteCount: 1000, alignment: 16) { buffer in
            _ = buffer.initializeMemory(as: UInt8.self, repeating: UInt8(truncatingIfNeeded: depth))
            if depth > 0 { dig(depth - 1, body) } else { body() }
        }
    }

    private static func look(_ client: DebugClient, since: Int? = nil) throws -> HeapAnswer {
        try HeapAnswer(client, "/debug/heap?format=json" + (since.map { "&since=\($0)" } ?? ""))
    }

    private static func growth(_ name: String, _ before: HeapAnswer, _ after: HeapAnswer) -> Int {
        ((after.number(name) ?? 0) - (before.number(name) ?? 0)) >> 20
    }

    private static func trim() {
        typealias Function = @convention(c) (Int) -> Int32
        let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "malloc_trim")!  // RTLD_DEFAULT
        _ = unsafeBitCast(symbol, to: Function.self)(0)
    }
}
