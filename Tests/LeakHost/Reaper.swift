// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// A host that reaps whatever child ends, of every kind there is, and has children that end while it is scanned.
enum Reaper {
    private static let reaped = Atomic(0)
    nonisolated(unsafe) private static var started = 0  // Safe: the main thread's.
    private static let everyKind: Int32 = 0x4000_0000  // __WALL

    static func start() -> Int32 {
        startThread("reaper") {
            while !isOver.load(ordering: .relaxed) {
                var status: Int32 = 0
                if waitpid(-1, &status, everyKind) > 0 { reaped.add(1, ordering: .relaxed) } else { usleep(1000) }
            }
        }
        return 0
    }

    /// Started by the main thread, which takes signals: the end of a child that a thread has started while it blocks them wakes
    /// one that waits, and who has woken is not accused.
    static func startChildren() {
        for index in 0..<10 {
            var child = pid_t()
            let words = ["sleep", "0.0\(index)"]
            let arguments: [UnsafeMutablePointer<CChar>?] = words.map { (word: String) in strdup(word) } + [nil]
            if posix_spawnp(&child, "sleep", nil, nil, arguments, environ) == 0 { started += 1 }
            for argument in arguments { free(argument) }
        }
    }

    static func report() {
        let deadline = ContinuousClock.now + .seconds(20)
        while reaped.load(ordering: .relaxed) < started, ContinuousClock.now < deadline { usleep(1000) }
        print("children", started)
        print("all_reaped", reaped.load(ordering: .relaxed) >= started)
        print("children_left", waitpid(-1, nil, WNOHANG | everyKind) == -1 && errno == ECHILD ? 0 : 1)
    }
}
