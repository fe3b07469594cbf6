// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// References that the kernel or Dispatch keeps.
import Foundation

let kernelControls: [Scenario] = [
    .control("epoll-data", "the data of a descriptor in epoll is the only reference; a thread waits for its event") {
        stage in
        let bell = Bell()
        let epoll = Epoll()
        epoll.add(bell.descriptor, data: addressWithWaiter(stage))
        stage.thread("event-loop", .blocked) {
            let address = epoll.wait()
            switch bell.wait() {
            case .release: postTo(address)
            case .drop: epoll.remove(bell.descriptor)
            }
        }
        stage.onCommands(ring: bell)
    },
    .control("address-in-a-pipe", "the only reference is on its way through a pipe, whose reader is busy") { stage in
        addressOnItsWay(stage, through: Wire.pipe())
    },
    .control("address-in-a-socket", "the only reference is on its way through a Unix socket, whose reader is busy") {
        stage in
        addressOnItsWay(stage, through: Wire.socket())
    },
    .control("timer-signal-value", "the value of a POSIX timer's signal is the only reference") { stage in
        var action = sigaction()
        action.__sigaction_handler.sa_sigaction = { _, information, _ in
            // si_value, at byte 24 of what the kernel hands over for a timer.
            guard let information else { return }
            postTo(UnsafeRawPointer(information).load(fromByteOffset: 24, as: UInt.self))
        }
        action.sa_flags = SA_SIGINFO | Int32(SA_RESTART)
        sigaction(SIGUSR2, &action, nil)
        let timer = SignalTimer(value: addressWithWaiter(stage))
        stage.onRelease { timer.fireSoon() }
        stage.onDrop { timer.delete() }
    },
    // The handler has the source, the source the handler, and Dispatch alone has both.
    .control("dispatch-timer", "the handler of a timer that fires in an hour is the only reference") { stage in
        let semaphore = DispatchSemaphore(value: 0)
        stage.thread("waiter", .sleeping) { semaphore.wait() }
        let source = DispatchSource.makeTimerSource(queue: .global())
        source.schedule(deadline: .now() + 3600)
        source.setEventHandler {
            semaphore.signal()
            source.cancel()
        }
        source.resume()
    },
    .control("dispatch-timer-of-a-task", "the handler of a timer has the only continuation") { stage in
        let isReleased = KeptByDispatch.isReleased
        stage.task("waiter", .waiting) {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                let source = DispatchSource.makeTimerSource(queue: .global())
                source.schedule(deadline: .now() + 0.05, repeating: 0.05)
                source.setEventHandler {
                    guard isReleased.isSet else { return }
                    source.cancel()
                    continuation.resume()
                }
                source.resume()
            }
        }
        stage.onRelease { KeptByDispatch.isReleased.set() }
    },
    .control("dispatch-after", "a block that Dispatch runs later is the only reference") { stage in
        let semaphore = DispatchSemaphore(value: 0)
        stage.thread("waiter", .sleeping) { semaphore.wait() }
        DispatchQueue.global().asyncAfter(deadline: .now() + 3600) { semaphore.signal() }
    },
    .control("dispatch-after-continuation", "a block that Dispatch runs later has the only continuation") { stage in
        stage.task("waiter", .sleeping) {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                DispatchQueue.global().asyncAfter(deadline: .now() + 3600) { continuation.resume() }
            }
        }
    },
    .control("dispatch-read-source", "the handler of a source that waits for input is the only reference") { stage in
        let semaphore = DispatchSemaphore(value: 0)
        stage.thread("waiter", .waiting) { semaphore.wait() }
        let bell = Bell()
        let source = DispatchSource.makeReadSource(fileDescriptor: bell.descriptor, queue: .global())
        source.setEventHandler {
            semaphore.signal()
            source.cancel()
        }
        source.resume()
        stage.onRelease { bell.ring() }
    },
    .control("suspended-queue", "a block on a suspended queue in a global is the only reference") { stage in
        let semaphore = DispatchSemaphore(value: 0)
        stage.thread("waiter", .waiting) { semaphore.wait() }
        KeptByDispatch.queue.suspend()
        KeptByDispatch.queue.async { semaphore.signal() }
        stage.onRelease { KeptByDispatch.queue.resume() }
    },
    .control("group-notification", "a sleeping thread will leave the group whose notification wakes a task") { stage in
        let (bell, steps) = (Bell(), Steps())
        stage.task("waiter", .waiting) {
            await withCheckedContinuation { continuation in
                let group = DispatchGroup()
                group.enter()
                group.notify(queue: .global()) { continuation.resume() }
                stage.thread("sleeper", .blocked) {
                    steps.done()
                    if bell.wait() == .release { group.leave() }
                }
            }
        }
        steps.wait(for: 1)
        stage.onRelease { bell.ring() }
    },
    .control("queue-specific-value", "a value that a global queue keeps by key is the only reference") { stage in
        let semaphore = DispatchSemaphore(value: 0)
        stage.thread("waiter", .waiting) { semaphore.wait() }
        KeptByDispatch.queue.setSpecific(key: KeptByDispatch.key, value: semaphore)
        stage.onRelease { KeptByDispatch.queue.getSpecific(key: KeptByDispatch.key)?.signal() }
        stage.onDrop { KeptByDispatch.queue.setSpecific(key: KeptByDispatch.key, value: nil) }
    },
    .control("queue-in-a-job-that-sleeps", "a sync waits for a queue whose block sleeps") { stage in
        let (queue, bell, steps) = (DispatchQueue(label: "busy"), Bell(), Steps())
        stage.thread("holder", .blocked) {
            queue.sync {
                steps.done()
                _ = bell.wait()
            }
        }
        steps.wait(for: 1)
        for name in ["syncer-1", "syncer-2"] { stage.thread(name, .waiting) { queue.sync {} } }
        stage.onRelease { bell.ring() }
    },
]

