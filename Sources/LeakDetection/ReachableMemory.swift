// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// What can be reached from everything that is awake; grows as waiters wake.
///
/// The waiters are numbers from 0 on, those of the ``WaitGraph``.
package protocol ReachableMemory {
    /// Marks from what is awake from the start; returns the waiters whose primitive was reached.
    mutating func markFromRoots() -> [Int]
    /// Adds what belongs to these waiters, their stacks or frames, to what is awake and marks on; returns the waiters whose
    /// primitive was reached by that. Each may be told more than once.
    mutating func markFrom(_ woken: [Int]) -> [Int]
}
