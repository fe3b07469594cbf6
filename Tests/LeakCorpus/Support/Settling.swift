// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpointClient
import Foundation

/// Waits until every waiter really stands in its wait, seen by the endpoint's looks at threads and tasks.
struct Settling {
    private let scenario: Scenario
    private let stage: Stage
    private let client: DebugClient

    init(_ scenario: Scenario, _ stage: Stage, _ client: DebugClient) {
        self.scenario = scenario
        self.stage = stage
        self.client = client
    }

    func truth(url: String) -> Truth {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            // Cheap first: unwinding a thousand threads again and again would take the time they need to get there.
            let waiters = stage.waiters
            var obstacle = scenario.missing(waiters) ?? threadThatDoesNotWait(waiters)
            if obstacle == nil {
                let look = Look(client, of: Set(waiters.map(\.kind)))
                obstacle = look.obstacle(waiters)
                if obstacle == nil { return Truth(scenario, url: url, waiters, look, stage.canDrop) }
            }
            if ContinuousClock.now > deadline {
                Output.refuse("\(scenario.name) does not come to stand: \(obstacle ?? "")")
            }
            usleep(2000)
        }
    }

    private func threadThatDoesNotWait(_ waiters: [Stage.Waiter]) -> String? {
        let threads = Dictionary(ThreadsOfThisProcess.now().map { ($0.name, $0) }) { first, _ in first }
        // What its frames still hold would be alive.
        if threads[helperName] != nil { return "a helping thread has not ended" }
        for waiter in waiters where waiter.kind == .thread {
            guard let name = waiter.name else { continue }
            switch waiter.fate {
            case .stuck, .silent(.waiting):
                if threads[name]?.waits != true { return "thread \(name) is not in a futex wait" }
            case .silent(.blocked), .silent(.sleeping):
                if threads[name]?.isInCall != true { return "thread \(name) is in no system call" }
            case .silent(.busy), .either: break
            }
        }
        return nil
    }
}

extension Scenario {
    /// Some are placed by others, once those run.
    fileprivate func missing(_ waiters: [Stage.Waiter]) -> String? {
        let count = waiters.count { if case .stuck = $0.fate { true } else { false } }
        return count == stuck ? nil : "\(stuck) are to be stuck, \(count) are placed"
    }
}

/// One look at threads and tasks by the endpoint.
struct Look {
    struct Threads: Decodable { let threads: [Seen] }
    struct Tasks: Decodable { let tasks: [Seen] }

    struct Seen: Decodable {
        struct Wait: Decodable {
            let primitive: String?
            let kind: String?
        }
        let id: UInt64
        let name: String?
        let state: String
        let parent: UInt64?
        let waitingOn: Wait?
        var primitive: String? { waitingOn?.primitive ?? waitingOn?.kind }

        enum CodingKeys: String, CodingKey {
            case id, name, state, parent
            case waitingOn = "waiting_on"
        }
    }

    let threads: [Seen]
    let tasks: [Seen]

    init(_ client: DebugClient, of kinds: Set<Stage.Waiter.Kind>) {
        do {
            var (threads, tasks): ([Seen], [Seen]) = ([], [])
            if kinds.contains(.thread) {
                let answer = try client.get("/debug/threads?format=json&limit=100000")
                threads = try JSONDecoder().decode(Threads.self, from: Data(answer.body)).threads
            }
            if kinds.contains(.task) {
                let answer = try client.get("/debug/tasks?format=json&limit=100000")
                tasks = try JSONDecoder().decode(Tasks.self, from: Data(answer.body)).tasks
            }
            (self.threads, self.tasks) = (threads, tasks)
        } catch {
            Output.refuse("no look at threads and tasks: \(error)")
        }
    }

    func find(_ waiter: Stage.Waiter) -> Seen? {
        let all = waiter.kind == .thread ? threads : tasks
        if let name = waiter.name { return all.first { $0.name == name } }
        guard let parent = all.first(where: { $0.name == waiter.parent }) else { return nil }
        return all.first { $0.parent == parent.id && $0.name == nil }
    }

    /// Who does not stand as told, in a sentence; nil when all do.
    func obstacle(_ waiters: [Stage.Waiter]) -> String? {
        for waiter in waiters {
            let name = waiter.name ?? "child of \(waiter.parent ?? "")"
            let seen = find(waiter)
            switch waiter.fate {
            case .stuck(_, on: let primitive, certainty: _):
                guard let seen else { return "\(waiter.kind) \(name) is not listed" }
                guard let on = seen.primitive, primitive.names.contains(on) else {
                    return "\(waiter.kind) \(name) is \(seen.state) on \(seen.primitive ?? "nothing")"
                }
            case .silent(.busy), .either: break
            case .silent:
                guard let seen else { return "\(waiter.kind) \(name) is not listed" }
                if seen.state == "running" { return "\(waiter.kind) \(name) runs" }
                if waiter.kind == .task, seen.state != "suspended" { return "task \(name) is \(seen.state)" }
            }
        }
        return nil
    }
}
