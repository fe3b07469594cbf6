// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// How far a scenario is. Who waits for a step looks again and again, so that no reference to a sleeper arises.
final class Steps: Sendable {
    private let count = Atomic(0)

    func done() { count.wrappingAdd(1, ordering: .acquiringAndReleasing) }

    func wait(for steps: Int) {
        until { count.load(ordering: .acquiring) >= steps }
    }

    func wait(for steps: Int) async {
        while count.load(ordering: .acquiring) < steps { await Task.yield() }
    }
}

/// Looks every half millisecond until the condition holds; ends the process after a minute.
func until(_ line: UInt = #line, _ file: StaticString = #fileID, _ condition: () -> Bool) {
    let deadline = ContinuousClock.now + .seconds(60)
    while !condition() {
        guard ContinuousClock.now < deadline else {
            print("{\"error\": \"\(file):\(line) waits for something that never comes\"}")
            exit(3)
        }
        usleep(500)
    }
}

/// Returns when the thread of this name waits on a futex without a timeout.
func untilThreadWaits(_ name: String, _ line: UInt = #line, _ file: StaticString = #fileID) {
    until(line, file) { ThreadsOfThisProcess.now().contains { $0.name == name && $0.waits } }
}
