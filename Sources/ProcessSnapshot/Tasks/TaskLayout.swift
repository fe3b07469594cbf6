// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Swift 6.3's tasks in memory, 64-bit Linux. The runtime exports what a debugger needs to know that it knows the layout: a
// version and the size of a task. Both are checked before anything is read. Source: swiftlang/swift, ABI/Task.h and
// RemoteInspection/RuntimeInternals.h; each offset was tried on 6.3.1.
import CStackCapture

/// What the concurrency runtime of this process is, as far as its tasks can be read.
package struct TaskLayout: Sendable {
    /// The first word of every task.
    let taskMetadata: UInt
    /// Runtime functions that a task goes on with which only stand for another one.
    let adapters: Adapters
    /// The code of `swift_task_getCurrent` and `swift_task_getCurrentExecutor`; 0 where unknown.
    let currentTaskCode: UInt
    let currentExecutorCode: UInt

    struct Adapters: Sendable {
        /// Of tasks that have not begun: the function to begin with lies before the context.
        let unstarted: [UInt]
        /// Of tasks that wait for a task or a group: the function to go on with is in the context.
        let waiting: [UInt]
    }

    /// Byte offsets in a task.
    enum Task {
        static let jobFlags: UInt = 32  // 4 bytes
        static let lowID: UInt = 36  // 4 bytes
        static let resumeFunction: UInt = 56
        static let resumeContext: UInt = 64
        static let status: UInt = 96  // 4 bytes
        static let statusRecord: UInt = 104
        static let firstSlab: UInt = 120
        static let highID: UInt = 144  // 4 bytes
        static let dependency: UInt = 160
        static let mutexKind: UInt = 184  // 4 bytes
        static let parent: UInt = 208  // of children only, as the next
        static let nextChild: UInt = 216
        static let group: UInt = 224  // of children of groups only
        static let size = 208
    }

    /// Bits of a task's job flags. The low 8 are the kind, 0 for a task.
    enum JobFlags {
        static let child: UInt32 = 1 << 24
        static let future: UInt32 = 1 << 25
        static let groupChild: UInt32 = 1 << 26
        static let asyncLet: UInt32 = 1 << 28
    }

    /// Bits of a task's status. The low 8 are the priority.
    enum Status {
        static let cancelled: UInt32 = 0x100
        static let running: UInt32 = 0x800
        static let enqueued: UInt32 = 0x1000
        static let complete: UInt32 = 0x2000
    }

    /// Kinds of status records; the low 8 bits of their first word. The second is the next outer record.
    enum RecordKind {
        static let childTasks: UInt = 1  // first child at 16
        static let taskGroup: UInt = 2  // first child at 16
        static let cancellation: UInt = 3  // function at 16, what it is called with at 24
        static let escalation: UInt = 4  // as cancellation
        static let name: UInt = 6  // text at 16
    }

    /// PTHREAD_MUTEX_RECURSIVE: a task's own mutex has it from creation until `pthread_mutex_destroy` makes it -1.
    static let liveMutexKind: UInt32 = 1

    /// Whether this process can have tasks at all.
    package static var isRuntimeHere: Bool {
        var runtime = stackcap_task_runtime()
        stackcap_find_task_runtime(&runtime)
        return runtime.task_metadata != 0
    }

    /// The first word of every task; 0 where there can be none. The linker's address of a variable of the runtime is read as it is: a
    /// program never unloads what it was linked with.
    static var metadata: UInt {
        var runtime = stackcap_task_runtime()
        stackcap_find_task_runtime(&runtime)
        return UnsafePointer<UInt>(bitPattern: UInt(runtime.task_metadata))?.pointee ?? 0
    }

    /// The layout of this process's tasks.
    ///
    /// Takes no lock. Costs some microseconds.
    /// - Throws: a sentence when there is no concurrency runtime, or one that is laid out in another way.
    package static func find() throws(SnapshotRefusal) -> TaskLayout {
        var runtime = stackcap_task_runtime()
        stackcap_find_task_runtime(&runtime)
        return try TaskLayout(runtime)
    }

    init(_ runtime: stackcap_task_runtime) throws(SnapshotRefusal) {
        guard runtime.task_metadata != 0 else {
            throw SnapshotRefusal(
                "tasks were asked for, but this process has no Swift concurrency runtime, so it has no tasks")
        }
        guard let version = ProcessMemory.load(UInt(runtime.layout_version), as: UInt32.self),
            let size = ProcessMemory.load(UInt(runtime.task_size), as: UInt.self)
        else {
            throw SnapshotRefusal(
                "tasks were asked for, but this process may not read its own memory: allow the system call process_vm_readv"
            )
        }
        guard version == 1, size == UInt(Task.size) else {
            throw SnapshotRefusal(
                """
                tasks were asked for, but this Swift runtime lays them out in a way that is not known here (version \
                \(version), \(size) bytes a task): version 1 with \(Task.size) bytes, as in Swift 6.3 on x86-64, can be read
                """)
        }
        guard let metadata = ProcessMemory.load(UInt(runtime.task_metadata), as: UInt.self), metadata != 0 else {
            throw SnapshotRefusal("tasks were asked for, but this Swift runtime does not say how its tasks begin")
        }
        func pointer(_ address: UInt64) -> UInt? { ProcessMemory.load(UInt(address), as: UInt.self) }
        taskMetadata = metadata
        adapters = Adapters(
            unstarted: [runtime.future_adapter, runtime.non_future_adapter].compactMap(pointer),
            waiting: [runtime.future_wait_adapter, runtime.throwing_wait_adapter].compactMap(pointer))
        currentTaskCode = UInt(runtime.current_task_code)
        currentExecutorCode = UInt(runtime.current_executor_code)
    }
}
