// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpointTesting
import MicroHTTP
import Testing

@testable import DebugEndpoint
@testable import ProcessSnapshot

@Suite struct WaiterFilterTests {
    @Test(
        arguments: [
            ([("state", "waiting")], [12, 11]), ([("state", "any")], [12, 11, 10, 13]),
            ([("name", "worker-*")], [12, 11, 13]),
            ([("name", "main,*-3")], [10, 13]), ([("min_seconds", "3")], [12, 11]), ([("min_seconds", "3.2")], [12]),
            ([("min_seconds", "0")], [12, 11, 10, 13]), ([("id", "13")], [13]), ([("id", "14")], []),
            ([("state", "waiting"), ("name", "*-1"), ("min_seconds", ".5")], [11]), ([("limit", "1")], [12]),
        ] as [([(String, String)], [Int])])
    func eachParameterTakesWhatItSays(query: [(String, String)], ids: [Int]) throws {
        let json = try MadeUpProcess.threadsPage(.json, MadeUpProcess.threads, query.map { (name: $0.0, value: $0.1) })
        let found = json.split(separator: "\n").compactMap { line in
            line.hasPrefix("{\"id\": ") ? Int(line.dropFirst(7).prefix { $0.isNumber }) : nil
        }
        #expect(found == ids)
        #expect(json.contains("\"totals\": {\"running\": 1, \"waiting\": 2, \"sleeping\": 1, \"stopped\": 0}"))
        #expect(json.contains("\"omitted\": \(query.first?.0 == "limit" ? 3 : 0),"))
    }

