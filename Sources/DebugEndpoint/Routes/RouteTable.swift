// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import MicroHTTP
import ProcessSnapshot
import RuntimeMetrics

/// Every path of the endpoint, and the way from a request to its route. `openapi.yaml` says the same for clients.
enum RouteTable {
    static let routes: [Route] = [
        Route(
            path: "/debug/", sentence: "this page: every path and what it shows",
            answer: { (request, endpoint) throws(Problem) in IndexPage.answer(request, endpoint) }),
        Route(
            path: "/debug/vars",
            sentence: "named variables as JSON, in the form of Go's expvar; ?match=http_* takes some",
            parameters: [Parameter(name: "match", kind: .patterns)],
            state: { VariablesPage.state($0) },
            answer: { (request, endpoint) throws(Problem) in VariablesPage.answer(request, endpoint) }),
        Route(
            path: "/metrics",
            sentence: "the same variables and the runtime metrics for Prometheus, as text or OpenMetrics",
            answer: { (request, endpoint) throws(Problem) in MetricsPage.answer(request, endpoint) }),
        Route(
            path: RuntimeMetricsPage.path,
            sentence: "what the runtime and the kernel know of this process, described; ?match=/memory/*",
            parameters: RuntimeMetricsPage.parameters, state: { _ in "\(RuntimeMetrics.all.count) metrics" },
            answer: { (request, _) throws(Problem) in RuntimeMetricsPage.answer(request) }),
        Route(
            path: "/debug/threads", sentence: "every thread: state, what it waits for, who holds that, and its stack",
            parameters: ThreadsPage.parameters, state: { _ in ProcessView.threadCount.map { "\($0) threads" } ?? "on" },
            answer: { (request, _) throws(Problem) in
                let threads = try ProcessView.threads()
                return ThreadsPage.answer(request, threads, pause: threads.pause, ProcessView.symbolicate)
            }),
        Route(
            path: "/debug/tasks",
            sentence: "every Swift task: state, what it waits for, and its async stack; ?view=tree",
            parameters: TasksPage.parameters,
            state: { _ in (try? ProcessView.tasks().tasks.count).map { "\($0) tasks" } ?? "off" },
            answer: { (request, endpoint) throws(Problem) in
                let tasks = try ProcessView.tasks()
                let seen = endpoint.sightings.look(at: tasks, now: .now)
                return TasksPage.answer(request, tasks, seen: seen, ProcessView.symbolicate)
            }),
        Route(
            path: HeapPage.path,
            sentence:
                "live blocks by Swift type and size, and what is live, retained and resident; ?since=1 for growth",
            parameters: HeapPage.parameters, state: { _ in ProcessView.heapState },
            answer: { (request, _) throws(Problem) in try HeapPage.answer(request, .shared) }),
        Route(
            path: LeaksPage.path,
            sentence: "threads and tasks that wait for something that nobody alive can ever do, and why",
            parameters: LeaksPage.parameters, state: { _ in LeaksPage.state },
            answer: { (request, _) throws(Problem) in try LeaksPage.answer(request) }),
        Route(
            path: "/debug/pprof/", sentence: "profiles for go tool pprof, with a sentence each",
            answer: { (_, endpoint) throws(Problem) in PprofIndexPage.answer(endpoint) }),
        Route(
            path: "/debug/pprof/profile", sentence: "CPU profile; ?seconds=30&hz=100, ?format=folded for flame graphs",
            parameters: CPUProfilePage.parameters,
            answer: { (request, _) throws(Problem) in try CPUProfilePage.answer(request) }),
        Route(
            path: "/debug/pprof/heap",
            sentence: "which stacks hold memory; ?seconds=30 for what is allocated meanwhile, ?debug=1, ?format=folded",
            parameters: HeapProfilePage.parameters, state: { _ in HeapProfilePage.state },
            answer: { (request, endpoint) throws(Problem) in try HeapProfilePage.heap(request, endpoint) }),
        Route(
            path: "/debug/pprof/allocs", sentence: "the same, but shown by what was ever allocated",
            parameters: HeapProfilePage.parameters, state: { _ in HeapProfilePage.state },
            answer: { (request, endpoint) throws(Problem) in try HeapProfilePage.allocations(request, endpoint) }),
        Route(
            path: "/debug/pprof/thread", sentence: "where the threads are; ?debug=1, ?debug=2, ?format=folded",
            parameters: [PprofPages.debug, PprofPages.format],
            answer: { (request, _) throws(Problem) in try PprofPages.threads(request) }),
        Route(
            path: "/debug/pprof/task", sentence: "where the tasks are; ?debug=1, ?debug=2, ?format=folded",
            parameters: [PprofPages.debug, PprofPages.format],
            answer: { (request, _) throws(Problem) in try PprofPages.tasks(request) }),
        Route(
            path: "/debug/pprof/goroutine",
            sentence: "threads and tasks together, under the name that scrapers ask for",
            parameters: [PprofPages.debug, PprofPages.format],
            answer: { (request, _) throws(Problem) in try PprofPages.goroutines(request) }),
        Route(
            path: "/debug/pprof/leak",
            sentence: "where the threads and tasks are that wait for ever; ?debug=1, ?debug=2, ?format=folded",
            parameters: LeakProfilePage.parameters, state: { _ in LeaksPage.state },
            answer: { (request, _) throws(Problem) in try LeakProfilePage.answer("leak", request) }),
        Route(
            path: "/debug/pprof/goroutineleak", sentence: "the same, under Go's name",
            parameters: LeakProfilePage.parameters, state: { _ in LeaksPage.state },
            answer: { (request, _) throws(Problem) in try LeakProfilePage.answer("goroutineleak", request) }),
        Route(
            path: "/debug/pprof/threadcreate",
            sentence: "what made the threads: refused, as nobody keeps it in this build",
            parameters: [PprofPages.debug, PprofPages.format], state: { _ in "off" },
            answer: { (_, _) throws(Problem) in try PprofPages.threadCreations() }),
        Route(
            path: "/debug/pprof/cmdline", sentence: "the command line, arguments separated by NUL",
            answer: { (_, endpoint) throws(Problem) in PprofPages.commandLine(endpoint) }),
        Route(
            path: "/debug/pprof/symbol", sentence: "names of functions for addresses, 0xA+0xB as the query or POSTed",
            takesPost: true, takesRawQuery: true,
            answer: { (request, _) throws(Problem) in PprofPages.symbols(request.request) }),
        Route(
            path: "/openapi.yaml", sentence: "the contract of this endpoint, OpenAPI 3.1",
            answer: { (_, _) throws(Problem) in
                Response(contentType: "application/yaml; charset=utf-8", body: PackageResources.openapi_yaml)
            }),
    ]

