// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation

/// A failure of the code under test.
public struct Refused: Error {
    public init() {}
}

/// Threads that wait, each for what nobody else has. So many, as words left over in memory may hide some of them.
@inline(never)
public func loseSemaphores() {
    for _ in 1...32 {
        let semaphore = DispatchSemaphore(value: 0)
        Thread.detachNewThread { semaphore.wait() }
    }
}

/// Tasks that wait until somebody resumes continuations that nobody has.
@inline(never)
public func loseContinuations() {
    for _ in 1...32 {
        _ = Task(name: "waits for a lost continuation") {
            await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
        }
    }
}

private let kept = DispatchSemaphore(value: 0)

/// Waits for what everybody has.
@inline(never)
public func waitForAGlobal() {
    Thread.detachNewThread { kept.wait() }
}
