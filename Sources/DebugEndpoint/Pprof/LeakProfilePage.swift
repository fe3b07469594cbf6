// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import MicroHTTP
import Profiles

/// `/debug/pprof/leak` and, under Go's name, `/debug/pprof/goroutineleak`: a sample for each thread and task that waits for ever.
enum LeakProfilePage {
    static let parameters = [PprofPages.debug, PprofPages.format]

    static func answer(_ name: String, _ request: RouteRequest) throws(Problem) -> Response {
        let debug = request.query.integer("debug") ?? 0
        let isFolded = request.query.text("format") == "folded"
        guard !(isFolded && debug > 0) else { throw PprofPages.incompatible }
        let report = try LeaksPage.report()
        if isFolded { return PprofPages.text(profile(name, report).folded(rootLabels: ["verdict", "kind", "name"])) }
        switch debug {
        case 0: return PprofPages.binary(name, profile(name, report))
        case 1: return PprofPages.text(profile(name, report).countText(name: name))
        default: return PprofPages.text(dump(report).text())
        }
    }

    static func profile(_ name: String, _ report: LeakReport) -> Profile {
        var table = SampleTable(.count(of: name))
        for leak in report.leaks {
            var labels = [Label("kind", leak.kind.rawValue), Label("verdict", leak.verdict.rawValue)]
            if let name = leak.name { labels.append(Label("name", name)) }
            table.add(lookup(leak), [1], labels: labels)
        }
        return table.profile(
            mappings: ProcessView.mappings(), time: ProcessView.nanosecondsSince1970(),
            comments: report.unknown.map { unknown in
                let whom = unknown.id == 0 ? "any \(unknown.kind.rawValue)" : "\(unknown.kind.rawValue) \(unknown.id)"
                return "nothing is said of \(whom): \(unknown.reason)"
            }, locate: ProcessView.locate)
    }

    static func dump(_ report: LeakReport) -> Dump {
        let addresses = Array(Set(report.leaks.flatMap(lookup)))
        let locations = Dictionary(
            zip(addresses, ProcessView.locate(addresses)), uniquingKeysWith: { first, _ in first })
        return Dump(
            report.leaks.map { leak in
                DumpEntry(
                    kind: leak.kind.rawValue, id: leak.id, state: "leaked, waiting on \(leak.waitingOn.primitive)",
                    duration: leak.blocked, remarks: [leak.verdict.rawValue, leak.reason],
                    labels: leak.name.map { [Label("name", $0)] } ?? [],
                    stack: lookup(leak).compactMap { locations[$0] },
                    note: leak.stack.isEmpty ? "no stack could be read" : nil)
            }, mappings: ProcessView.mappings())
    }

    /// The stack as addresses to look up: of a return address, the byte before. Inlined functions have that of their caller.
    private static func lookup(_ leak: Leak) -> [UInt] {
        var addresses: [UInt] = []
        var isInlined = false
        for frame in leak.stack {
            if !isInlined {
                addresses.append(leak.kind == .thread && !addresses.isEmpty ? frame.address &- 1 : frame.address)
            }
            isInlined = frame.isInlined
        }
        return addresses
    }
}
