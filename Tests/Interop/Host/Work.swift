// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Threads and tasks whose names, states and functions test_pprof.py and test_waiters.py expect. They stay as they are for ever.

import Dispatch
import Glibc

/// Starts all of them and returns when each is where it shall be, or soon will.
func startWork() {
    startBlockedThreads()
    startTasks()
    startBurners()
}

// MARK: - Threads that wait

/// A C object in memory that is never given back.
/// Sendable: what it points to is only ever handed to functions of pthread and semaphore, which any thread may call.
struct Permanent<Object>: @unchecked Sendable {
    let pointer = UnsafeMutablePointer<Object>.allocate(capacity: 1)

    init(_ initialize: (UnsafeMutablePointer<Object>) -> Void) { initialize(pointer) }
}

/// The name may have 15 bytes.
func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) {
    final class Start {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let named: @Sendable () -> Void = {
        if let file = fopen("/proc/thread-self/comm", "w") {
            fputs(name, file)
            fclose(file)
        }
        body()
    }
    let context = Unmanaged.passRetained(Start(named)).toOpaque()
    let status = pthread_create(
        &thread, nil,
        { context in
            guard let context else { return nil }
            Unmanaged<Start>.fromOpaque(context).takeRetainedValue().body()
            return nil
        }, context)
    guard status == 0 else { fatalError("pthread_create: \(status)") }
}

@inline(never) func waitForTheMutex(_ mutex: Permanent<pthread_mutex_t>) {
    pthread_mutex_lock(mutex.pointer)
}

@inline(never) func waitForTheSemaphore(_ semaphore: Permanent<sem_t>) {
    sem_wait(semaphore.pointer)
}

@inline(never) func waitForTheDispatchSemaphore(_ semaphore: DispatchSemaphore) {
    semaphore.wait()
}

@inline(never) func waitForTheCondition(_ condition: Permanent<pthread_cond_t>, _ mutex: Permanent<pthread_mutex_t>) {
    pthread_mutex_lock(mutex.pointer)
    while true { pthread_cond_wait(condition.pointer, mutex.pointer) }
}

@inline(never) func sleepForEver() {
    while true { sleep(1000) }
}

private func startBlockedThreads() {
    let mutex = Permanent<pthread_mutex_t> { pthread_mutex_init($0, nil) }
    startThread("lock-holder") {
        pthread_mutex_lock(mutex.pointer)
        // Only now, so that none of these can have the mutex.
        for number in 1...3 { startThread("lock-waiter-\(number)") { waitForTheMutex(mutex) } }
        sleepForEver()
    }
    let semaphore = Permanent<sem_t> { sem_init($0, 0, 0) }
    startThread("semaphore") { waitForTheSemaphore(semaphore) }
    let condition = Permanent<pthread_cond_t> { pthread_cond_init($0, nil) }
    let itsMutex = Permanent<pthread_mutex_t> { pthread_mutex_init($0, nil) }
    startThread("condition") { waitForTheCondition(condition, itsMutex) }
    let dispatchSemaphore = DispatchSemaphore(value: 0)
    startThread("dispatch-sem") { waitForTheDispatchSemaphore(dispatchSemaphore) }
    startThread("say \"hi\"\\;x y") { sleepForEver() }  // what Graphviz, folded lines and labels must survive
}

// MARK: - Tasks that wait

private func startTasks() {
    let first = Task(name: "first in the queue") { await waitForACallback() }
    Task(name: "waits for a task") { await waitForAnotherTask(first) }
    for number in 1...3 { Task(name: "sleeper \(number)") { await sleepInATask() } }
    Task(name: "parent") {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { await sleepInATask() } }
        }
    }
    Task(name: "stream") { await readAStream() }
}

@inline(never) func waitForACallback() async {
    await innerWaitForACallback()
    unreachable()
}

@inline(never) func innerWaitForACallback() async {
    await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in keep(continuation) }
    unreachable()
}

@inline(never) func waitForAnotherTask(_ task: Task<Void, Never>) async {
    await task.value
    unreachable()
}

@inline(never) func sleepInATask() async {
    try? await Task.sleep(for: .seconds(100_000))
    unreachable()
}

@inline(never) func readAStream() async {
    let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
    keep(continuation)
    for await _ in stream { unreachable() }
    unreachable()
}

/// Holds on to a value for as long as the process lives.
private func keep<Value>(_ value: Value) {
    UnsafeMutablePointer<Value>.allocate(capacity: 1).initialize(to: value)
}

/// Makes the call before it no tail call.
private func unreachable() { fatalError("what is to wait for ever has ended") }
