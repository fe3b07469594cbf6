// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// The name of one task, for samples that say which task ran.
package enum TaskName {
    /// Nil when it has no name, or there is no such task any more. Cost: some 2 µs. Safe from any thread.
    package static func name(ofTaskAt address: UInt, id: UInt64) -> String? {
        typealias Task = TaskLayout.Task
        guard let low = ProcessMemory.load(address &+ Task.lowID, as: UInt32.self),
            let high = ProcessMemory.load(address &+ Task.highID, as: UInt32.self),
            UInt64(high) << 32 | UInt64(low) == id
        else { return nil }
        var next = ProcessMemory.load(address &+ Task.statusRecord, as: UInt.self) ?? 0
        for _ in 0..<16 where next != 0 {
            let words = ProcessMemory.words(next, count: 3)  // kind, next outer record, payload
            guard words.count == 3 else { return nil }
            if words[0] & 0xff == TaskLayout.RecordKind.name { return ProcessMemory.text(words[2]) }
            next = words[1]
        }
        return nil
    }
}
