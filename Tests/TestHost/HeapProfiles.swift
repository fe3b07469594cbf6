// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc

/// Heap profiles of a process that allocates known amounts at five places.
enum HeapProfiles {
    @Sendable static func run() throws {
        var configuration = DebugServer.Configuration(address: .loopback(port: 0), registry: VariableRegistry())
        configuration.heapSamplingRate = 2048
        let server = try DebugServer.start(configuration)
        let client = DebugClient(server)
        let start = ContinuousClock.now
        _ = try client.get("/debug/pprof/heap")  // learns the symbols, which takes its time once
        report("first_milliseconds", Int((ContinuousClock.now - start) / .milliseconds(1)))
        let kept = KnownAllocations.Kept()
        kept.make()
        try reportSites("made", client, "heap", "allocs")
        try reportForms(client)
        kept.free(part: 0, of: 2)
        try reportSites("half_freed", client, "heap", "allocs")

        // What is in use stays what it is; what was allocated is only what was meanwhile.
        let pending = (
            PendingAnswer(client, "/debug/pprof/heap?seconds=6&format=folded"),
            PendingAnswer(client, "/debug/pprof/allocs?seconds=6&format=folded")
        )
        let begun = ContinuousClock.now
        eventually { ContinuousClock.now - begun > .seconds(2) }
        kept.make(part: 0, of: 4)
        if let heap = pending.0.wait(), let allocations = pending.1.wait() {
            reportSites("meanwhile", heap, allocations)
        }
        report("difference_milliseconds", pending.0.durationInMilliseconds)
        try reportOwn(client)
        kept.free()
        try reportSites("all_freed", client, "heap", "allocs")
        try stop(server, client)
    }

    private static func reportSites(
        _ moment: String, _ client: DebugClient, _ heap: String, _ allocations: String
    ) throws {
        reportSites(
            moment, try client.get("/debug/pprof/\(heap)?format=folded"),
            try client.get("/debug/pprof/\(allocations)?format=folded"))
    }

    /// Bytes in use and allocated, in percent of what the place makes in all.
    private static func reportSites(_ moment: String, _ heap: DebugClient.Answer, _ allocations: DebugClient.Answer) {
        for site in KnownAllocations.sites {
            for (kind, answer) in [("in_use", heap), ("allocated", allocations)] {
                let bytes = answer.foldedStacks.filter { $0.stack.contains("KnownAllocations.\(site.name)(") }
                    .map(\.count).reduce(0, +)
                report("\(moment)_\(kind)_\(site.name)", Double(bytes * 10_000 / (site.size * site.count)) / 100)
            }
        }
    }

    private static func reportForms(_ client: DebugClient) throws {
        let stacks = try client.get("/debug/pprof/allocs?format=folded").foldedStacks
        func heaviest(_ name: String) -> String {
            stacks.filter { $0.stack.contains("KnownAllocations.\(name)(") }.max { $0.count < $1.count }
                .map { String($0.stack) } ?? "none"
        }
        for site in KnownAllocations.sites { report("stack_of_\(site.name)", heaviest(site.name)) }
        let binary = try client.get("/debug/pprof/heap?gc=1")
        report("binary_status", binary.status)
        report("binary_type", binary.header("Content-Type") ?? "none")
        report("binary_disposition", binary.header("Content-Disposition") ?? "none")
        report("binary_is_gzip", binary.body.starts(with: [0x1f, 0x8b]))
        let text = try client.get("/debug/pprof/heap?debug=1")
        report("text_head", text.text.split(separator: "\n").first ?? "none")
        report("text_type", text.header("Content-Type") ?? "none")
        report("text_is_that_of_debug_2", try client.get("/debug/pprof/heap?debug=2").text.hasPrefix("heap profile: "))
        for name in ["Mallocs", "Frees", "TotalAlloc", "HeapObjects", "MaxRSS"] {
            let line = text.text.split(separator: "\n").last { $0.hasPrefix("# \(name) = ") }
            report("text_\(name)", line?.split(separator: " ").last ?? "none")
        }
        let both = try client.get("/debug/pprof/heap?debug=1&seconds=1")
        report("status_of_debug_with_seconds", both.status)
    }

    /// By default nothing that the endpoint allocated is there, with own=1 it is, under a root of its own.
    private static func reportOwn(_ client: DebugClient) throws {
        let host = try client.get("/debug/pprof/allocs?format=folded").foldedStacks
        let all = try client.get("/debug/pprof/allocs?own=1&format=folded").foldedStacks
        func endpoint(_ stacks: [(stack: Substring, count: Int)]) -> Int {
            stacks.filter { $0.stack.contains("RouteTable.answer(") }.map(\.count).reduce(0, +)
        }
        report("own_bytes_by_default", endpoint(host))
        report("own_bytes_on_demand", endpoint(all))
        let labelled = all.filter { $0.stack.hasPrefix("debug-endpoint;") }
        report("own_bytes_with_label", endpoint(labelled))
        report(
            "host_bytes_with_label",
            labelled.filter { $0.stack.contains("KnownAllocations.") }.map(\.count).reduce(0, +))
        report("stacks_of_own_threads_by_default", host.filter { $0.stack.contains("MHD_") }.count)
        for stack in host.filter({ $0.stack.contains("MHD_") || $0.stack.contains("HTTPServer") }).prefix(5) {
            report("own_stack_by_default", stack.stack)
        }
    }

    private static func stop(_ server: DebugServer, _ client: DebugClient) throws {
        let pending = PendingAnswer(client, "/debug/pprof/heap?seconds=200")
        let begun = ContinuousClock.now
        eventually { ContinuousClock.now - begun > .milliseconds(500) }
        let start = ContinuousClock.now
        server.stop()
        report("stop_milliseconds", Int((ContinuousClock.now - start) / .milliseconds(1)))
        let answer = pending.wait()
        report("stopped_status", answer?.status ?? 0)
        report("stopped_sentence", answer?.text.split(separator: "\n").first.map(String.init) ?? "none")
    }
}
