// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What a handler of priority escalation may reach its task's continuation by: who has the handle can raise the priority, which
// calls the handler there and then.
import Synchronization

let escalationControls: [Scenario] = [
    .control("escalation-handler-with-a-box", "the handler has an object that has the continuation") { stage in
        keepToEscalate(
            stage.keptTask("waiter", .waiting) {
                let box = ContinuationBox()
                await withTaskPriorityEscalationHandler {
                    await withUnsafeContinuation { box.keep($0) }
                } onPriorityEscalated: { _, _ in
                    box.resume()
                }
            }, stage)
    },
    .control("escalation-handler-with-a-variable", "the handler has the address of a variable") { stage in
        keepToEscalate(
            stage.keptTask("waiter", .waiting) {
                // Safe: what is read by the handler was written before anybody was told to raise the priority.
                nonisolated(unsafe) var kept: UnsafeContinuation<Void, Never>?
                await withTaskPriorityEscalationHandler {
                    await withUnsafeContinuation { kept = $0 }
                } onPriorityEscalated: { _, _ in
                    kept?.resume()
                }
            }, stage)
    },
]

/// Until the scenario is released, which raises the task's priority.
@inline(never)
private func keepToEscalate(_ handle: Task<Void, Never>, _ stage: Stage) {
    Kept.handle.withLock { $0 = handle }
    stage.onRelease { Kept.handle.withLock { $0?.escalatePriority(to: .high) } }
    stage.onDrop { Kept.handle.withLock { $0 = nil } }
}

private enum Kept {
    static let handle = Mutex<Task<Void, Never>?>(nil)
}
