// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CAllocationTap

/// Why allocations are not seen in this process. `description` is one sentence: what was asked, what was found, what to do.
package enum TapRefusal: Error, Sendable, Equatable, CaseIterable, CustomStringConvertible {
    /// Built without the package trait.
    case leftOut
    /// Built with a sanitizer, which has a malloc of its own.
    case sanitized
    /// Another C library or processor.
    case unsupported
    /// Another malloc comes first.
    case shadowed
    /// The kernel refused the memory for the tap's tables.
    case noTables
    /// Allocations are seen but no stacks are taken.
    case samplingOff

    init?(_ state: alloctap_state) {
        switch state {
        case alloctap_active: return nil
        case alloctap_left_out: self = .leftOut
        case alloctap_sanitized: self = .sanitized
        case alloctap_shadowed: self = .shadowed
        case alloctap_no_tables: self = .noTables
        default: self = .unsupported
        }
    }

    /// Nil when allocations are seen. Safe from any thread, and free.
    package static var current: TapRefusal? { TapRefusal(alloctap_state()) }

    package var description: String {
        switch self {
        case .leftOut:
            "the allocation tap is not in this build: enable the package trait AllocationTap to see allocations"
        case .sanitized:
            "this build has a sanitizer, whose own malloc leaves no room for the allocation tap: "
                + "build without it to see allocations"
        case .unsupported:
            "the allocation tap does not know this platform: it needs glibc on x86_64 or aarch64 to see allocations"
        case .shadowed:
            "another malloc comes before the allocation tap, as in a fully static executable or with an allocator linked in: "
                + "link glibc dynamically, and preload the allocator instead, to see allocations"
        case .noTables:
            "the kernel refused the memory for the allocation tap's tables: "
                + "raise RLIMIT_AS or allow overcommit (vm.overcommit_memory), and start the process again"
        case .samplingOff:
            "heapSamplingRate is 0 in this process, so no stacks of allocations are taken: "
                + "start the endpoint with a rate (default 524288 bytes) to get a heap profile"
        }
    }
}
