// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Four steps: candidates by a scan of memory, their words, which threads run tasks now, and then, with nobody looked at any
// more, words for what was seen.
import Synchronization

extension TasksSnapshot {
    /// One at a time: a second look would find the first one's copies.
    private static let turn = Mutex(())

    /// Looks at every live task of this process.
    ///
    /// `functionName` gives the mangled name of the function that has an address; it is asked after the last task was looked
    /// at, once for an address. Without it a sleep or a stream is told as a continuation. Stops no thread, sends no signal and
    /// takes no lock but its own: 10 000 suspended tasks in 50 MB of heap take some 50 ms. Safe from any thread.
    /// - Throws: a sentence when the runtime is not there or not known, or /proc cannot be read.
    package static func take(functionName: (UInt) -> String?) throws(SnapshotRefusal) -> TasksSnapshot {
        let seen = try see(excluding: []) { _, _ in true }
        return withoutActuallyEscaping(functionName) { TasksSnapshot(seen, functionName: $0) }
    }

    /// Candidates, their words, and which threads run tasks now. `excluded` are copies of memory that others hold; `hasRoom` says whether
    /// something of so many bytes may begin in part of a page.
    static func see(
        excluding excluded: [Range<UInt>], hasRoom: (Range<UInt>, Int) -> Bool
    ) throws(SnapshotRefusal) -> Seen {
        let layout = try TaskLayout.find()
        let seen: Seen? = withoutActuallyEscaping(hasRoom) { hasRoom in
            turn.withLock { _ in
                guard let map = MemoryMap.current(), var reader = TaskReader(layout, map),
                    let candidates = TaskScan(
                        layout: layout, excluded: [reader.ownMemory] + excluded, hasRoom: hasRoom
                    ).candidates(map)
                else { return nil }
                let (tasks, unknown) = reader.read(candidates)
                return Seen(tasks: tasks, unknown: unknown, current: CurrentTasks.take(layout))
            }
        }
        guard let seen else {
            throw SnapshotRefusal(
                """
                tasks were asked for, but /proc/self/maps cannot be read or 5 MiB to copy them to cannot be mapped: mount \
                /proc in this container, or give it more memory
                """)
        }
        return seen
    }

    struct Seen {
        var tasks: [TaskRecord]
        var unknown: [UnknownWaiter]
        var current: CurrentTasks
    }

    init(_ seen: Seen, functionName: @escaping (UInt) -> String?) {
        var records: [TaskRecord] = []
        // Should there be a copy of a task in memory, the record of its wait says that it belongs to the other one.
        let inOrder = seen.tasks.sorted {
            ($0.core.id, $0.dependency == nil ? 1 : 0) < ($1.core.id, $1.dependency == nil ? 1 : 0)
        }
        for record in inOrder where record.core.id != records.last?.core.id {
            records.append(record)
        }
        var waits = WaitDescription(records, seen.current, functionName: functionName)
        var threads: [UInt64: Int32] = [:]
        for (thread, task) in seen.current.tasks { threads[task.id] = thread }
        var children: [UInt64: [UInt64]] = [:]
        for record in records {
            if let parent = record.parent.flatMap(waits.id) { children[parent, default: []].append(record.core.id) }
        }
        tasks = records.map { record in
            TaskSnapshot(
                id: record.core.id, address: record.address, name: record.name,
                priority: Int(record.core.status & 0xff), state: record.state,
                isCancelled: record.core.status & TaskLayout.Status.cancelled != 0, origin: record.origin,
                thread: record.state == .running ? threads[record.core.id] : nil, waitingOn: waits.wait(of: record),
                parent: record.parent.flatMap(waits.id), children: children[record.core.id] ?? [], stack: record.stack,
                stackNote: record.stackNote)
        }
        unknown = seen.unknown
    }
}
