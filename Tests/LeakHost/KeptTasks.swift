// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import Synchronization

private enum Payload {
    case none
    case waiting(CheckedContinuation<Void, Never>)
    case other(UInt8)
}

private final class Box: @unchecked Sendable {
    // Safe: guarded by the one task that writes before others look.
    var continuation: UnsafeContinuation<Void, Never>?
}

private let kept = Mutex<[Int: CheckedContinuation<Void, Never>]>([:])
private let payload = Mutex<Payload>(.none)
private let streams = Mutex<[AsyncStream<Int>.Continuation]>([])
private let bits = Mutex<[UInt]>([])

/// Tasks that wait and may go on: each must stay silent.
enum KeptTasks {
    @inline(never)
    static func start() {
        _ = Task(name: "keep-dictionary") {
            await withCheckedContinuation { continuation in kept.withLock { $0[7] = continuation } }
        }
        _ = Task(name: "keep-payload") {
            await withCheckedContinuation { continuation in payload.withLock { $0 = .waiting(continuation) } }
        }
        _ = Task(name: "keep-stream") {
            let (stream, continuation) = AsyncStream<Int>.makeStream()
            streams.withLock { $0.append(continuation) }
            for await _ in stream {}
        }
        _ = Task(name: "keep-sleep") { try? await Task.sleep(for: .seconds(3600)) }
        let sleeper = Task(name: "sleeping") { try? await Task.sleep(for: .seconds(3600)) }
        _ = Task(name: "keep-awaiting") { _ = await sleeper.value }
        _ = Task(name: "keep-bits") {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                bits.withLock { $0.append(unsafeBitCast(continuation, to: UInt.self)) }
            }
        }
        _ = Task(name: "keep-group") {
            await withTaskGroup(of: Void.self) { group in
                group.addTask(name: "keep-child") { try? await Task.sleep(for: .seconds(3600)) }
            }
        }
        _ = Task(name: "keep-let") {
            async let nothing: Void? = try? Task.sleep(for: .seconds(3600))
            _ = await nothing
        }
        byThread()
        bySleepingTask()
        byTimer()
    }

    @inline(never) private static func byThread() {
        _ = Task(name: "keep-by-thread") {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                startThread("resumer") {
                    sleepForAnHour()
                    continuation.resume()
                }
            }
        }
    }

    @inline(never) private static func bySleepingTask() {
        _ = Task(name: "keep-by-task") {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                _ = Task(name: "resuming") {
                    try? await Task.sleep(for: .seconds(3600))
                    continuation.resume()
                }
            }
        }
    }

    @inline(never) private static func byTimer() {
        _ = Task(name: "keep-by-timer") {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                DispatchQueue.global().asyncAfter(deadline: .now() + 3600) { continuation.resume() }
            }
        }
    }
}
