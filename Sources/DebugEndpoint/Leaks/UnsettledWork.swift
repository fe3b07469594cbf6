// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import ProcessSnapshot

/// What of a process has not come to its place yet, for tests that look for leaks once it has.
package struct UnsettledWork: Sendable, Equatable {
    /// Tasks that run or are about to.
    package let busyTasks: Set<UInt64>
    package let threads: Int

    /// Cost: a look at all tasks, some microseconds each.
    package static func current() -> UnsettledWork {
        let tasks = (try? ProcessView.tasks())?.tasks ?? []
        return UnsettledWork(
            busyTasks: Set(tasks.filter { $0.state != .suspended }.map(\.id)), threads: ProcessView.threadCount ?? 0)
    }
}
