// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Tasks that are suspended for ever, four async calls deep.
final class Tasks: Sendable {
    enum Way: Sendable {
        case continuation
        case sleep
    }

    /// Kept, so that they are waited for and not lost.
    private let continuations = Mutex<[CheckedContinuation<Void, Never>]>([])

    func start(_ count: Int, _ way: Way) {
        for index in 0..<count { Task.detached { await self.handleConnection(index, way) } }
    }

    @inline(never)
    private func handleConnection(_ number: Int, _ way: Way) async {
        while true { _ = await handleRequest(number, way) }
    }

    @inline(never)
    private func handleRequest(_ number: Int, _ way: Way) async -> Int {
        await askDatabase(number, way) + 1
    }

    @inline(never)
    private func askDatabase(_ number: Int, _ way: Way) async -> Int {
        switch way {
        case .continuation:
            await withCheckedContinuation { continuation in continuations.withLock { $0.append(continuation) } }
        case .sleep: try? await Task.sleep(for: .seconds(86_400))
        }
        return number
    }
}
