// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
private import CAllocationTap

/// What glibc's word before a block says of it, believed only where it fits.
struct BlockSize {
    /// Bytes that can be used.
    let usable: UInt
    /// Mapped on its own (M), or from the arena of a thread (A); neither: from the main arena.
    let isMapped: Bool
    let isOfThreadArena: Bool

    /// Nil when the word cannot be the size of a live block of which the next one starts `distance` bytes further on, as when
    /// the block was freed between the looks at the map and at memory.
    @inline(__always)
    init?(wordBefore word: UInt64, distance: UInt) {
        let size = UInt(bitPattern: alloctap_glibc_size(word))
        // A chunk is a multiple of 16, and its own size word and that of the next block are 8 bytes.
        guard size >= 24, size < 1 << 47, size & 15 == 8 || word & 2 != 0, distance >= 8, size <= distance - 8 else {
            return nil
        }
        usable = size
        isMapped = word & 2 != 0
        isOfThreadArena = word & 4 != 0
    }
}
