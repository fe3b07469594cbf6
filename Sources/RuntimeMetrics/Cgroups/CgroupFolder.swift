// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// The folder of a control group, as a path that ends in 0, and whether it is of version 2.
struct CgroupFolder: Equatable {
    let path: [CChar]
    let isUnified: Bool

    init(_ path: String, isUnified: Bool) {
        self.path = path.utf8CString.map { $0 }
        self.isUnified = isUnified
    }
}

/// The folders that limit this process for one controller: its own group's first, then those above it as far as they are mounted.
struct CgroupChain: Equatable {
    let folders: [CgroupFolder]

    var own: CgroupFolder? { folders.isEmpty ? nil : folders[0] }

    /// The least of what the groups give.
    func least<Number: Comparable>(_ limit: (CgroupFolder) -> Number?) -> Number? {
        var least: Number?
        var index = 0
        while index < folders.count {
            defer { index += 1 }
            guard let limit = limit(folders[index]) else { continue }
            least = least.map { min($0, limit) } ?? limit
        }
        return least
    }
}
