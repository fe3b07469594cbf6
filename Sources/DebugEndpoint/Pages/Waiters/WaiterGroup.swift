// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Threads or tasks that read the same: same stack, same state, waiting for the same kind of thing.
struct WaiterGroup {
    /// Indexes, longest wait first.
    private(set) var members: [Int]
    /// The members by what they wait for, the one with the longest wait first.
    private(set) var targets: [[Int]] = []

    init(members: [Int]) { self.members = members }

    private struct Key: Hashable {
        let stack: Int
        let state: String
        let cause: String
        let stackNote: String?
    }

    /// Groups by longest wait, then by size, then by lowest id. `waiters` must be sorted by wait.
    static func groups(of waiters: [Waiter]) -> [WaiterGroup] {
        var places: [Key: Int] = [:]
        var groups: [WaiterGroup] = []
        for (index, waiter) in waiters.enumerated() {
            let key = Key(stack: waiter.stack, state: waiter.state, cause: waiter.cause, stackNote: waiter.stackNote)
            if let place = places[key] {
                groups[place].members.append(index)
            } else {
                places[key] = groups.count
                groups.append(WaiterGroup(members: [index]))
            }
        }
        groups.sort { left, right in
            let (leftFirst, rightFirst) = (waiters[left.members[0]], waiters[right.members[0]])
            if leftFirst.waiting == rightFirst.waiting, left.members.count != right.members.count {
                return left.members.count > right.members.count
            }
            return Waiter.precedes(leftFirst.waiting, leftFirst.id, rightFirst.waiting, rightFirst.id)
        }
        return groups
    }

    /// Fills `targets`; only for groups that are shown.
    func byTarget(_ waiters: [Waiter]) -> WaiterGroup {
        var group = self
        var places: [String: Int] = [:]
        for member in members {
            if let place = places[waiters[member].target] {
                group.targets[place].append(member)
            } else {
                places[waiters[member].target] = group.targets.count
                group.targets.append([member])
            }
        }
        return group
    }

    /// `3.1 s to 40 s`, or one duration; nil when nothing is known, as when this is the first look.
    func span(_ waiters: [Waiter]) -> String? {
        let waits = members.compactMap { waiters[$0].waiting }.filter { $0 > .zero }
        guard let longest = waits.max()?.shown, let shortest = waits.min()?.shown else { return nil }
        return shortest == longest ? longest : shortest + " to " + longest
    }
}
