// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import ServiceLifecycle

/// Runs a service in a task with a name, by which `/debug/tasks` shows it.
struct NamedService: Service {
    let name: String
    let service: any Service

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(name: name) { try await service.run() }
            try await group.waitForAll()
        }
    }
}
