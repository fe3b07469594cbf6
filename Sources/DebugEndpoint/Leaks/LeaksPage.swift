// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import MicroHTTP

/// `/debug/leaks`: who waits for ever, as text, JSON or HTML.
enum LeaksPage {
    static let path = "/debug/leaks"
    static let parameters = [PageFormat.parameter, Parameter(name: "explain", kind: .waiter)]

    static func answer(_ request: RouteRequest) throws(Problem) -> Response {
        if let asked = request.query.text("explain").flatMap(WaiterID.init) {
            let format = PageFormat(request)
            return format.response(try explanation(asked).body(format))
        }
        let report = try report()
        let format = PageFormat(request)
        return format.response(body(format, report))
    }

    private static func explanation(_ asked: WaiterID) throws(Problem) -> LeakExplanation {
        let trail: LeakTrail?
        do throws(LeakDetector.Refusal) {
            let answer = try LeakDetector.explainForEndpoint(asked)
            if let explanation = answer.explanation { return explanation }
            trail = answer.trail
        } catch {
            throw Problem(error)
        }
        if trail?.subjects.count == 2 {
            throw Problem(
                status: 400,
                sentence: "\(asked.id) is a thread and a task: give thread-\(asked.id) or task-\(asked.id)")
        }
        let kind = asked.kind?.rawValue ?? "thread or task"
        throw Problem(
            status: 404,
            sentence:
                "there is no \(kind) \(asked.id) now: /debug/threads and /debug/tasks have the ids of those there are")
    }

    static func report() throws(Problem) -> LeakReport {
        do throws(LeakDetector.Refusal) {
            return try LeakDetector.scanForEndpoint()
        } catch {
            throw Problem(error)
        }
    }

    static func body(_ format: PageFormat, _ report: LeakReport) -> [UInt8] {
        switch format {
        case .json: report.json()
        case .text: LeakListing(report).text()
        case .html: LeakListing(report).html()
        }
    }

    /// For the index: what the last scan found.
    static var state: String {
        if LeakDetector.limitation != nil { return "off" }
        guard let last = LeakScanHistory.shared.last else { return "on" }
        let count = last.leaked
        return count == 0 ? "none" : "\(count) leaked"
    }
}

extension Problem {
    /// 503 for what another look is in the way of, 501 for what this process cannot show.
    init(_ refusal: LeakDetector.Refusal) {
        self.init(status: refusal.isTemporary ? 503 : 501, sentence: refusal.description)
        if refusal.isTemporary { headers = [("Retry-After", "1")] }
    }
}
