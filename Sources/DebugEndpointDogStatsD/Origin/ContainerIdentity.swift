// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// How the agent is told which container this process runs in, found as Datadog's clients find it.
package struct ContainerIdentity: Sendable {
    private let procfs: String
    private let cgroups: String

    package init(procfs: String = "/proc", cgroups: String = "/sys/fs/cgroup") {
        self.procfs = procfs
        self.cgroups = cgroups
    }

    /// The container's id by `/proc/self/cgroup`, else by `/proc/self/mountinfo`; else, in a cgroup namespace of its own,
    /// `in-` and the inode of the cgroup's directory. Nil where there is no container to be seen.
    package func find() -> String? {
        let cgroup = TextFile.read(procfs + "/self/cgroup") ?? ""
        if let id = Self.id(cgroup: cgroup) { return id }
        if let id = TextFile.read(procfs + "/self/mountinfo").flatMap(Self.id(mountinfo:)) { return id }
        guard !isHostCgroupNamespace else { return nil }
        return inode(cgroup)
    }

    /// The kernel's number for the first cgroup namespace (linux/proc_ns.h): there, a container would be seen in `cgroup`.
    private static let hostCgroupNamespace: ino_t = 0xEFFF_FFFB

    private var isHostCgroupNamespace: Bool {
        FileIdentity.inode(procfs + "/self/ns/cgroup") == Self.hostCgroupNamespace
    }

    private func inode(_ cgroup: String) -> String? {
        // Version 1 has a directory for each controller; version 2 has one line, with an empty name.
        for controller in ["memory", ""] {
            for line in cgroup.split(separator: "\n") {
                let parts = line.split(separator: ":", omittingEmptySubsequences: false)
                guard parts.count == 3, parts[1] == controller else { continue }
                let folder = controller.isEmpty ? cgroups : cgroups + "/" + controller
                if let inode = FileIdentity.inode(folder + "/" + parts[2]) { return "in-\(inode)" }
            }
        }
        return nil
    }

    /// The id that a line's path ends in, `.scope` aside; the first line that has one.
    static func id(cgroup: String) -> String? {
        for line in cgroup.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(\.isNumber) else { continue }
            var path = Array(parts[2].utf8)[...]
            if path.suffix(6).elementsEqual(".scope".utf8) { path = path.dropLast(6) }
            if let id = ContainerID.atEnd(of: path) { return id }
        }
        return nil
    }

    /// The rightmost id in a path that goes on to the container's `hostname` file. A sandbox of containerd is not the container.
    static func id(mountinfo: String) -> String? {
        for line in mountinfo.split(separator: "\n") {
            for field in line.split(separator: " ").reversed() {
                let parts = field.split(separator: "/", omittingEmptySubsequences: false)
                guard
                    let last = parts.lastIndex(where: {
                        $0.utf8.elementsEqual("hostname".utf8) || $0.hasSuffix("hostname")
                    })
                else { continue }
                guard let place = parts[..<last].lastIndex(where: { ContainerID.isContainerOrTask($0.utf8) }), place > 0
                else { continue }
                if parts[place - 1] == "sandboxes" { break }
                return String(parts[place])
            }
        }
        return nil
    }
}

/// The forms that container ids have.
enum ContainerID {
    /// 64 hex digits, a UUID, or an ECS task's 32 hex digits, a hyphen and a number.
    static func atEnd(of path: ArraySlice<UInt8>) -> String? {
        for candidate in [path.suffix(64), path.suffix(36)] where isHexadecimal(candidate) || isUUID(candidate) {
            return String(decoding: candidate, as: UTF8.self)
        }
        let digits = path.reversed().prefix { (0x30...0x39).contains($0) }.count
        let task = path.suffix(digits + 33)
        return isTask(task) ? String(decoding: task, as: UTF8.self) : nil
    }

    static func isContainerOrTask(_ text: some Sequence<UInt8>) -> Bool {
        let text = Array(text)[...]
        return isHexadecimal(text) || isTask(text)
    }

    private static func isHexadecimal(_ text: ArraySlice<UInt8>) -> Bool {
        text.count == 64 && text.allSatisfy(isHexadecimalDigit)
    }

    private static func isTask(_ text: ArraySlice<UInt8>) -> Bool {
        text.count > 33 && text.prefix(32).allSatisfy(isHexadecimalDigit)
            && text.dropFirst(32).first == UInt8(ascii: "-")
            && text.dropFirst(33).allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func isUUID(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.count == 36 else { return false }
        return text.enumerated().allSatisfy { place, byte in
            [8, 13, 18, 23].contains(place)
                ? byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") : isHexadecimalDigit(byte)
        }
    }

    private static func isHexadecimalDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
