// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc
import Synchronization

/// Has a computed variable that blocks until it is released, and asks for others meanwhile.
enum BlockedVariable {
    @Sendable static func run() throws {
        let registry = VariableRegistry()
        let door = Door()
        registry.counter("fast_total").increment()
        registry.computed("stuck") {
            door.wait()
            return .int(7)
        }
        let server = try startServer(registry)
        let client = DebugClient(server)
        let stuck = Mutex<[String]>([])
        for _ in 0..<2 {
            startThread {
                let text = (try? client.get("/debug/vars?match=stuck").text) ?? "no answer"
                stuck.withLock { $0.append(text) }
            }
        }
        report("stuck_requests_running", eventually { door.arrived == 2 } ? 2 : door.arrived)

        var right = 0
        var slowest: Duration = .zero
        let deadline = ContinuousClock.now + .seconds(5)
        var rounds = 0
        // For as long as five seconds, or five hundred rounds, the stuck ones are stuck.
        while ContinuousClock.now < deadline, rounds < 500 {
            rounds += 1
            let start = ContinuousClock.now
            if try client.get("/debug/vars?match=fast_*").text.contains("\"fast_total\": 1") { right += 1 }
            if try client.get("/debug/").status == 200 { right += 1 }
            registry.counter("fast_total_\(rounds)").increment()
            slowest = max(slowest, ContinuousClock.now - start)
        }
        report("rounds", rounds)
        report("right_answers", right)
        report("slowest_milliseconds", Int(slowest / .milliseconds(1)))
        report("stuck_answers_meanwhile", stuck.withLock { $0.count })

        door.open()
        eventually { stuck.withLock { $0.count } == 2 }
        report("stuck_answers_afterwards", stuck.withLock { $0.filter { $0.contains("\"stuck\": 7") }.count })
        server.stop()
    }
}
