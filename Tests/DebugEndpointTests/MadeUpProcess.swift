// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Symbols

@testable import DebugEndpoint
@testable import ProcessSnapshot

/// Threads, tasks and symbols of a process that never was, for tests that must know every byte of a page.
enum MadeUpProcess {
    static func thread(
        _ id: Int32, _ name: String = "worker", _ state: ThreadSnapshot.State = .waiting,
        role: ThreadSnapshot.Role = .other, call: String? = nil, cpu: Duration = .zero, on: BlockingPrimitive? = nil,
        heldBy holder: ThreadReference? = nil, for waiting: Duration? = nil, stack: [UInt] = [0x100, 0x200],
        note: String? = nil, task: UInt64? = nil
    ) -> ThreadSnapshot {
        ThreadSnapshot(
            id: id, name: name, role: role, state: state, systemCall: call, cpuTime: cpu, waitingOn: on,
            holder: holder, waiting: waiting, stack: stack, stackNote: note, task: task)
    }

    static func task(
        _ id: UInt64, _ name: String? = nil, _ state: TaskSnapshot.State = .suspended,
        origin: TaskSnapshot.Origin = .task, priority: Int = 25, isCancelled: Bool = false, thread: Int32? = nil,
        on: TaskSnapshot.Wait? = nil, parent: UInt64? = nil, children: [UInt64] = [], stack: [UInt] = [0x300, 0x400],
        note: String? = nil
    ) -> TaskSnapshot {
        TaskSnapshot(
            id: id, address: 0x7f00_0000 + UInt(id) * 0x100, name: name, priority: priority, state: state,
            isCancelled: isCancelled, origin: origin, thread: thread, waitingOn: on, parent: parent,
            children: children, stack: stack, stackNote: note)
    }

    static func wait(
        _ kind: TaskSnapshot.Wait.Kind, _ description: String, task: UInt64? = nil, address: UInt = 0xabc0
    ) -> TaskSnapshot.Wait {
        TaskSnapshot.Wait(kind: kind, task: task, address: address, description: description)
    }

    /// The functions at some addresses; at 0x200 two are inlined into one, and 0x101 and 0x301 read as 0x100 and 0x300.
    static func symbolicate(_ addresses: [CodeAddress]) -> [[SourceFrame]] {
        addresses.map { address in
            switch address {
            case .instruction(0x100), .instruction(0x101): [frame("futex_wait", image: "/lib/libc.so.6")]
            case .returnAddress(0x200):
                [
                    frame("Cache.lock()", "/src/Cache.swift", 31, isInlined: true),
                    frame("Cache.value(for:)", "/src/Cache.swift", 12),
                ]
            case .instruction(0x300), .instruction(0x301): [frame("Cache.load(_:)", "/src/Cache.swift", 40)]
            case .instruction(0x400): [frame("refresh()", "/src/main.swift", 7)]
            case .instruction(0x500): [frame("<script>alert(1)</script>", "/src/\"&<b>.swift", 1)]
            case .instruction(0x600): []
            default: [frame(nil, image: "/lib/libunknown.so")]
            }
        }
    }

    static func frame(
        _ function: String?, _ file: String? = nil, _ line: Int? = nil, isInlined: Bool = false, image: String? = nil
    ) -> SourceFrame {
        SourceFrame(
            function: function, mangledName: nil, file: file, line: line, isInlined: isInlined, image: image)
    }

    static func threadsPage(
        _ format: PageFormat, _ threads: [ThreadSnapshot], unknown: [UnknownWaiter] = [], pause: Duration? = nil,
        _ query: [(name: String, value: String)] = []
    ) throws -> String {
        let filter = WaiterFilter(
            try Query(query, parameters: ThreadsPage.parameters, path: WaiterKind.thread.path))
        let snapshot = ThreadsSnapshot(threads: threads, unknown: unknown, pause: .zero)
        return String(
            decoding: ThreadsPage.body(format, filter, snapshot, pause: pause, symbolicate), as: UTF8.self)
    }

    static func tasksPage(
        _ format: PageFormat, _ tasks: [TaskSnapshot], unknown: [UnknownWaiter] = [], seen: [UInt64: Duration] = [:],
        isTree: Bool = false, _ query: [(name: String, value: String)] = []
    ) throws -> String {
        let filter = WaiterFilter(try Query(query, parameters: TasksPage.parameters, path: WaiterKind.task.path))
        let source = TasksPage.Source(snapshot: TasksSnapshot(tasks: tasks, unknown: unknown), seen: seen)
        return String(
            decoding: TasksPage.body(format, isTree: isTree, filter, source, symbolicate), as: UTF8.self)
    }

    /// A small service: a lock with a holder that runs a task, a group with children, an actor and who waits for it.
    static let threads = [
        thread(
            10, "main", .sleeping, role: .main, call: "nanosleep", cpu: .milliseconds(1200), for: .seconds(2),
            stack: [0x100]),
        thread(
            11, "worker-1", role: .dispatchWorker, call: "futex", on: .init(kind: "NSLock", address: 0x7f10),
            heldBy: .init(id: 13, name: "worker-3"), for: .milliseconds(3100)),
        thread(
            12, "worker-2", role: .dispatchWorker, call: "futex", cpu: .milliseconds(40),
            on: .init(kind: "NSLock", address: 0x7f10), heldBy: .init(id: 13, name: "worker-3"), for: .seconds(40),
            stack: [0x101, 0x200]),
        thread(
            13, "worker-3", .running, role: .dispatchWorker, stack: [0x300], note: "frame 2 has no unwind table",
            task: 12),
    ]

    static let tasks = [
        task(3, "main", on: wait(.group, "its group of 3 tasks"), children: [20, 21, 22], stack: [0x400]),
        task(12, "reload", .running, thread: 13, stack: []),
        task(17, "refresh", on: wait(.actor, "actor App.Cache, on which task 12 runs", task: 12)),
        task(
            18, nil, isCancelled: true, on: wait(.actor, "actor App.Cache, on which task 12 runs", task: 12),
            stack: [0x301, 0x400]),
        task(20, nil, .enqueued, origin: .groupChild, on: wait(.executor, "the global executor"), parent: 3),
        task(21, nil, .enqueued, origin: .groupChild, on: wait(.executor, "the global executor"), parent: 3),
        task(22, "late", origin: .groupChild, priority: 9, on: wait(.sleep, "a sleep"), parent: 3, stack: [0x600]),
    ]
}
