// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What Go's net/http/pprof answers, with its headers: `go tool pprof` shows an error's text only beside `X-Go-Pprof`.
import DebugVariables
import MicroHTTP
import ProcessSnapshot
import Profiles
import Symbols

/// The answers under `/debug/pprof/` other than the CPU profile.
enum PprofPages {
    static let debug = Parameter(name: "debug", kind: .integer(0...2))
    static let format = Parameter(name: "format", kind: .choice(["pprof", "folded"]))

    static func threads(_ request: RouteRequest) throws(Problem) -> Response {
        try answer("thread", StackProfiles(threads: ProcessView.threads(), tasks: nil), request)
    }

    static func tasks(_ request: RouteRequest) throws(Problem) -> Response {
        try answer("task", StackProfiles(threads: nil, tasks: ProcessView.tasks()), request)
    }

    static func goroutines(_ request: RouteRequest) throws(Problem) -> Response {
        // A program without tasks has threads all the same.
        try answer("goroutine", StackProfiles(threads: ProcessView.threads(), tasks: try? ProcessView.tasks()), request)
    }

    static func threadCreations() throws(Problem) -> Response {
        throw Problem(
            status: 501,
            sentence: "stacks that made the threads were asked for, but nobody keeps them in this build: "
                + "/debug/pprof/thread has where the threads are now")
    }

    /// Arguments joined by NUL, as Go does.
    static func commandLine(_ endpoint: Endpoint) -> Response {
        Response(
            contentType: "text/plain; charset=utf-8", body: Array(endpoint.arguments.joined(separator: "\0").utf8))
    }

    /// `0xA+0xB` in the query or the body; a line for each that is known. What is no address is passed over, as Go does.
    static func symbols(_ request: Request) -> Response {
        let asked =
            request.method == "POST"
            ? String(decoding: request.body, as: UTF8.self) : request.query.map(\.name).joined(separator: "+")
        var text = "num_symbols: 1\n"
        for word in asked.split(whereSeparator: { $0 == "+" || $0 == " " || $0 == "\n" }).prefix(10_000) {
            guard word.hasPrefix("0x"), let address = UInt(word.dropFirst(2), radix: 16),
                let function = Symbolizer.shared.frames(at: .instruction(address)).last?.function
            else { continue }
            text += "0x\(String(address, radix: 16)) \(function)\n"
        }
        return Response(contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    /// One form of a profile, as `debug` and `format` say.
    private static func answer(
        _ name: String, _ stacks: StackProfiles, _ request: RouteRequest
    ) throws(Problem) -> Response {
        let debug = request.query.integer("debug") ?? 0
        if request.query.text("format") == "folded" {
            guard debug == 0 else { throw incompatible }
            return text(stacks.profile(name).folded(rootLabels: ["kind", "name"]))
        }
        switch debug {
        case 0: return binary(name, stacks.profile(name))
        case 1: return text(stacks.profile(name).countText(name: name))
        default: return text(stacks.dump().text())
        }
    }

    static let incompatible = Problem(
        status: 400, sentence: "format=folded and debug are both given: give one of them")

    static func binary(_ name: String, _ profile: Profile) -> Response {
        Response(
            contentType: "application/octet-stream",
            headers: [("Content-Disposition", "attachment; filename=\"\(name)\"")],
            body: Gzip.compress(profile.pprof()) ?? profile.pprof())
    }

    static func text(_ body: [UInt8]) -> Response {
        Response(contentType: "text/plain; charset=utf-8", body: body)
    }
}
