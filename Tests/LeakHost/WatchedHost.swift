// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import Dispatch
import Glibc

/// A process that scans itself all the time, each time with something new that is lost, so that registers are read. It listens on a
/// port until it is told to close it.
enum WatchedHost {
    nonisolated(unsafe) private static var kept: [DispatchSemaphore] = []  // Safe: the main thread's.

    static func run() throws {
        // The more there is to read, the longer the helper lives.
        for index in 0..<250 {
            let semaphore = DispatchSemaphore(value: 0)
            kept.append(semaphore)
            startThread("keep-\(index)") { semaphore.wait() }
        }
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(listener, $0, size)
                _ = listen(listener, 16)
                _ = getsockname(listener, $0, &size)
            }
        }
        say("port \(UInt16(bigEndian: address.sin_port))")
        startThread("commands") {
            while let line = readLine() {
                if line == "close" { close(listener) }
                say("done \(line)")
            }
            exit(0)
        }
        for round in 0... {
            lose(round)
            usleep(20_000)
            let report = try LeakDetector.scan()
            let left = waitpid(-1, nil, WNOHANG | 0x4000_0000) == -1 && errno == ECHILD ? 0 : 1  // __WALL
            let reason = report.unknown.first?.reason ?? ""
            say("scan \(report.leaks.count) \(report.unknown.count) \(left) \(reason)")
        }
    }

    @inline(never) private static func lose(_ round: Int) {
        let semaphore = DispatchSemaphore(value: 0)
        startThread("leak-\(round)") { semaphore.wait() }
        clearStack()
    }

    private static func say(_ line: String) {
        // Not through stdio: flushing it waits for the thread that reads.
        _ = write(STDOUT_FILENO, line + "\n", line.utf8.count + 1)
    }
}
