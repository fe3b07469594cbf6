// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Where the control groups of this process are, from what the kernel says of them and of the mounts. In a container the two
// may be told from different viewpoints; then the mount itself is the group, as every container runtime sets it up.

/// The control groups of this process, by controller.
struct CgroupPlaces: Equatable {
    private(set) var cpu: CgroupChain?
    private(set) var cpuAccounting: CgroupChain?
    private(set) var memory: CgroupChain?
    private(set) var threads: CgroupChain?
    private(set) var unified: CgroupChain?

    /// - Parameters:
    ///   - cgroup: `/proc/self/cgroup`: lines such as `4:memory:/app`, or `0::/app` for version 2.
    ///   - mountinfo: `/proc/self/mountinfo`.
    ///   - root: what stands before each path: a folder made up for a test.
    init(cgroup: String, mountinfo: String, root: String = "") {
        let mounts = mountinfo.split(separator: "\n").compactMap(Mount.init)
        let groups = cgroup.split(separator: "\n").compactMap(Membership.init)
        func chain(_ controller: Substring?) -> CgroupChain? {
            guard let group = groups.first(where: { $0.has(controller) }),
                let mount = mounts.first(where: { $0.has(controller) && $0.contains(group.path) })
                    ?? mounts.first(where: { $0.has(controller) })
            else { return nil }
            return mount.chain(to: group.path, root: root)
        }
        unified = chain(nil)
        // Where a controller has version 1, version 2 knows nothing of it.
        cpu = chain("cpu") ?? unified
        cpuAccounting = chain("cpuacct") ?? unified
        memory = chain("memory") ?? unified
        threads = chain("pids") ?? unified
    }

    private struct Membership {
        let controllers: [Substring]
        let path: Substring

        init?(_ line: Substring) {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return nil }
            controllers = fields[1].split(separator: ",")
            path = fields[2]
        }

        func has(_ controller: Substring?) -> Bool {
            guard let controller else { return controllers.isEmpty }
            return controllers.contains(controller)
        }
    }

    /// A line such as `36 31 0:33 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory`.
    private struct Mount {
        let root: String
        let point: String
        let isUnified: Bool
        let options: [Substring]

        init?(_ line: Substring) {
            let fields = line.split(separator: " ")
            guard fields.count >= 9, let dash = fields.dropFirst(6).firstIndex(of: "-"), dash + 3 < fields.count,
                fields[dash + 1] == "cgroup" || fields[dash + 1] == "cgroup2"
            else { return nil }
            root = Self.unescaped(fields[3])
            point = Self.unescaped(fields[4])
            isUnified = fields[dash + 1] == "cgroup2"
            options = fields[dash + 3].split(separator: ",")
        }

        func has(_ controller: Substring?) -> Bool {
            guard let controller else { return isUnified }
            return !isUnified && options.contains(controller)
        }

        private var base: String { root == "/" ? "" : root }

        /// A part of the hierarchy may be mounted, and more than one of them.
        func contains(_ path: Substring) -> Bool { path == root || path.hasPrefix(base + "/") }

        func chain(to path: Substring, root prefix: String) -> CgroupChain {
            var below = path.hasPrefix(base + "/") ? path.dropFirst(base.count).split(separator: "/") : []
            // What lies outside of the namespace is told as `/../x`.
            if below.contains("..") { below = [] }
            let folders = (0...below.count).map { count in
                CgroupFolder(
                    prefix + point + below.dropLast(count).map { "/" + $0 }.joined(), isUnified: isUnified)
            }
            return CgroupChain(folders: folders)
        }

        /// The kernel writes blanks and backslashes in octal: `\\040`.
        private static func unescaped(_ text: Substring) -> String {
            var bytes: [UInt8] = []
            var rest = text.utf8[...]
            while let byte = rest.popFirst() {
                let digits = rest.prefix(3)
                if byte == UInt8(ascii: "\\"), digits.count == 3,
                    let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
                {
                    bytes.append(code)
                    rest = rest.dropFirst(3)
                } else {
                    bytes.append(byte)
                }
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