    @Test(arguments: [
        ("state", "blocked", "give running, waiting, sleeping, stopped or any"), ("state", "", "state has a value"),
        ("name", "", "name is not a list"), ("name", "[", "name is not a list"), ("name", "a,,b", "name is not a list"),
        ("name", "a\u{7}", "name is not a list"), ("min_seconds", "", "give 0 to 1000000000"),
        ("min_seconds", "-1", "min_seconds is no number"), ("min_seconds", "nan", "min_seconds is no number"),
        ("min_seconds", "1e3", "min_seconds is no number"), ("min_seconds", "0x10", "min_seconds is no number"),
        ("min_seconds", "1.2.3", "min_seconds is no number"), ("min_seconds", ".", "min_seconds is no number"),
        ("min_seconds", "1000000001", "min_seconds is no number"),
        ("min_seconds", String(repeating: "1", count: 10_000), "min_seconds is no number"),
        ("id", "-1", "id is no whole number"), ("id", "18446744073709551616", "id is no whole number"),
        ("limit", "100001", "give 0 to 100000"), ("limit", "+5", "limit is no whole number"),
        ("format", "xml", "give text, json or html"), ("view", "tree", "which takes state, name, min_seconds"),
        ("States", "any", "unknown to /debug/threads"),
    ])
    func whatIsMalformedIsRefusedWithASentence(name: String, value: String, words: String) {
        let problem = #expect(throws: Problem.self) {
            try Query([(name, value)], parameters: ThreadsPage.parameters, path: "/debug/threads")
        }
        #expect(problem?.status == 400)
        #expect(problem?.sentence.contains(words) ?? false, "\(problem?.sentence ?? "")")
        #expect(value.count < 4 || value == "tree" || !(problem?.sentence.contains(value) ?? true))
    }

    @Test func aParameterThatIsGivenTwiceIsRefused() {
        #expect(throws: Problem.self) {
            try Query(
                [("state", "waiting"), ("state", "waiting")], parameters: ThreadsPage.parameters, path: "/debug/threads"
            )
        }
    }

    @Test func aViewIsForTasksOnly() throws {
        let query = try Query([("view", "tree")], parameters: TasksPage.parameters, path: "/debug/tasks")
        #expect(query.text("view") == "tree")
    }

    @Test func namesMayHaveAnyCharacter() throws {
        let threads = [MadeUpProcess.thread(1, "NIO-ELT-0-#1"), MadeUpProcess.thread(2, "größe, 10 %")]
        for (pattern, id) in [("NIO-ELT-*-#?", 1), ("gr??e? 10 [%]", 2), ("größe*", 2)] {
            let json = try MadeUpProcess.threadsPage(.json, threads, [("name", pattern)])
            #expect(json.contains("{\"id\": \(id),") && json.contains("\"matched\": 1,"), "\(pattern)")
        }
    }

    @Test func theFormSendsNoFieldThatWouldBeRefused() throws {
        let html = try MadeUpProcess.threadsPage(.html, MadeUpProcess.threads)
        #expect(html.contains("<option>any</option>"))
        #expect(html.contains("name=\"name\" required maxlength=\"1000\" value=\"*\""))
        #expect(html.contains("name=\"min_seconds\" required inputmode=\"decimal\" value=\"0\""))
        let asSent = [("state", "any"), ("name", "*"), ("min_seconds", "0")].map { (name: $0.0, value: $0.1) }
        #expect(try MadeUpProcess.threadsPage(.html, MadeUpProcess.threads, asSent).contains("id=\"thread-13\""))
    }

    @Test func theFormShowsTheQueryAndItsLinksCarryIt() throws {
        let query = [("state", "waiting"), ("name", "w*-1&\"<b>"), ("min_seconds", "2.5")].map {
            (name: $0.0, value: $0.1)
        }
        let html = try MadeUpProcess.threadsPage(.html, MadeUpProcess.threads, query)
        #expect(html.contains("<option selected>waiting</option>"))
        #expect(html.contains("value=\"w*-1&amp;&quot;&lt;b&gt;\""))
        #expect(
            html.contains(
                "href=\"/debug/threads?format=json&amp;state=waiting&amp;name=w%2A-1%26%22%3Cb%3E&amp;min_seconds=2.5\""
            ))
    }

    @Test(arguments: [
        ("", "text"), ("*/*", "text"), ("text/html,application/xhtml+xml,*/*;q=0.8", "html"),
        ("application/json", "json"), ("application/json, text/plain, */*", "json"),
        ("text/plain, text/html;q=0.5", "text"),
        ("application/json;q=0.2, text/html;q=0.9", "html"), ("application/json;q=0", "text"), ("image/png", "text"),
    ])
    func theFormFollowsTheAcceptHeader(accept: String, format: String) {
        #expect(PageFormat.preferred(QualityValues(accept)).rawValue == format)
    }

    @Test func aFormatThatIsAskedForIsGivenWhateverTheAcceptHeaderSays() throws {
        let query = try Query([("format", "json")], parameters: ThreadsPage.parameters, path: "/debug/threads")
        let request = RouteRequest(
            request: Request(path: "/debug/threads", headers: [("Accept", "text/html")]), query: query)
        let answer = ThreadsPage.answer(
            request, ThreadsSnapshot(threads: MadeUpProcess.threads, unknown: [], pause: .zero), pause: nil,
            MadeUpProcess.symbolicate
        )
        #expect(answer.contentType == "application/json; charset=utf-8")
        #expect(answer.headers.contains { $0 == ("Vary", "Accept") })
        #expect(answer.body.starts(with: Array("{\"threads\": [".utf8)))
    }

    @Test func aTreeIsATreeInHTMLAndAListInJSON() throws {
        let tasks = TasksSnapshot(tasks: MadeUpProcess.tasks, unknown: [])
        for (accept, start) in [("text/html", "<!doctype html>"), ("application/json", "{\"tasks\": [")] {
            let request = RouteRequest(
                request: Request(path: "/debug/tasks", headers: [("Accept", accept)]),
                query: try Query([("view", "tree")], parameters: TasksPage.parameters, path: "/debug/tasks"))
            let answer = TasksPage.answer(request, tasks, seen: [17: .seconds(3)], MadeUpProcess.symbolicate)
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(text.hasPrefix(start))
            #expect(text.contains("tasks by parent") == (accept == "text/html"))
        }
    }
}
