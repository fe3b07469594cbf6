// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc

/// What was allocated before anybody asked the endpoint for anything.
enum HeapBeforeALook {
    @Sendable static func run() throws {
        var configuration = DebugServer.Configuration(address: .loopback(port: 0), registry: VariableRegistry())
        configuration.heapSamplingRate = 64 * 1024
        let server = try DebugServer.start(configuration)
        report("symbols_are_read", Proc.symbolsAreRead())
        let kept = KnownAllocations.Kept()
        kept.make(part: 0, of: 10)
        let stacks = try DebugClient(server).get("/debug/pprof/heap?format=folded").foldedStacks
        let task = stacks.filter { $0.stack.contains("KnownAllocations.makeInATask(") }.max { $0.count < $1.count }
        report("stack", task.map { String($0.stack) } ?? "none")
        server.stop()
    }
}

/// A server that takes no samples, and one after it that does.
enum UnsampledHeap {
    @Sendable static func run() throws {
        var configuration = DebugServer.Configuration(address: .loopback(port: 0), registry: VariableRegistry())
        configuration.heapSamplingRate = 0
        let server = try DebugServer.start(configuration)
        let client = DebugClient(server)
        let refusal = try client.get("/debug/pprof/heap")
        report("status", refusal.status)
        report("sentence", refusal.text.split(separator: "\n").first.map(String.init) ?? "none")
        report("has_pprof_header", refusal.header("X-Go-Pprof") == "1")
        let line = try client.get("/debug/").text.split(separator: "\n").first { $0.hasPrefix("/debug/pprof/heap ") }
        report("state", line?.split(separator: " ").dropFirst().first ?? "none")
        server.stop()

        configuration.heapSamplingRate = 512 * 1024
        let next = try DebugServer.start(configuration)
        let text = try DebugClient(next).get("/debug/pprof/heap?debug=1")
        report("status_of_the_next_server", text.status)
        report("head_of_the_next_server", text.text.split(separator: "\n").first.map(String.init) ?? "none")
        next.stop()
    }
}
