// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

let swiftKindScenarios =
    lockScenarios + readWriteLockScenarios + crossedLockScenarios + signalScenarios + queueScenarios + joinScenarios
    + continuationScenarios + awaitedTaskScenarios + streamScenarios + asyncChannelScenarios + actorScenarios
    + bridgeScenarios + handleScenarios + cancellationHandlerScenarios
