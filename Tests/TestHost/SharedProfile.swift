// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Glibc
import Synchronization

/// Several clients want CPU profiles at once, and some leave early.
enum SharedProfile {
    @Sendable static func run() throws {
        let server = try startServer()
        let client = DebugClient(server)
        startThread { while true {} }  // something to sample
        try leaveAndReturn(client)
        _ = try client.get("/debug/threads")  // learns the symbols, which takes its time once
        try joinAndRefuse(client)
        try leave(client)
        try leaveOneOfTwo(client)
        try stop(server, client)
    }

    /// Two ask for the same, the second later; a third asks for something else.
    private static func joinAndRefuse(_ client: DebugClient) throws {
        let path = "/debug/pprof/profile?seconds=4&hz=200"
        let first = PendingAnswer(client, path)
        Profiling.begins()
        let second = join(client, path)
        let other = try client.get("/debug/pprof/profile?seconds=1&hz=200")
        report("other_status", other.status)
        report("other_retry_after", other.header("Retry-After") ?? "none")
        report("other_sentence", other.text.split(separator: "\n").first.map(String.init) ?? "none")
        let (one, two) = (first.wait(), second.wait())
        report("first_status", one?.status ?? 0)
        report("second_status", two?.status ?? 0)
        report("bodies_are_the_same", one != nil && one?.body == two?.body)
        report("body_size", one?.body.count ?? 0)
        report("first_milliseconds", first.durationInMilliseconds)
        report("milliseconds_of_both", max(first.durationInMilliseconds, second.durationInMilliseconds))
        // The next run is one of its own.
        report("next_is_the_same", try client.get("/debug/pprof/profile?seconds=1&hz=200").body == one?.body)
    }

    /// The one who asked goes away. Until then others are refused.
    private static func leave(_ client: DebugClient) throws {
        let connection = try ask(client, "/debug/pprof/profile?seconds=200")
        report("status_beside_a_long_run", try client.get(Self.short).status)
        close(connection)
        report("status_once_it_has_gone", retry(client))
    }

    /// Somebody asks for the same while the run of one who has gone is being ended. That takes longest in the first run of
    /// all, which has the symbols to learn.
    private static func leaveAndReturn(_ client: DebugClient) throws {
        let path = "/debug/pprof/profile?seconds=3"
        let connection = try ask(client, path)
        let start = ContinuousClock.now
        eventually { ContinuousClock.now - start > .milliseconds(500) }
        close(connection)
        eventually { Profiling.timerCount == 0 }
        let next = PendingAnswer(client, path)
        let answer = next.wait()
        report("status_of_who_returned", answer?.status ?? 0)
        report("retry_after_of_who_returned", answer?.header("Retry-After") ?? "none")
        report("milliseconds_of_who_returned", next.durationInMilliseconds)
        report("status_of_who_returned_again", retry(client))
    }

    /// Of two who share a run the one whose request began it goes away; the other has its profile all the same.
    private static func leaveOneOfTwo(_ client: DebugClient) throws {
        let path = "/debug/pprof/profile?seconds=6&format=folded"
        let connection = try ask(client, path)
        // Near the run's end: who shares it is done sooner than with one of its own, on a busy machine too.
        let start = ContinuousClock.now
        eventually { ContinuousClock.now - start > .seconds(5) }
        let second = join(client, path)
        close(connection)
        let answer = second.wait()
        report("status_of_who_stays", answer?.status ?? 0)
        report("samples_of_who_stays", answer?.foldedStacks.map(\.count).reduce(0, +) ?? 0)
        report("milliseconds_of_who_stays", second.durationInMilliseconds)
        report("status_afterwards", retry(client))
    }

    private static func stop(_ server: DebugServer, _ client: DebugClient) throws {
        let path = "/debug/pprof/profile?seconds=200"
        let first = PendingAnswer(client, path)
        Profiling.begins()
        let second = join(client, path)
        let start = ContinuousClock.now
        server.stop()
        report("stop_milliseconds", Int((ContinuousClock.now - start) / .milliseconds(1)))
        let (one, two) = (first.wait(), second.wait())
        report("stopped_status", one?.status ?? 0)
        report("stopped_sentence", one?.text.split(separator: "\n").first.map(String.init) ?? "none")
        report("stopped_status_of_the_second", two?.status ?? 0)
        report(
            "timers_after_stop",
            eventually(within: .seconds(30)) { Profiling.timerCount == 0 } ? 0 : Profiling.timerCount)
        let next = try startServer()
        report("status_of_the_next_server", retry(DebugClient(next)))
        next.stop()
    }

    private static let short = "/debug/pprof/profile?seconds=1&hz=50"

    /// Sends the request and returns once its run has begun.
    private static func ask(_ client: DebugClient, _ path: String) throws -> Int32 {
        let connection = try client.connect()
        _ = client.write(Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8), to: connection)
        Profiling.begins()
        return connection
    }

    /// Asks for what is being taken already, and returns once the server has a thread for the request.
    private static func join(_ client: DebugClient, _ path: String) -> PendingAnswer {
        let threads = Proc.threadCount
        let answer = PendingAnswer(client, path)
        eventually(within: .seconds(30)) { Proc.threadCount >= threads + 2 }
        return answer
    }

    /// The status once it is no longer 503; the server takes a moment to learn who has gone.
    private static func retry(_ client: DebugClient) -> Int {
        var status = 0
        eventually(within: .seconds(30)) {
            status = (try? client.get(short).status) ?? 0
            return status != 503
        }
        return status
    }
}
