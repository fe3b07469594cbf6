// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// References that cannot wake anybody. To a waiting task: what names its relatives: a child's object has its parent's address. And
// what carries jobs through libdispatch's queues: no job lies in memory of tasks that all wait. And handles, by which one may await
// and cancel a task, but not resume it: they are kept apart, as only the type of what they lie in tells them from continuations.
// To the stack of a waiting thread: glibc's own, to the storage at its end.
import HeapProfile
import ProcessSnapshot
import Symbols

/// Tells references that are left over from those that count. For one scan, on its thread.
final class StaleReferences {
    private let suspended: Set<UInt>
    private let parents: [UInt: UInt]
    /// Memory of tasks that lie in blocks of others who are awake.
    private let inner: [(range: Range<UInt>, owner: UInt)]
    private lazy var places = HandlePlaces(read: ProcessMemory.read)
    /// Tasks that somebody has a handle of, since last taken.
    private var handles: Set<UInt> = []
    /// Where tasks that wait have the records of their waits, in order.
    private let waits: [(record: Range<UInt>, task: TaskLook)]
    /// Where children's objects name their relatives.
    private let relatives: AddressRanges

    /// What has glibc's references to threads' storage, which lies on their stacks.
    private let storageTables: Set<UInt>
    private let loader: [Range<UInt>]
    private let mainStack: Range<UInt>

    init(
        _ waiters: ProcessWaiters, _ tasks: [TaskLook], _ surroundings: Surroundings, inner: [UInt: [Range<UInt>]]
    ) {
        self.inner = inner.flatMap { owner, ranges in ranges.map { ($0, owner) } }
            .sorted { $0.0.lowerBound < $1.0.lowerBound }
        loader = RootMemory.dataOfLoader(surroundings.map)
        mainStack = surroundings.stacks.main
        storageTables = Set(surroundings.stacks.living.values.compactMap(\.storageTable))
        relatives = AddressRanges(tasks.map(\.relativeFields))
        waits = waiters.waiters.compactMap { waiter in
            if case .task(let task) = waiter { (task.waitRecord, task) } else { nil }
        }.sorted { $0.record.lowerBound < $1.record.lowerBound }
        parents = Dictionary(
            tasks.compactMap { task in task.parent.map { (task.address, $0) } }, uniquingKeysWith: { first, _ in first }
        )
        suspended = Set(
            waiters.waiters.compactMap { waiter in
                guard case .task(let task) = waiter, case .continuation = task.wait else { return nil }
                return task.address
            })
    }

    func counts(_ reference: HeapMarker.Reference) -> Bool {
        let target = reference.target
        if relatives.contains(reference.location) || recordsWait(reference.location) { return false }
        if mainStack.contains(target), loader.contains(where: { $0.contains(reference.location) }) { return false }
        if storageTables.contains(reference.block.lowerBound) { return false }
        if DispatchContinuation.carries(reference) { return false }
        // What a task's own frames have, it finds no more before it is woken.
        if let owner = owner(of: target), owner == self.owner(of: reference.location) { return false }
        guard suspended.contains(target) else { return true }
        if let parent = parents[target], StatusRecords.name(childAt: reference.location, ofParent: parent) {
            return false
        }
        if isHandle(reference) {
            handles.insert(target)
            return false
        }
        return true
    }

    func takeHandles() -> Set<UInt> {
        defer { handles.removeAll(keepingCapacity: true) }
        return handles
    }

    /// The innermost of those in blocks of others that has `address`.
    private func owner(of address: UInt) -> UInt? {
        var index = inner.partitioningIndex { $0.range.lowerBound > address }
        while index > 0 {
            index -= 1
            if inner[index].range.contains(address) { return inner[index].owner }
            // None is larger than what a task begins with.
            if address - inner[index].range.lowerBound > 1 << 16 { return nil }
        }
        return nil
    }

    private func isHandle(_ reference: HeapMarker.Reference) -> Bool {
        guard reference.block.isEmpty else {
            return places.isHandle(at: reference.location, in: reference.block)
        }
        guard let variable = Symbolizer.shared.taskVariable(at: reference.location) else { return false }
        return HandleTypeName.handleOffset(inVariable: variable.name) == reference.location - variable.start
    }

    /// Whether this is in the record in which the runtime keeps who waits and for whom. That is in the graph of who wakes whom.
    private func recordsWait(_ location: UInt) -> Bool {
        let index = waits.partitioningIndex { $0.record.upperBound > location }
        return index < waits.count && waits[index].record.contains(location) && waits[index].task.isStillThere()
    }
}
