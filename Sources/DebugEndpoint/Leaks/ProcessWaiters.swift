// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Who waits and who could end it. Where that is not known for sure, somebody is no waiter: counted among the awake, what it can
// reach keeps others from being accused.
import Glibc
import LeakDetection
import ProcessSnapshot

/// The waiters of one look, and the graph of who could wake whom.
struct ProcessWaiters {
    private(set) var waiters: [ProcessWaiter] = []
    private(set) var graph = WaitGraph(wakers: [])
    private(set) var threadIndex: [Int32: Int] = [:]
    private(set) var taskIndex: [UInt: Int] = [:]
    /// Tasks that run on waiting threads.
    private(set) var runningTasks: [(task: TaskLook, thread: Int)] = []
    /// Threads that wait on stacks which are not where glibc has them.
    private(set) var unplaced: [Int32] = []

    private static let locks: Set<String> = ["NSLock", "NSRecursiveLock", "pthread_mutex_t", "Mutex"]
    private static let turns: Set<String> = ["DispatchQueue.sync", "dispatch_once_t", "swift_once"]

    init(_ surroundings: Surroundings, _ tasks: TasksLook?) {
        let threads = surroundings.threads
        for thread in threads.blocked where Self.isWaiter(thread, surroundings.map) {
            // On a stack of its own making, what it keeps counts as awake.
            guard surroundings.stacks.living[thread.id]?.range.contains(thread.stackPointer) == true else {
                unplaced.append(thread.id)
                continue
            }
            threadIndex[thread.id] = waiters.count
            waiters.append(.thread(thread))
        }
        for task in tasks?.tasks ?? [] where isWaiter(task, tasks) {
            taskIndex[task.address] = waiters.count
            waiters.append(.task(task))
        }
        var threadOfTask: [UInt: Int] = [:]
        let byAddress = Dictionary((tasks?.tasks ?? []).map { ($0.address, $0) }, uniquingKeysWith: { a, _ in a })
        for (thread, index) in threadIndex {
            guard let address = tasks?.running.tasks[thread], let task = byAddress[address] else { continue }
            threadOfTask[address] = index
            runningTasks.append((task, index))
        }
        let living = Set(threads.blocked.map(\.id) + threads.others.map(\.id))
        graph.wakers = waiters.map { waiter in
            switch waiter {
            case .thread(let thread): waker(of: thread, living)
            case .task(let task): waker(of: task, tasks, threadOfTask)
            }
        }
    }

    private static func isWaiter(_ thread: BlockedThread, _ map: MemoryMap) -> Bool {
        // Memory that another process may share is woken from there.
        if map[thread.futex]?.isShared != false { return false }
        if locks.contains(thread.primitive.kind) || turns.contains(thread.primitive.kind) {
            return thread.holder != nil
        }
        return true
    }

    private func isWaiter(_ task: TaskLook, _ tasks: TasksLook?) -> Bool {
        switch task.wait {
        case .none, .sleep: return false
        case .continuation, .task: return true
        case .group(let children): return children.map { !$0.isEmpty } ?? false
        case .executor(let object):
            guard let thread = tasks?.running.threadOfExecutor[object] else { return false }
            return threadIndex[thread] != nil
        }
    }

    private func party(_ thread: Int32, _ living: Set<Int32>) -> WaitGraph.Party {
        if let index = threadIndex[thread] { return .waiter(index) }
        // One that began after the look lives too.
        return living.contains(thread) || access("/proc/self/task/\(thread)", F_OK) == 0 ? .awake : .gone
    }

    private func waker(of thread: BlockedThread, _ living: Set<Int32>) -> WaitGraph.Waker {
        guard let holder = thread.holder else { return .anyoneWhoReachesIt }
        let party = party(holder, living)
        if thread.primitive.kind == "pthread_join" { return .oneOf([party == .gone ? .awake : party]) }
        if Self.turns.contains(thread.primitive.kind) { return .oneOf([party]) }
        return .holder(party)
    }

    private func waker(of task: TaskLook, _ tasks: TasksLook?, _ threadOfTask: [UInt: Int]) -> WaitGraph.Waker {
        func party(_ task: UInt) -> WaitGraph.Party {
            (taskIndex[task] ?? threadOfTask[task]).map { .waiter($0) } ?? .awake
        }
        switch task.wait {
        case .none, .sleep: return .oneOf([.awake])
        case .continuation: return .anyoneWhoReachesIt
        case .task(let awaited): return .oneOf([party(awaited)])
        case .group(let children): return .oneOf((children ?? []).map(party))
        case .executor(let object):
            let thread = tasks?.running.threadOfExecutor[object].flatMap { threadIndex[$0] }
            return .oneOf([thread.map { .waiter($0) } ?? .awake])
        }
    }

    /// Releases those of whom it was said who runs their task or their actor, and it is not so any more.
    mutating func releaseWhereOthersRun() {
        let isNeeded = waiters.contains {
            if case .task(let task) = $0, case .executor = task.wait { true } else { false }
        }
        guard isNeeded || !runningTasks.isEmpty else { return }
        // A look misses threads while others begin and end; one that has a thread is right about it.
        var elsewhere = elsewhere(RunningNow.take())
        for _ in 1..<Self.looks where !elsewhere.isEmpty {
            elsewhere.formIntersection(self.elsewhere(RunningNow.take()))
        }
        for waiter in elsewhere { release(waiter) }
    }

    private static let looks = 8

    /// The waiters of which `now` does not say that they run what they ran, or wait for who they waited for.
    private func elsewhere(_ now: RunningNow?) -> Set<Int> {
        var found: Set<Int> = []
        for (task, thread) in runningTasks {
            guard case .thread(let blocked) = waiters[thread], now?.tasks[blocked.id] == task.address else {
                found.insert(thread)
                continue
            }
        }
        for (index, waiter) in waiters.enumerated() {
            guard case .task(let task) = waiter, case .executor(let object) = task.wait,
                case .oneOf(let parties) = graph.wakers[index], case .waiter(let thread)? = parties.first
            else { continue }
            if case .thread(let blocked) = waiters[thread], now?.threadOfExecutor[object] == blocked.id { continue }
            found.insert(index)
        }
        return found
    }

    /// Nobody can wake the waiter, whatever seems to refer to what it waits on.
    mutating func condemn(_ waiter: Int) {
        graph.wakers[waiter] = .nobody
    }

    /// The waiter is woken whatever happens: it is not where it was.
    mutating func release(_ waiter: Int) {
        graph.wakers[waiter] = .oneOf([.awake])
    }
}
