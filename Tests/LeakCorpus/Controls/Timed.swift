// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Waits that time or the kernel ends: nobody needs to have what they wait for.
import Foundation

let timedControls: [Scenario] = [
    .control("timed-waits", "threads wait an hour for what nobody has") { stage in
        stage.thread("dispatch-sema", .sleeping) { _ = DispatchSemaphore(value: 0).wait(timeout: .now() + 3600) }
        stage.thread("dispatch-group", .sleeping) {
            let group = DispatchGroup()
            group.enter()
            _ = group.wait(timeout: .now() + 3600)
        }
        stage.thread("posix-sema", .sleeping) {
            let semaphore = PosixSemaphore()
            var time = inAnHour()
            withExtendedLifetime(semaphore) {
                while sem_timedwait(semaphore.pointer, &time) != 0 && errno == EINTR {}
            }
        }
        stage.thread("condition", .sleeping) {
            let (mutex, condition) = (PosixMutex(), PosixCondition())
            mutex.lock()
            while opaque(1) == 1 { _ = condition.wait(mutex, until: inAnHour()) }
        }
        stage.thread("nscondition", .sleeping) {
            let condition = NSCondition()
            condition.lock()
            while opaque(1) == 1 { _ = condition.wait(until: Date(timeIntervalSinceNow: 3600)) }
        }
        stage.thread("mutex", .sleeping) {
            let mutex = PosixMutex()
            var time = inAnHour()
            mutex.lock()
            withExtendedLifetime(mutex) { _ = pthread_mutex_timedlock(mutex.pointer, &time) }
        }
        stage.thread("nslock", .sleeping) {
            let lock = NSLock()
            lock.lock()
            _ = lock.lock(before: Date(timeIntervalSinceNow: 3600))
        }
    },
    .control("short-timed-waits", "a thread waits a moment for what nobody has, again and again") { stage in
        let isReleased = Flag()
        stage.thread("poller", .busy) {
            let semaphore = DispatchSemaphore(value: 0)
            while !isReleased.isSet { _ = semaphore.wait(timeout: .now() + .milliseconds(5)) }
        }
        stage.onRelease { isReleased.set() }
    },
    .control("sleeping-threads", "threads sleep an hour") { stage in
        stage.thread("nanosleep", .sleeping) {
            var time = timespec(tv_sec: 3600, tv_nsec: 0)
            nanosleep(&time, nil)
        }
        stage.thread("clock-nanosleep", .sleeping) {
            var time = timespec(tv_sec: 3600, tv_nsec: 0)
            _ = clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nil)
        }
        stage.thread("thread-sleep", .sleeping) { Thread.sleep(forTimeInterval: 3600) }
    },
    .control("sleeping-tasks", "tasks sleep an hour, in every way there is") { stage in
        stage.task("sleep-for", .sleeping) { try? await Task.sleep(for: .seconds(3600)) }
        stage.task("sleep-until", .sleeping) { try? await Task.sleep(until: .now + .seconds(3600), clock: .continuous) }
        stage.task("sleep-suspending", .sleeping) {
            try? await Task.sleep(until: .now + .seconds(3600), clock: .suspending)
        }
        stage.task("sleep-nanoseconds", .sleeping) { try? await Task.sleep(nanoseconds: 3600 * 1_000_000_000) }
        stage.task("clock-sleep", .sleeping) { try? await ContinuousClock().sleep(for: .seconds(3600)) }
        stage.task("awaits-a-sleeper", .sleeping) {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await Task.sleep(for: .seconds(3600)) }
            }
        }
    },
    .control("input-and-output", "threads wait for what only the kernel can bring") { stage in
        let (bell, polled) = (Bell(), Bell())
        stage.thread("read", .blocked) { _ = bell.wait() }
        stage.thread("poll", .blocked) {
            var descriptor = pollfd(fd: polled.descriptor, events: Int16(POLLIN), revents: 0)
            while poll(&descriptor, 1, -1) < 0 {}
        }
        stage.thread("accept", .sleeping) {
            let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            // Of two bytes: the kernel makes up an abstract name.
            withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = bind(listener, $0, 2) }
            }
            listen(listener, 1)
            _ = accept(listener, nil, nil)
        }
        stage.thread("pause", .sleeping) { pause() }
        stage.thread("sigwait", .sleeping) {
            var set = sigset_t()
            sigemptyset(&set)
            sigaddset(&set, SIGUSR1)
            pthread_sigmask(SIG_BLOCK, &set, nil)
            var signal: Int32 = 0
            sigwait(&set, &signal)
        }
        stage.onRelease {
            bell.ring()
            polled.ring()
        }
    },
    .control("lost-but-timed-task", "a task with a time limit awaits a lost continuation, which the limit resumes") {
        stage in
        stage.task("limited", .sleeping) {
            await withTaskGroup(of: Void.self) { group in
                group.addTask(name: "wait") { await CancellableWait().run() }
                group.addTask { try? await Task.sleep(for: .seconds(3600)) }
                await group.next()
                group.cancelAll()
            }
        }
        stage.expect(.task, "wait", .sleeping)
    },
]

private func inAnHour() -> timespec {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    time.tv_sec += 3600
    return time
}
