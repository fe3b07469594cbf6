// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Which task runs on which thread, at one look at each thread.
///
/// Read from the threads' local storage: no signal, no pause, no lock. Cost: some 7 µs a thread.
package struct CurrentTasks: Sendable {
    package struct Entry: Sendable {
        package let address: UInt
        package let id: UInt64
    }

    /// By kernel thread id. Empty also where it cannot be told.
    package private(set) var tasks: [Int32: Entry] = [:]
    /// The objects of the executors that run: actors, mostly.
    private(set) var executors: [Int32: UInt] = [:]

    /// The task that runs on the thread; nil when none does or it cannot be told.
    package func task(ofThread id: Int32) -> (address: UInt, id: UInt64)? {
        tasks[id].map { ($0.address, $0.id) }
    }

    /// One look. Empty where the threads or the runtime's word cannot be found.
    package static func take(_ layout: TaskLayout) -> CurrentTasks {
        guard let slot = CurrentTaskSlot.find(layout) else { return CurrentTasks() }
        var current = CurrentTasks()
        // While threads begin and end, a walk of their records may miss others, or fail.
        for _ in 0..<8 {
            guard let tables = ThreadTables.current() else { continue }
            current.update(CurrentTasks(layout, slot, tables), tables.keys)
            if tables.count >= ThreadRecord.ids()?.count ?? 0 { break }
        }
        return current
    }

    private mutating func update(_ new: CurrentTasks, _ threads: some Sequence<Int32>) {
        for thread in threads {
            tasks[thread] = new.tasks[thread]
            executors[thread] = new.executors[thread]
        }
    }

    init() {}

    init(_ layout: TaskLayout, _ slot: CurrentTaskSlot, _ tables: [Int32: UInt]) {
        for (thread, table) in tables {
            // The table's length lies two words before it, then 16 bytes for each module from 1 on.
            guard let length = ProcessMemory.load(table &- 16, as: UInt.self), slot.tlsModule <= length,
                let block = ProcessMemory.load(table &+ slot.tlsModule &* 16, as: UInt.self),
                block != 0, block != .max  // a thread that has not used it yet
            else { continue }
            if let offset = slot.executorOffset, let tracking = ProcessMemory.load(block &+ offset, as: UInt.self),
                tracking != 0
            {
                executors[thread] = ProcessMemory.load(tracking, as: UInt.self)
            }
            guard let task = ProcessMemory.load(block &+ slot.tlsOffset, as: UInt.self), task != 0,
                ProcessMemory.load(task, as: UInt.self) == layout.taskMetadata,  // else it has ended meanwhile
                let low = ProcessMemory.load(task &+ TaskLayout.Task.lowID, as: UInt32.self),
                let high = ProcessMemory.load(task &+ TaskLayout.Task.highID, as: UInt32.self)
            else { continue }
            tasks[thread] = Entry(address: task, id: UInt64(high) << 32 | UInt64(low))
        }
    }
}
