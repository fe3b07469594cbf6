// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

// Blocks of which only a part counts: frames of a task that lie beside memory which was used before.
extension HeapMarker {
    /// Looks at a part of a block that is gated, and stays so.
    package func scan(_ range: Range<UInt>, of block: Range<UInt>) {
        place.pointee.block = block
        scanLarge(range)
    }

    /// Looks at words that were copied from `start` on, out of a block that is gated, and stays so.
    package func scan(_ words: ArraySlice<UInt>, copiedFrom start: UInt, of block: Range<UInt>) {
        words.withUnsafeBufferPointer { words in
            guard let first = words.baseAddress else { return }
            place.pointee.block = block
            place.pointee.shift = start &- UInt(bitPattern: first)
            for index in words.indices { consider(words[index], first + index) }
        }
    }

    /// A gated block that has been reached: references to it are not reported any more, and it is not looked into but by
    /// ``scan(_:of:)`` until it is opened. ``setHollow(_:)`` has to name it from now on.
    package func hollowOut(_ start: UInt) {
        guard gated[start] != nil else { return }
        hollow[start] = true
        setSpecial(start, true)
    }
}
