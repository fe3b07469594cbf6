// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import ServiceLifecycle

/// Returns after a while, or when shut down. The group of services ends with it.
struct TimeLimit: Service {
    let duration: Duration

    func run() async throws {
        try? await cancelWhenGracefulShutdown { try await Task.sleep(for: duration) }
    }
}