    static func answer(_ request: Request, _ endpoint: Endpoint) -> Response {
        var response = find(request, endpoint)
        // Without it, go tool pprof keeps an error's sentence to itself.
        if response.status >= 400, request.path.hasPrefix("/debug/pprof/") {
            response.headers.append(("X-Go-Pprof", "1"))
        }
        return response
    }

    private static func find(_ request: Request, _ endpoint: Endpoint) -> Response {
        guard let route = routes.first(where: { $0.path == request.path }) else {
            if let folder = routes.first(where: { $0.path == request.path + "/" }) {
                return .text("this page is at \(folder.path)", status: 307, headers: [("Location", folder.path)])
            }
            return .text(
                "there is no page at this path: the nearest is \(nearest(to: request.path)), and /debug/ lists all",
                status: 404)
        }
        guard route.takes(request.method) else {
            return .text(
                "\(route.path) is only read: use \(route.takesPost ? "GET, HEAD or POST" : "GET or HEAD")", status: 405,
                headers: [("Allow", route.allow)])
        }
        do throws(Problem) {
            let query = route.takesRawQuery ? Query() : try Query(request.query, for: route)
            return try route.answer(RouteRequest(request: request, query: query), endpoint)
        } catch {
            return error.response
        }
    }

    static func nearest(to path: String) -> String {
        let asked = Array(path.utf8.prefix(100))
        return routes.map(\.path).min { distance(asked, Array($0.utf8)) < distance(asked, Array($1.utf8)) } ?? "/debug/"
    }

    /// The Levenshtein distance: how many bytes must be added, removed or replaced.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, byte) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in b.enumerated() {
                let replaced = diagonal + (byte == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[b.count]
    }
}