@inline(never)
private func addressWithWaiter(_ stage: Stage) -> UInt {
    let semaphore = PosixSemaphore()
    stage.thread("waiter", .waiting) { semaphore.wait() }
    untilThreadWaits("waiter")
    return UInt(bitPattern: semaphore.pointer)
}

@inline(never)
private func postTo(_ address: UInt) {
    if let semaphore = UnsafeMutablePointer<sem_t>(bitPattern: address) { sem_post(semaphore) }
}

@inline(never)
private func addressOnItsWay(_ stage: Stage, through wire: Wire) {
    wire.send(addressWithWaiter(stage))
    stage.onRelease { postTo(wire.receive()) }
    stage.onDrop { wire.close() }
}

/// Two descriptors: what one is given, the other gives back.
private struct Wire: Sendable {
    private let reading: Int32
    private let writing: Int32

    static func pipe() -> Wire {
        var ends: [Int32] = [0, 0]
        _ = Glibc.pipe(&ends)
        return Wire(reading: ends[0], writing: ends[1])
    }

    static func socket() -> Wire {
        var ends: [Int32] = [0, 0]
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
        return Wire(reading: ends[0], writing: ends[1])
    }

    /// Behind a byte, as in a message of a length of its own.
    @inline(never)
    func send(_ address: UInt) {
        var bytes: [UInt8] = [1] + withUnsafeBytes(of: address) { Array($0) }
        write(writing, &bytes, bytes.count)
        for index in bytes.indices { bytes[index] = 0 }
        touch(&bytes)
    }

    @inline(never)
    func receive() -> UInt {
        var bytes = [UInt8](repeating: 0, count: 9)
        read(reading, &bytes, bytes.count)
        return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 1, as: UInt.self) }
    }

    /// Nobody gets what is on its way.
    func close() {
        _ = Glibc.close(reading)
        _ = Glibc.close(writing)
    }
}

private enum KeptByDispatch {
    static let isReleased = Flag()
    static let queue = DispatchQueue(label: "kept")
    static let key = DispatchSpecificKey<DispatchSemaphore>()
}

/// What only the kernel knows of.
private struct Epoll: Sendable {
    private typealias Make = @convention(c) (Int32) -> Int32
    private typealias Control = @convention(c) (Int32, Int32, Int32, UnsafeMutableRawPointer?) -> Int32
    private typealias Wait = @convention(c) (Int32, UnsafeMutableRawPointer?, Int32, Int32) -> Int32

    private let descriptor = unsafeBitCast(symbol("epoll_create1"), to: Make.self)(O_CLOEXEC)

    #if arch(x86_64)
        private static let dataOffset = 4  // packed
    #else
        private static let dataOffset = 8
    #endif

    @inline(never)
    func add(_ watched: Int32, data: UInt) {
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { event in
            event.storeBytes(of: 1, as: UInt32.self)  // EPOLLIN
            event.storeBytes(of: data, toByteOffset: Self.dataOffset, as: UInt.self)
            _ = unsafeBitCast(symbol("epoll_ctl"), to: Control.self)(descriptor, 1, watched, event.baseAddress)
            event.storeBytes(of: 0, toByteOffset: Self.dataOffset, as: UInt.self)
        }
    }

    func remove(_ watched: Int32) {
        _ = unsafeBitCast(symbol("epoll_ctl"), to: Control.self)(descriptor, 2, watched, nil)
    }

    /// Blocks until there is an event; returns its data.
    @inline(never)
    func wait() -> UInt {
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { event in
            while unsafeBitCast(symbol("epoll_wait"), to: Wait.self)(descriptor, event.baseAddress, 1, -1) < 1 {}
            return event.loadUnaligned(fromByteOffset: Self.dataOffset, as: UInt.self)
        }
    }
}

private func symbol(_ name: String) -> UnsafeMutableRawPointer? {
    dlsym(nil, name)
}

/// A timer of an hour that sends SIGUSR2 with a value.
private struct SignalTimer: Sendable {
    // Safe: a timer's id is a number in the shape of a pointer.
    nonisolated(unsafe) private let timer: timer_t?

    @inline(never)
    init(value: UInt) {
        var event = sigevent()
        event.sigev_notify = Int32(SIGEV_SIGNAL)
        event.sigev_signo = SIGUSR2
        event.sigev_value.sival_ptr = UnsafeMutableRawPointer(bitPattern: value)
        var made: timer_t?
        timer_create(CLOCK_MONOTONIC, &event, &made)
        timer = made
        set(seconds: 3600, nanoseconds: 0)
        event = sigevent()
        touch(&event)
    }

    func fireSoon() { set(seconds: 0, nanoseconds: 1) }
    func delete() { timer_delete(timer) }

    private func set(seconds: Int, nanoseconds: Int) {
        var time = itimerspec()
        time.it_value = timespec(tv_sec: seconds, tv_nsec: nanoseconds)
        timer_settime(timer, 0, &time, nil)
    }
}
