// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// A memory cgroup of this process's own. Where none can be made, RLIMIT_DATA stands in for it.
enum MemoryGroup {
    private static let heap = 256 << 20
    nonisolated(unsafe) private static var directory: String?  // Safe: the main thread's.
    nonisolated(unsafe) private static var blocks: [UnsafeMutablePointer<UInt>] = []

    /// A heap of 256 MiB, whose blocks lead to each other.
    static func fill() -> Int32 {
        let count = heap / 128
        blocks.reserveCapacity(count)
        for index in 0..<count {
            let block = UnsafeMutablePointer<UInt>.allocate(capacity: 14)
            block.initialize(repeating: 1, count: 14)
            block[0] = index > 0 ? UInt(bitPattern: blocks[index / 2]) : 0
            blocks.append(block)
        }
        return 0
    }

    /// Joins the group and has a heap in it.
    static func join() -> Int32 {
        // The older hierarchy, or the newer one.
        for parent in ["/sys/fs/cgroup/memory", "/sys/fs/cgroup"] {
            let path = "\(parent)/debug-endpoint-\(getpid())"
            guard mkdir(path, 0o755) == 0 else { continue }
            let isMemory = ["memory.limit_in_bytes", "memory.max"].contains { access("\(path)/\($0)", W_OK) == 0 }
            if isMemory, write("\(getpid())", to: "\(path)/cgroup.procs") {
                directory = path
                break
            }
            rmdir(path)
        }
        print("is_group", directory != nil)
        return fill()
    }

    /// Leaves so much memory to the group.
    static func limit(to more: Int) -> Int32 {
        guard let directory else {
            var limit = rlimit(rlim_cur: UInt(heap + (64 << 20) + more), rlim_max: UInt(heap + (64 << 20) + more))
            return setrlimit(2, &limit) == 0 ? 0 : -errno  // RLIMIT_DATA
        }
        for (used, limit) in [("usage_in_bytes", "limit_in_bytes"), ("current", "max")] {
            guard let usage = number(in: "\(directory)/memory.\(used)") else { continue }
            return write("\(usage + more)", to: "\(directory)/memory.\(limit)") ? 0 : -errno
        }
        return -ENOENT
    }

    /// Goes back, and removes the group.
    static func leave() {
        guard let directory, let slash = directory.lastIndex(of: "/") else { return }
        _ = write("\(getpid())", to: "\(directory[..<slash])/cgroup.procs")
        print("is_removed", rmdir(directory) == 0)
    }

    private static func write(_ text: String, to path: String) -> Bool {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return Glibc.write(file, text, text.utf8.count) == text.utf8.count
    }

    private static func number(in path: String) -> Int? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 64)
        fgets(&line, Int32(line.count), file)
        return strtol(line, nil, 10)
    }
}
