// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import HeapProfile
import ProcessSnapshot
import Symbols

extension ProcessView {
    /// What a look at the heap needs to know of the process.
    static let heapSources = HeapLook.Sources(
        read: { ProcessMemory.read($0, into: $1) },
        stacks: {
            MemoryMap.current().flatMap { ThreadStacks.current($0) }
                .map { MemoryLook.Stacks(living: $0.living.values.map(\.range), ended: $0.ended) }
        },
        demangle: { mangled in
            let text = DemangledName(mangled: mangled).text
            return text == mangled ? nil : text
        })

    /// For the index, without a census.
    static var heapState: String {
        if HeapLook.refusal != nil { return "off" }
        let live = HeapLook.liveBlocks
        return "\(live) live blocks"
    }
}
