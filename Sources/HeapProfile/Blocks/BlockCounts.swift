// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What a census found: how many blocks of each type and size, and what of them is in memory.
package struct BlockCounts: Sendable {
    package struct TypeCount: Sendable {
        /// The metadata pointer; with bit 0, that of an error's type.
        package let key: UInt
        package let kind: MetadataKind
        package let count: UInt
        /// Usable bytes.
        package let bytes: UInt
    }

    package struct SizeCount: Sendable, Equatable {
        /// The smallest usable size of the class.
        package let size: UInt
        package let count: UInt
        package let bytes: UInt

        package init(size: UInt, count: UInt, bytes: UInt) {
            self.size = size
            self.count = count
            self.bytes = bytes
        }
    }

    /// Live blocks by who gave the memory, in 64 MiB of addresses.
    package struct Place: Sendable, Equatable {
        package var blocks: UInt = 0
        /// Usable bytes that are in memory, and glibc's words between blocks.
        package var bytes: UInt = 0
        package var headerBytes: UInt = 0
    }

    package internal(set) var types: [TypeCount] = []
    package internal(set) var sizes: [SizeCount] = []
    package internal(set) var blocks: UInt = 0
    /// Usable bytes of all blocks, in memory or not.
    package internal(set) var bytes: UInt = 0
    package internal(set) var residentBytes: UInt = 0
    package internal(set) var headerBytes: UInt = 0
    /// Of the heap that brk(2) extends.
    package internal(set) var mainArena = Place()
    /// Of arenas of threads, by the 64 MiB that the heap has to itself.
    package internal(set) var threadHeaps: [UInt: Place] = [:]
    /// Blocks that could not be read: freed meanwhile, or swapped out. They are in no other figure.
    package internal(set) var unread: UInt = 0
    /// Whether sizes are no more than the distance to the next block, as the allocator is not glibc's.
    package internal(set) var areUpperBounds = false
    /// Where blocks were found.
    package internal(set) var mappings: AddressRanges = AddressRanges([])
}
