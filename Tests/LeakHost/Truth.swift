// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointClient
import Foundation
import Glibc

/// Everything stuck at once, with its controls; each must be found, nobody else accused.
enum Truth {
    private static let expected = StuckThreads.names.union(StuckTasks.names)

    static func run(scans: Int) throws {
        start()
        for scan in 1...scans {
            let report = try LeakDetector.scan()
            let found = Set(report.leaks.compactMap(\.name))
            print("scan_\(scan)_missed", expected.subtracting(found).sorted())
            print(
                "scan_\(scan)_accused",
                report.leaks.filter { !isStuck($0.name) }.map { "\($0.name ?? "?"): \($0.reason)" })
            print("scan_\(scan)_unknown", report.unknown.map { "\($0.kind) \($0.id): \($0.reason)" })
            print("scan_\(scan)_retracted", report.retracted)
        }
        exit(0)
    }

    /// What the first request to the endpoint says.
    static func answer() throws {
        start()
        let server = try DebugServer.start(.init(address: .loopback(port: 0)))
        let answer = try DebugClient(port: server.port).get("/debug/leaks?format=json")
        let report = try JSONDecoder().decode(Report.self, from: Data(answer.body))
        print("status", answer.status)
        print("missed", expected.subtracting(report.leaks.compactMap(\.name)).sorted())
        print("accused", report.leaks.compactMap(\.name).filter { !isStuck($0) })
        print("type_of_an_actor", report.type(named: "leak-behind"))
        print("type_of_a_continuation", report.type(named: "leak-unsafe"))
        let text = try DebugClient(port: server.port).get("/debug/leaks").text
        print("text_names_all", expected.allSatisfy { text.contains("\"\($0)\"") })
        exit(0)
    }

    /// Answers until its standard input ends. The first line of output is the port.
    static func serve() throws {
        start()
        let server = try DebugServer.start(.init(address: .loopback(port: 0)))
        print(server.port)
        fflush(nil)
        while readLine() != nil {}
        exit(0)
    }

    /// What is said of some of whom the truth is known, and of whom there is not.
    static func explain() throws {
        start()
        let server = try DebugServer.start(.init(address: .loopback(port: 0)))
        let client = DebugClient(port: server.port)
        func named(_ path: String, _ key: String) throws -> [String: Int] {
            let object = try JSONSerialization.jsonObject(with: Data(client.get(path + "?format=json").body))
            let rows = (object as? [String: Any])?[key] as? [[String: Any]] ?? []
            return Dictionary(
                rows.compactMap { row in (row["name"] as? String).map { ($0, row["id"] as? Int ?? 0) } },
                uniquingKeysWith: { first, _ in first })
        }
        let threads = try named("/debug/threads", "threads")
        let tasks = try named("/debug/tasks", "tasks")
        for (kind, names) in [("thread", threads), ("task", tasks)] {
            for (name, id) in names
            where name.hasPrefix("keep-") && !name.hasPrefix("keep-chain-") || name.hasPrefix("leak-")
                || name == "keep-chain-49"
            {
                let answer = try client.get("/debug/leaks?format=json&explain=\(kind)-\(id)")
                let explanation = try JSONDecoder().decode(Explanation.self, from: Data(answer.body))
                print(name, explanation.state, explanation.chain.map { "\($0.kind): \($0.description)" })
            }
        }
        print("nobody", try client.get("/debug/leaks?explain=999999999").status)
        print("malformed", try client.get("/debug/leaks?explain=fibre-1").status)
        exit(0)
    }

    private struct Explanation: Decodable {
        struct Link: Decodable { let kind, description: String }
        let state: String
        let chain: [Link]
    }

    private struct Report: Decodable {
        struct WaitedFor: Decodable { let type: String? }
        struct Leak: Decodable {
            let name: String?
            let waitingOn: WaitedFor

            private enum CodingKeys: String, CodingKey {
                case name
                case waitingOn = "waiting_on"
            }
        }
        let leaks: [Leak]

        func type(named name: String) -> String { leaks.first { $0.name == name }?.waitingOn.type ?? "none" }
    }

    /// What the scans have found, all together.
    nonisolated(unsafe) private static var missed: Set<String> = []  // Safe: these are the main thread's.
    nonisolated(unsafe) private static var accused: Set<String> = []
    nonisolated(unsafe) private static var reasons: Set<String> = []
    /// Scans that missed somebody and gave no reason.
    nonisolated(unsafe) private static var silent = 0

    /// Scans and remembers. Who is stuck and not found is missed.
    static func scan() {
        let report: LeakReport
        do {
            report = try LeakDetector.scan()
        } catch {
            missed = expected
            reasons.insert("\(error)")
            return
        }
        let found = expected.subtracting(report.leaks.compactMap(\.name))
        missed.formUnion(found)
        if report.unknown.isEmpty, !found.isEmpty { silent += 1 }
        accused.formUnion(report.leaks.filter { !isStuck($0.name) }.map { "\($0.name ?? "?"): \($0.reason)" })
        // Whichever thread is the first that could not be read.
        reasons.formUnion(report.unknown.map { $0.reason.replacing(/thread \d+/, with: "a thread") })
    }

    static func reset() {
        missed = []
        accused = []
        reasons = []
        silent = 0
    }

    /// The reasons line by line, as they are sentences.
    static func report(_ prefix: String = "") {
        print(prefix + "missed", missed.count)
        print(prefix + "expected", expected.count)
        print(prefix + "names", missed.sorted())
        print(prefix + "accused", accused.sorted())
        print(prefix + "scans_without_a_reason", silent)
        print(prefix + "reasons", reasons.count)
        for (index, reason) in reasons.sorted().enumerated() { print(prefix + "reason_\(index + 1)", reason) }
    }

    static func start() {
        StuckThreads.start()
        KeptThreads.start()
        StuckTasks.start()
        KeptTasks.start()
        clearStack()
        sleep(2)
    }

    /// The child of `leak-let` has no name; a thread of Dispatch's pool is stuck with its task.
    private static func isStuck(_ name: String?) -> Bool {
        guard let name else { return true }
        return name.hasPrefix("leak-") || name.hasSuffix("-qos")
    }
}
