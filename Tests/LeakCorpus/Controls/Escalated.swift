// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What a handler of priority escalation may reach its task's continuation by: who has the handle can raise the priority, which
// calls the handler there and then.

private let raisePriority: @Sendable (Task<Void, Never>) -> Void = { $0.escalatePriority(to: .high) }

let escalationControls: [Scenario] = [
    .control("escalation-handler-with-a-box", "the handler has an object that has the continuation") { stage in
        keep(
            stage.keptTask("waiter", .waiting) {
                let box = ContinuationBox()
                await withTaskPriorityEscalationHandler {
                    await withUnsafeContinuation { box.keep($0) }
                } onPriorityEscalated: { _, _ in
                    box.resume()
                }
            }, stage, onRelease: raisePriority)
    },
    .control("escalation-handler-with-a-variable", "the handler has the address of a variable") { stage in
        keep(
            stage.keptTask("waiter", .waiting) {
                // Safe: what is read by the handler was written before anybody was told to raise the priority.
                nonisolated(unsafe) var kept: UnsafeContinuation<Void, Never>?
                await withTaskPriorityEscalationHandler {
                    await withUnsafeContinuation { kept = $0 }
                } onPriorityEscalated: { _, _ in
                    kept?.resume()
                }
            }, stage, onRelease: raisePriority)
    },
]
