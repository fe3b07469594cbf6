// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// Runs `body` on that many plain threads, and gives the results in order.
func onThreads<Result: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) -> Result) -> [Result] {
    let results = Results<Result>()
    let threads = (0..<count).map { index in
        let start = Start { results.add(body(index), at: index) }
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { argument in
                // Balances passRetained; the pointer comes from there.
                if let argument { Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, Unmanaged.passRetained(start).toOpaque())
        return thread
    }
    for thread in threads { pthread_join(thread, nil) }
    return results.inOrder()
}

private final class Start {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private final class Results<Result: Sendable>: Sendable {
    private let values = Mutex<[Int: Result]>([:])
    func add(_ result: Result, at index: Int) { values.withLock { $0[index] = result } }
    func inOrder() -> [Result] { values.withLock { values in values.sorted { $0.key < $1.key }.map(\.value) } }
}
