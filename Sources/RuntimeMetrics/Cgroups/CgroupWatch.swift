// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Knows where this process's control groups are, and finds them anew when it is moved to others.
struct CgroupWatch {
    private var told: [UInt8] = []
    private(set) var places: CgroupPlaces?

    private func isSame(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count == told.count else { return false }
        var index = 0
        while index < told.count {
            if bytes[index] != told[index] { return false }
            index += 1
        }
        return true
    }

    /// Cost: one small file, unless the process was moved.
    mutating func look(_ files: SystemFiles) {
        let hasStayed = files.read("/proc/self/cgroup") { isSame($0.bytes) }
        guard let hasStayed else {
            self = CgroupWatch()
            return
        }
        if hasStayed, places != nil { return }
        guard let now = files.read("/proc/self/cgroup", { Array($0.bytes) }),
            let mounts = files.wholeText("/proc/self/mountinfo")
        else { return }
        told = now
        places = CgroupPlaces(
            cgroup: String(decoding: now, as: UTF8.self), mountinfo: mounts,
            root: String(decoding: files.root.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
}
