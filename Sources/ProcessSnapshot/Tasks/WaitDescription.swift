// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Says what tasks wait for, once all of them are read.
struct WaitDescription {
    private let functionName: (UInt) -> String?
    private let byAddress: [UInt: TaskRecord]
    private let groups: [UInt: [UInt64]]
    private let current: CurrentTasks
    private let threadOfExecutor: [UInt: Int32]
    private var libraryFunctions: [UInt: LibraryFunction] = [:]
    private var types: [UInt: String?] = [:]

    init(_ tasks: [TaskRecord], _ current: CurrentTasks, functionName: @escaping (UInt) -> String?) {
        self.functionName = functionName
        self.current = current
        byAddress = Dictionary(tasks.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
        threadOfExecutor = Dictionary(current.executors.map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        var groups: [UInt: [UInt64]] = [:]
        for task in tasks {
            if let group = task.group { groups[group, default: []].append(task.core.id) }
        }
        self.groups = groups
    }

    /// The id of the live task at `address`.
    func id(at address: UInt) -> UInt64? {
        byAddress[address]?.core.id
    }

    /// Nil for a task that runs, and for one that has no record of what it waits for.
    mutating func wait(of task: TaskRecord) -> TaskSnapshot.Wait? {
        guard task.state != .running else { return nil }
        guard let dependency = task.dependency else { return waitWithoutRecord(task) }
        switch dependency.kind {
        case .task: return taskWait(dependency.target)
        case .group: return groupWait(dependency.target)
        case .continuation: return continuationWait(task, dependency.target)
        case .executor: return executorWait(task, dependency)
        }
    }

    private mutating func waitWithoutRecord(_ task: TaskRecord) -> TaskSnapshot.Wait? {
        if task.state == .enqueued {
            return TaskSnapshot.Wait(kind: .executor, task: nil, address: 0, description: "a thread of its executor")
        }
        // A sleep that can be cancelled makes a task that a timer starts, to wake the one that sleeps.
        if let first = task.stack.first, libraryFunction(at: first) == .sleep {
            return TaskSnapshot.Wait(
                kind: .sleep, task: nil, address: 0, description: "the time to end another task's sleep")
        }
        return nil
    }

    private func taskWait(_ address: UInt) -> TaskSnapshot.Wait {
        let awaited = byAddress[address]
        return TaskSnapshot.Wait(
            kind: .task, task: awaited?.core.id, address: address,
            description: awaited.map { Self.phrase($0.core.id, $0.name) } ?? "a task that has ended meanwhile")
    }

    private func groupWait(_ address: UInt) -> TaskSnapshot.Wait {
        let children = (groups[address] ?? []).sorted()
        let shown = children.prefix(4).map(String.init).joined(separator: ", ")
        let description: String
        switch children.count {
        case 0: description = "a task group without live children"
        case 1: description = "a task group with task \(shown)"
        case ...4: description = "a task group with tasks \(shown)"
        default: description = "a task group with \(children.count) tasks: \(shown), …"
        }
        return TaskSnapshot.Wait(kind: .group, task: nil, address: address, description: description)
    }

    private mutating func continuationWait(_ task: TaskRecord, _ address: UInt) -> TaskSnapshot.Wait {
        // All three are continuations to the runtime; the library's own functions around them tell them apart.
        if task.stack.prefix(2).contains(where: { libraryFunction(at: $0) == .sleep }) {
            return TaskSnapshot.Wait(kind: .sleep, task: nil, address: address, description: "a sleep to end")
        }
        if let handler = task.cancellationHandler, libraryFunction(at: handler) == .stream {
            return TaskSnapshot.Wait(
                kind: .stream, task: nil, address: address, description: "the next element of an AsyncStream")
        }
        return TaskSnapshot.Wait(
            kind: .continuation, task: nil, address: address, description: "a continuation to be resumed")
    }

    private mutating func executorWait(_ task: TaskRecord, _ dependency: TaskRecord.Dependency) -> TaskSnapshot.Wait {
        let address = dependency.target
        guard address != 0 else {
            return TaskSnapshot.Wait(
                kind: .executor, task: nil, address: 0, description: "a thread of the global concurrent executor")
        }
        let thread = threadOfExecutor[address]
        let found = thread.flatMap { current.tasks[$0]?.id }
        // Looked at a moment later, the task may run already: then nobody else is in its way.
        let runner = found == task.core.id ? nil : found
        let type = typeName(of: address)
        // Low two bits of the table say how executors compare; a default actor has no table.
        if dependency.witnesses & ~3 == 0 {
            let holder =
                runner.map { "on which \(Self.phrase($0, name(ofTask: $0))) runs" }
                ?? (found == nil ? nil : "which is about to run it")
                ?? thread.map { "which runs on thread \($0)" } ?? "which has no thread now"
            return TaskSnapshot.Wait(
                kind: .actor, task: runner, address: address,
                description: "actor \(type ?? "of unknown type"), \(holder)")
        }
        let isMain = type.map { $0.hasSuffix("MainExecutor") } ?? false
        let what = isMain ? "the main actor" : "executor \(type ?? "of unknown type")"
        let holder = runner.map { ", on which \(Self.phrase($0, name(ofTask: $0))) runs" } ?? ""
        return TaskSnapshot.Wait(
            kind: isMain ? .actor : .executor, task: runner, address: address, description: what + holder)
    }

    private func name(ofTask id: UInt64) -> String? {
        current.tasks.values.first { $0.id == id }.flatMap { byAddress[$0.address]?.name }
    }

    private static func phrase(_ id: UInt64, _ name: String?) -> String {
        name.map { "task \(id) (\($0))" } ?? "task \(id)"
    }

    /// What tells one wait on a continuation from another.
    private enum LibraryFunction {
        /// A function of `Task<Never, Never>` called `sleep` or `_sleep`, or a part of one.
        case sleep
        /// A function of the storage of `AsyncStream` or `AsyncThrowingStream`.
        case stream
        case other

        init(mangled name: String) {
            if name.hasPrefix("$sScTss5NeverO") && (name.contains("5sleep") || name.contains("6_sleep")) {
                self = .sleep
            } else if name.hasPrefix("$sScS8_Storage") || name.hasPrefix("$sScs8_Storage") {
                self = .stream
            } else {
                self = .other
            }
        }
    }

    /// Thousands of tasks stand at few addresses: each is looked up once.
    private mutating func libraryFunction(at address: UInt) -> LibraryFunction {
        if let known = libraryFunctions[address] { return known }
        let function = functionName(address).map { LibraryFunction(mangled: $0) } ?? .other
        libraryFunctions[address] = function
        return function
    }

    private mutating func typeName(of object: UInt) -> String? {
        if let known = types[object] { return known }
        let type = TypeName.ofObject(at: object)
        types[object] = type
        return type
    }
}
