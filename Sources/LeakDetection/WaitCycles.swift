// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Tarjan's strongly connected components, without recursion: a chain of waiters may be longer than a stack.

/// The cycles among waiters that wait for each other.
struct WaitCycles {
    private var cycles: [Int: Int] = [:]

    /// Which cycle the waiter is in; nil when in none.
    func cycle(of waiter: Int) -> Int? { cycles[waiter] }

    /// `edges` lead from each waiter to those it waits for. Cost: linear.
    init(_ edges: [Int: [Int]]) {
        var order: [Int: Int] = [:]
        var lowest: [Int: Int] = [:]
        var open: [Int] = []
        var isOpen: Set<Int> = []
        for root in edges.keys.sorted() where order[root] == nil {
            var path = [(waiter: root, next: 0)]
            while let (waiter, next) = path.last {
                if next == 0 {
                    order[waiter] = order.count
                    lowest[waiter] = order[waiter]
                    open.append(waiter)
                    isOpen.insert(waiter)
                }
                let targets = edges[waiter] ?? []
                if next < targets.count {
                    path[path.count - 1].next += 1
                    let target = targets[next]
                    if order[target] == nil {
                        path.append((target, 0))
                    } else if isOpen.contains(target) {
                        lowest[waiter] = Swift.min(lowest[waiter, default: 0], order[target, default: 0])
                    }
                    continue
                }
                path.removeLast()
                if let parent = path.last?.waiter {
                    lowest[parent] = Swift.min(lowest[parent, default: 0], lowest[waiter, default: 0])
                }
                if lowest[waiter] == order[waiter] {
                    var members: [Int] = []
                    while let member = open.popLast() {
                        isOpen.remove(member)
                        members.append(member)
                        if member == waiter { break }
                    }
                    if members.count > 1 || targets.contains(waiter) {
                        for member in members { cycles[member] = waiter }
                    }
                }
            }
        }
    }
}
