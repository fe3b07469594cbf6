// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc
import Synchronization

/// Three functions burn 70, 20 and 10 % of a processor's time. The second argument says where: thread or task.
enum Attribution {
    private static let isDone = Atomic(false)
    private static let sink = Atomic<UInt64>(0)
    private static let hertz = 500
    /// Enough processor time that chance moves a share by 1.5 points or so, at 250 ticks a second.
    private static let enough = 4 * hertz

    @Sendable static func run() throws {
        let isTask = CommandLine.arguments.dropFirst(2).first == "task"
        let server = try startServer()
        let client = DebugClient(server)
        _ = try client.get("/debug/threads")  // learns the symbols, which takes its time once
        if isTask {
            Task.detached { await serveTask() }
        } else {
            startThread { serveThread() }
        }

        var stacks: [(stack: Substring, count: Int)] = []
        // A busy machine may give us a part of a processor only.
        for _ in 0..<20 where stacks.map(\.count).reduce(0, +) < enough {
            let answer = try client.get("/debug/pprof/profile?seconds=4&hz=\(hertz)&format=folded")
            stacks += answer.foldedStacks.filter { $0.stack.contains("Attribution.burn(") }
        }
        let all = stacks.map(\.count).reduce(0, +)
        report("samples", all)
        for name in ["burnLarge", "burnMiddle", "burnSmall"] {
            let share = stacks.filter { $0.stack.contains("Attribution.\(name)(") }.map(\.count).reduce(0, +)
            report("percent_of_\(name)", all == 0 ? 0 : share * 1000 / all / 10)
        }
        // The callers, outermost first.
        let chain =
            isTask
            ? ["serveTask", "handleTask", "burnLargeTask", "burnLarge("]
            : ["serveThread", "handleThread", "burnLarge("]
        let large = stacks.filter { $0.stack.contains("Attribution.burnLarge(") }
        let inOrder = large.filter { isInOrder(chain, $0.stack) }.map(\.count).reduce(0, +)
        report("percent_with_callers_in_order", inOrder * 100 / max(1, large.map(\.count).reduce(0, +)))
        report("heaviest_stack", large.max { $0.count < $1.count }.map { String($0.stack) } ?? "none")
        isDone.store(true, ordering: .relaxed)
        server.stop()
    }

    private static func isInOrder(_ names: [String], _ stack: Substring) -> Bool {
        var rest = stack
        for name in names {
            guard let found = rest.firstRange(of: "Attribution." + name) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }

    @inline(never) private static func serveThread() {
        while !isDone.load(ordering: .relaxed) { handleThread() }
    }

    @inline(never) private static func handleThread() {
        burnLarge()
        burnMiddle()
        burnSmall()
    }

    @inline(never) private static func serveTask() async {
        while !isDone.load(ordering: .relaxed) { await handleTask() }
    }

    @inline(never) private static func handleTask() async {
        await burnLargeTask()
        await burnMiddleTask()
        await burnSmallTask()
    }

    @inline(never) private static func burnLargeTask() async {
        await Task.yield()
        burnLarge()
    }

    @inline(never) private static func burnMiddleTask() async {
        await Task.yield()
        burnMiddle()
    }

    @inline(never) private static func burnSmallTask() async {
        await Task.yield()
        burnSmall()
    }

    @inline(never) private static func burnLarge() { burn(70) }
    @inline(never) private static func burnMiddle() { burn(20) }
    @inline(never) private static func burnSmall() { burn(10) }

    /// Some microseconds a unit.
    @inline(never) private static func burn(_ units: Int) {
        var value: UInt64 = 1
        var rest = units * 2000
        while rest > 0 {
            value = value &* 6_364_136_223_846_793_005 &+ 1
            rest &-= 1
        }
        sink.store(value, ordering: .relaxed)
    }
}
