// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Glibc

nonisolated(unsafe) private var globalSemaphore = DispatchSemaphore(value: 0)
nonisolated(unsafe) private var globalArray: [DispatchSemaphore] = []
nonisolated(unsafe) private var timer: (any DispatchSourceTimer)?
nonisolated(unsafe) private var unmanaged: Unmanaged<DispatchSemaphore>?
nonisolated(unsafe) private var sharedPage: UnsafeMutablePointer<UInt>?

/// Threads that wait and may wake: each must stay silent.
enum KeptThreads {
    @inline(never)
    static func start() {
        startThread("keep-global") { globalSemaphore.wait() }
        inCollection()
        bySleeper()
        byTimedWaiter()
        lockOfSleeper()
        inEpoll()
        inLocalStorage()
        inMapping()
        inTimer()
        middleOfBlock()
        chain()
        joinSleeper()
        onStackOfOther()
    }

    @inline(never) private static func inCollection() {
        let semaphore = DispatchSemaphore(value: 0)
        globalArray.append(semaphore)
        startThread("keep-array") { semaphore.wait() }
        let raw = DispatchSemaphore(value: 0)
        unmanaged = Unmanaged.passUnretained(raw)
        startThread("keep-unmanaged") { raw.wait() }
    }

    @inline(never) private static func bySleeper() {
        let semaphore = DispatchSemaphore(value: 0)
        startThread("sleeper") {
            sleepForAnHour()
            semaphore.signal()
        }
        startThread("keep-sleeper") { semaphore.wait() }
        let other = DispatchSemaphore(value: 0)
        startThread("poller") {
            var none = pollfd()
            poll(&none, 0, -1)
            other.signal()
        }
        startThread("keep-poller") { other.wait() }
    }

    @inline(never) private static func byTimedWaiter() {
        let semaphore = DispatchSemaphore(value: 0)
        startThread("keep-timed") {
            _ = DispatchSemaphore(value: 0).wait(timeout: .now() + 3600)
            semaphore.signal()
        }
        startThread("keep-by-timed") { semaphore.wait() }
    }

    @inline(never) private static func lockOfSleeper() {
        let lock = Sent(NSLock())
        let held = DispatchSemaphore(value: 0)
        startThread("lock-sleeper") {
            lock.value.lock()
            held.signal()
            sleepForAnHour()
            lock.value.unlock()
        }
        held.wait()
        startThread("keep-lock") { lock.value.lock() }
    }

    @inline(never) private static func inEpoll() {
        let semaphore = DispatchSemaphore(value: 0)
        // Swift's Glibc module has no epoll.
        typealias Create = @convention(c) (Int32) -> Int32
        typealias Control = @convention(c) (Int32, Int32, Int32, UnsafeMutableRawPointer) -> Int32
        let create = unsafeBitCast(dlsym(nil, "epoll_create1")!, to: Create.self)
        let control = unsafeBitCast(dlsym(nil, "epoll_ctl")!, to: Control.self)
        var ends: [Int32] = [0, 0]
        pipe(&ends)
        // EPOLLIN, and the data directly behind it: the structure is packed. EPOLL_CTL_ADD is 1.
        var event: [UInt32] = [1, 0, 0]
        event.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(
                of: UInt(bitPattern: Unmanaged.passUnretained(semaphore).toOpaque()), toByteOffset: 4, as: UInt.self)
            _ = control(create(0), 1, ends[0], bytes.baseAddress!)
        }
        startThread("keep-epoll") { semaphore.wait() }
    }

    @inline(never) private static func inLocalStorage() {
        let semaphore = DispatchSemaphore(value: 0)
        startThread("tls") {
            var key = pthread_key_t()
            pthread_key_create(&key, nil)
            pthread_setspecific(key, Unmanaged.passUnretained(semaphore).toOpaque())
            sleepForAnHour()
        }
        startThread("keep-tls") { semaphore.wait() }
    }

    @inline(never) private static func inMapping() {
        let semaphore = DispatchSemaphore(value: 0)
        let page = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)!
            .assumingMemoryBound(to: UInt.self)
        page[17] = UInt(bitPattern: Unmanaged.passUnretained(semaphore).toOpaque())
        startThread("keep-mapping") { semaphore.wait() }
    }

    @inline(never) private static func inTimer() {
        let semaphore = DispatchSemaphore(value: 0)
        let source = DispatchSource.makeTimerSource()
        source.schedule(deadline: .now() + 3600)
        source.setEventHandler { semaphore.signal() }
        source.resume()
        timer = source
        startThread("keep-timer") { semaphore.wait() }
        let later = DispatchSemaphore(value: 0)
        DispatchQueue.global().asyncAfter(deadline: .now() + 3600) { later.signal() }
        startThread("keep-after") { later.wait() }
    }

    @inline(never) private static func middleOfBlock() {
        let block = UnsafeMutableRawPointer.allocate(byteCount: 300_000, alignment: 16)
        memset(block, 0, 300_000)
        let semaphore = (block + 200_000).assumingMemoryBound(to: sem_t.self)
        sem_init(semaphore, 0, 0)
        sharedPage = (block + 299_984).assumingMemoryBound(to: UInt.self)
        let sent = Sent(semaphore)
        startThread("keep-interior") { sem_wait(sent.value) }
    }

    /// Each waits for the one before; the first sleeps.
    @inline(never) private static func chain() {
        var before = DispatchSemaphore(value: 0)
        let first = before
        startThread("chain-head") {
            sleepForAnHour()
            first.signal()
        }
        for link in 0..<50 {
            let mine = before
            let next = DispatchSemaphore(value: 0)
            startThread("keep-chain-\(link)") {
                mine.wait()
                next.signal()
            }
            before = next
        }
    }

    @inline(never) private static func joinSleeper() {
        let handle = startThread("joined-sleeper", joinable: true) { sleepForAnHour() }
        startThread("keep-join") { pthread_join(handle, nil) }
    }

    /// A semaphore on the waiter's own stack that a sleeping thread has a pointer to.
    @inline(never) private static func onStackOfOther() {
        startThread("keep-on-stack") {
            var semaphore = sem_t()
            sem_init(&semaphore, 0, 0)
            withUnsafeMutablePointer(to: &semaphore) { pointer in
                let sent = Sent(pointer)
                startThread("stack-user") {
                    sleepForAnHour()
                    sem_post(sent.value)
                }
                sem_wait(pointer)
            }
        }
    }
}
