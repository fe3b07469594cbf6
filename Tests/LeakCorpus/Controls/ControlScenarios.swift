// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What must stay silent. Each control keeps one reference in one place; `release` wakes the waiter by that reference,
// which proves that it could be woken, and `drop` destroys it, which proves that nothing else kept the waiter awake.

let controlScenarios =
    idlePoolControls + keptContinuationControls + referenceControls + hiddenPlaceControls + kernelControls
    + runningThreadControls + heldLockControls + timedControls + cancelledControls + cancellationHandlerControls
    + escalationControls + busyPoolControls
