// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// What a profile leaves to be seen in this process: the action of SIGPROF, and timers.
enum Profiling {
    /// What is done when SIGPROF comes.
    struct Action: Equatable {
        let handler: UInt
        let flags: Int32
        let mask: UInt64

        static var current: Action {
            var action = sigaction()
            sigaction(SIGPROF, nil, &action)
            return Action(
                handler: unsafeBitCast(action.__sigaction_handler, to: UInt.self),
                // Without SA_RESTORER, which glibc adds to every action that is set.
                flags: action.sa_flags & ~0x0400_0000,
                // What the kernel knows of it; glibc leaves the rest as it was.
                mask: withUnsafeBytes(of: action.sa_mask) { $0.load(as: UInt64.self) })
        }
    }

    static var timerCount: Int {
        Proc.read("/proc/self/timers").split(separator: "\n").filter { $0.hasPrefix("ID:") }.count
    }

    /// Returns once a profile has begun to sample.
    @discardableResult
    static func begins() -> Bool {
        eventually(within: .seconds(30)) { timerCount > 0 }
    }

    static func setBlocked(_ isBlocked: Bool) {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGPROF)
        pthread_sigmask(isBlocked ? SIG_BLOCK : SIG_UNBLOCK, &set, nil)
    }

    /// What ends a child that gets SIGPROF now; 0 when it lives.
    static func signalOfAChild() -> Int32 {
        let child = forkProcess()
        if child == 0 {
            kill(getpid(), SIGPROF)
            _exit(0)
        }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        return status & 0x7F
    }
}

/// Names the calling thread; at most 15 bytes.
func nameThread(_ name: String) {
    let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = write(descriptor, name, name.utf8.count)
    close(descriptor)
}

/// The calling thread's id.
func threadID() -> Int {
    var path = [CChar](repeating: 0, count: 64)
    let length = readlink("/proc/thread-self", &path, path.count)
    let text = String(decoding: path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return text.split(separator: "/").last.flatMap { Int($0) } ?? 0
}
