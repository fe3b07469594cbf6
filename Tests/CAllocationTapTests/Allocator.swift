// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

/// What the tap passes allocations on to: glibc's own, or one that is preloaded.
enum Allocator: String, CaseIterable {
    case glibc, jemalloc, mimalloc

    /// Debian's packages: libjemalloc2, libmimalloc2.0.
    private var library: String? {
        switch self {
        case .glibc: nil
        case .jemalloc: "libjemalloc.so.2"
        case .mimalloc: "libmimalloc.so.2"
        }
    }

    /// Runs a scenario over this allocator; a library that the loader does not find is a failure, as the run would be over glibc.
    func run(_ scenario: String, _ arguments: [String] = [], limit: Duration = .seconds(120)) throws -> AllocationRun {
        let run = try AllocationRun(
            scenario, arguments, environment: library.map { ["LD_PRELOAD": $0] } ?? [:], limit: limit)
        let isGlibc = run.number("next_is_glibc") == 1
        try #require(isGlibc == (self == .glibc), "\(library ?? "glibc") is not what allocates: is it installed?")
        return run
    }
}
