// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc
import Synchronization

/// /debug/heap while threads allocate and free as fast as they can, while one holds locks for ever, and for many clients at once.
enum HeapUnrest {
    final class Steady { var number = 1 }
    final class Fleeting { var numbers = (1, 2, 3) }

    private static let churned = Atomic(0)
    private static let lock = Mutex(0)
    private static let door = Door()

    @Sendable static func run() throws {
        let server = try startServer()
        let client = DebugClient(server)
        let steady = (0..<5000).map { _ in Steady() }
        for seed in 0..<3 { startThread { churn(UInt64(seed) + 1) } }
        var answers = 0
        var held = 0
        var sums = true
        let before = churned.load(ordering: .relaxed)
        for _ in 0..<12 {
            let answer = try HeapAnswer(client, "/debug/heap?format=json")
            if answer.status == 200 { answers += 1 }
            if answer.row("TestHost.HeapUnrest.Steady")?.count == steady.count { held += 1 }
            sums = sums && answer.addsUp
        }
        report("answers", answers)
        report("held", held)
        report("churned", churned.load(ordering: .relaxed) > before + 1000)
        report("sums_are_resident", sums)
        try stick(client)
        askAtOnce(client)
        let pending = PendingAnswer(client, "/debug/heap?format=json")
        let start = ContinuousClock.now
        server.stop()
        report("stop_milliseconds", Int((ContinuousClock.now - start) / .milliseconds(1)))
        _ = pending.wait()
        withExtendedLifetime(steady) {}
    }

    /// A thread that never comes back holds the loader's lock and one of ours.
    private static func stick(_ client: DebugClient) throws {
        startThread {
            lock.withLock { _ in
                HiddenFunctions.forEachImage { _, _, _ in
                    HeapUnrest.door.wait()
                    return 1
                }
            }
        }
        eventually { door.arrived == 1 }
        report("status_while_a_lock_is_held", try client.get("/debug/heap?format=json").status)
        door.open()
    }

    private static func askAtOnce(_ client: DebugClient) {
        let pending = (0..<8).map { _ in PendingAnswer(client, "/debug/heap?format=json&top=0") }
        let answers = pending.map { $0.wait() }
        report("statuses_at_once", answers.allSatisfy { $0?.status == 200 } ? 200 : 0)
        report("ids_at_once", Set(answers.map { $0?.text.split(separator: "\n").first.map(String.init) ?? "" }).count)
    }

    private static func churn(_ seed: UInt64) {
        var state = seed
        var objects: [AnyObject] = []
        var blocks: [UnsafeMutableRawPointer?] = []
        while true {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            objects.append(Fleeting())
            blocks.append(malloc(Int(state >> 50) + 1))
            if objects.count > 500 { objects.removeAll() }
            if blocks.count > 300 {
                for block in blocks { free(block) }
                blocks.removeAll()
            }
            churned.wrappingAdd(1, ordering: .relaxed)
        }
    }
}
