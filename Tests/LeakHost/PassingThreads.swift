// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import Synchronization

/// Threads that start, wait for the one that started them, and end, all the time.
enum PassingThreads {
    static func start() -> Int32 {
        for index in 0..<4 {
            startThread("starter-\(index)") {
                while !isOver.load(ordering: .relaxed) { startOne() }
            }
        }
        return 0
    }

    /// Only this stack has what the other one waits for.
    @inline(never) private static func startOne() {
        let begin = DispatchSemaphore(value: 0)
        let end = DispatchSemaphore(value: 0)
        let thread = startThread("passing", joinable: true) {
            begin.wait()
            end.signal()
        }
        usleep(50)
        begin.signal()
        end.wait()
        pthread_join(thread, nil)
    }
}
