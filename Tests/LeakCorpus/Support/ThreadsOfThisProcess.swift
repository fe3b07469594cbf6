// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// A thread as the kernel shows it: cheap, so that a thousand can be looked at often.
struct ThreadsOfThisProcess {
    let name: String
    /// In a futex wait without a timeout.
    let waits: Bool
    /// In any system call.
    let isInCall: Bool

    static func now() -> [ThreadsOfThisProcess] {
        guard let stream = opendir("/proc/self/task") else { return [] }
        defer { closedir(stream) }
        var threads: [ThreadsOfThisProcess] = []
        while let entry = readdir(stream) {
            let id = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard !id.hasPrefix(".") else { continue }
            let name = text("/proc/self/task/\(id)/comm").prefix { $0 != "\n" }
            let call = text("/proc/self/task/\(id)/syscall").split(separator: " ")
            threads.append(
                ThreadsOfThisProcess(
                    name: String(name),
                    waits: call.count > 4 && call[0] == futex && call[4] == "0x0",
                    isInCall: call.first.map { $0 != "running" && $0 != "-1\n" } ?? false))
        }
        return threads
    }

    #if arch(x86_64)
        private static let futex = "202"
    #else
        private static let futex = "98"
    #endif

    private static func text(_ path: String) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(file, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
