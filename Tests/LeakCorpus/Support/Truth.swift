// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What is true about a scenario that stands, from the scenario itself; only the ids are looked up.
struct Truth: Encodable {
    struct Stuck: Encodable {
        let kind: Stage.Waiter.Kind
        let id: UInt64
        let name: String?
        let primitives: [String]
        /// Those that are right, best first.
        let verdicts: [Fate.Verdict]
        let certainties: [Fate.Certainty]
    }

    struct Silent: Encodable {
        let kind: Stage.Waiter.Kind
        /// Nil for one that has not been seen: it may not exist yet.
        let id: UInt64?
        let name: String?
        let stance: Fate.Stance
    }

    struct Open: Encodable {
        let kind: Stage.Waiter.Kind
        let id: UInt64?
        let name: String?
    }

    let scenario: String
    let url: String
    let stuck: [Stuck]
    let silent: [Silent]
    /// May be accused or not.
    let either: [Open]
    let canDrop: Bool

    init(_ scenario: Scenario, url: String, _ waiters: [Stage.Waiter], _ look: Look, _ canDrop: Bool) {
        var stuck: [Stuck] = []
        var silent: [Silent] = []
        var either: [Open] = []
        for waiter in waiters {
            let id = look.find(waiter)?.id
            switch waiter.fate {
            case .stuck(let verdicts, on: let primitive, let certainty):
                stuck.append(
                    Stuck(
                        kind: waiter.kind, id: id ?? 0, name: waiter.name, primitives: primitive.names,
                        verdicts: verdicts, certainties: certainty))
            case .silent(let stance):
                silent.append(Silent(kind: waiter.kind, id: id, name: waiter.name, stance: stance))
            case .either:
                either.append(Open(kind: waiter.kind, id: id, name: waiter.name))
            }
        }
        self.scenario = scenario.name
        self.url = url
        self.stuck = stuck
        self.silent = silent
        self.either = either
        self.canDrop = canDrop
    }
}
