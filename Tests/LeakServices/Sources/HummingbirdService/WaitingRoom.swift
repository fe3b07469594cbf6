// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

/// Tasks that wait for others to come.
actor WaitingRoom {
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Waits for another one to come, if eight or fewer do; else wakes all of them. Returns whether it waited.
    func waitOrWake() async -> Bool {
        if waiting.count < 8 {
            await withCheckedContinuation { waiting.append($0) }
            return true
        }
        for continuation in waiting { continuation.resume() }
        waiting.removeAll()
        return false
    }
}
