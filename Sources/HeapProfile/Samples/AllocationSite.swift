// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CAllocationTap

/// What one stack allocated in blocks of one size class.
package struct AllocationSite: Sendable, Equatable {
    /// Addresses of instructions, leaf first: of a return address, the byte before. Where async code runs, what follows are those
    /// that await it.
    package var stack: [UInt]
    /// The smallest size of the class, in bytes.
    package var sizeClass: UInt64
    /// Whether a thread of the endpoint's allocated.
    package var isOwn: Bool
    package var allocated: AllocationFigures
    package var inUse: AllocationFigures

    package init(
        stack: [UInt], sizeClass: UInt64, isOwn: Bool = false, allocated: AllocationFigures, inUse: AllocationFigures
    ) {
        self.stack = stack
        self.sizeClass = sizeClass
        self.isOwn = isOwn
        self.allocated = allocated
        self.inUse = inUse
    }
}

extension AllocationSite {
    static let unread = AllocationSite(
        stack: [], sizeClass: 0, allocated: AllocationFigures(), inUse: AllocationFigures())

    init(_ pointer: UnsafePointer<alloctap_site>) {
        // Of return addresses, which all of a stack's are, the byte before is in the call.
        let called = Self.words(pointer, \.frames, pointer.pointee.depth).map { $0 &- 1 }
        let callers = Self.words(pointer, \.async_frames, pointer.pointee.async_depth)
        let index = Int(pointer.pointee.async_index)
        stack = index < 0 || callers.isEmpty ? called : called.prefix(index + 1) + callers
        sizeClass = pointer.pointee.size_class
        isOwn = pointer.pointee.own != 0
        allocated = AllocationFigures(
            samples: pointer.pointee.sampled_allocations, objects4096: pointer.pointee.allocated_objects_4096,
            bytes: pointer.pointee.allocated_bytes)
        inUse =
            allocated
            - AllocationFigures(
                samples: pointer.pointee.sampled_frees, objects4096: pointer.pointee.freed_objects_4096,
                bytes: pointer.pointee.freed_bytes)
    }

    /// The first `count` words of an array that C declares, a tuple here.
    private static func words<Tuple>(
        _ pointer: UnsafePointer<alloctap_site>, _ member: KeyPath<alloctap_site, Tuple>, _ count: UInt32
    ) -> [UInt] {
        let offset = MemoryLayout<alloctap_site>.offset(of: member) ?? 0  // every member of a C struct has one
        let bytes = UnsafeRawBufferPointer(
            start: UnsafeRawPointer(pointer) + offset, count: MemoryLayout<Tuple>.size)
        return bytes.bindMemory(to: UInt64.self).prefix(Int(count)).map { UInt(truncatingIfNeeded: $0) }
    }
}
