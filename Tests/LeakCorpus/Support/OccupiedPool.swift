// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc

/// Has a task for each worker of the pool run as long as `condition` holds, so that what is queued after them waits for that.
@inline(never)
func occupyPool(_ stage: Stage, _ fate: Fate, while condition: @escaping @Sendable () -> Bool) {
    for number in 0..<sysconf(Int32(_SC_NPROCESSORS_ONLN)) {
        stage.task("busy-\(number)", fate) { while condition() { sched_yield() } }
    }
}
