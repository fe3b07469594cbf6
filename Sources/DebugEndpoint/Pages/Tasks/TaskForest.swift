// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import ProcessSnapshot

/// Who is under whom, and who reads the same as whom; all by index.
struct TaskForest {
    private(set) var roots: [Int] = []
    private(set) var children: [[Int]]
    /// Equal for tasks that read the same with all that is under them.
    private var likeness: [Int]
    private let ids: [UInt64]

    private struct Likeness: Hashable {
        let stack: Int
        let state: String
        let cause: String
        let isMatch: Bool
        /// The distinct likenesses below, sorted: ten such children or a hundred make no difference to a reader.
        let below: [Int]
    }

    init(_ page: TasksPage) {
        let tasks = page.tasks
        ids = tasks.map(\.id)
        children = Array(repeating: [], count: tasks.count)
        likeness = Array(repeating: 0, count: tasks.count)
        let places = Dictionary(zip(ids, tasks.indices)) { first, _ in first }
        var order: [Int] = []  // parents before children
        var isPlaced = Array(repeating: false, count: tasks.count)
        let byID = tasks.indices.sorted { tasks[$0].id < tasks[$1].id }
        let parents = tasks.map { task in task.parent.flatMap { places[$0] } }
        var below: [[Int]] = Array(repeating: [], count: tasks.count)
        for index in byID { if let parent = parents[index] { below[parent].append(index) } }
        // First those without parent; whoever is left then is in a circle, or under one.
        for root in byID.filter({ parents[$0] == nil }) + byID where !isPlaced[root] {
            roots.append(root)
            isPlaced[root] = true
            order.append(root)
            var next = order.count - 1
            while next < order.count {
                for child in below[order[next]] where !isPlaced[child] {
                    isPlaced[child] = true
                    children[order[next]].append(child)
                    order.append(child)
                }
                next += 1
            }
        }
        var numbers: [Likeness: Int] = [:]
        for index in order.reversed() {
            let waiter = page.waiters[index]
            let likenesses = Set(children[index].map { likeness[$0] }).sorted()
            let key = Likeness(
                stack: waiter.stack, state: waiter.state, cause: waiter.cause,
                isMatch: page.matching?.contains(waiter.id) ?? true, below: likenesses)
            likeness[index] = numbers[key] ?? numbers.count
            numbers[key] = likeness[index]
        }
    }

    /// Siblings by likeness, the largest group first, then by id.
    func groups(of siblings: [Int]) -> [[Int]] {
        let groups = Dictionary(grouping: siblings) { likeness[$0] }.values
        let sorted = groups.map { group in group.sorted { ids[$0] < ids[$1] } }
        return sorted.sorted { $0.count == $1.count ? ids[$0[0]] < ids[$1[0]] : $0.count > $1.count }
    }
}
