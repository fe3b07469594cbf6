// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Defects of real Go services, recreated from the descriptions of who waits for whom on what; the names are
// those of the GoKer collection.

let kernelScenarios =
    doubleLockingKernels + readerWriterKernels + abBaKernels + channelKernels + contextKernels
    + channelAndLockKernels + conditionKernels
