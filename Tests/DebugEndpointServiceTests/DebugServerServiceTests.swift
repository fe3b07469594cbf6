// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import DebugEndpointService
import DebugEndpointTesting
import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import Testing

/// Tells its group to shut down once `ask` returns.
private struct Questioner: Service {
    let ask: @Sendable () async throws -> Void

    func run() async throws { try await ask() }
}

@Suite struct DebugServerServiceTests {
    private static func run(_ service: DebugServerService, while ask: @escaping @Sendable () async throws -> Void)
        async throws
    {
        let questioner = ServiceGroupConfiguration.ServiceConfiguration(
            service: Questioner(ask: ask), successTerminationBehavior: .gracefullyShutdownGroup)
        try await ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: service), questioner], logger: Logger(label: "test"))
        ).run()
    }

    @Test func theServerAnswersWhileTheGroupRunsAndNotAfterAGracefulShutdown() async throws {
        let running = Mutex<DebugServer?>(nil)
        let service = DebugServerService(.init(address: .loopback(port: 0), registry: VariableRegistry())) { server in
            running.withLock { $0 = server }
        }
        try await Self.run(service) {
            let server = try await Self.eventually { running.withLock { $0 } }
            #expect(try DebugClient(server).get("/debug/vars").status == 200)
        }
        let server = try #require(running.withLock { $0 })
        #expect(throws: (any Error).self) { try DebugClient(server).get("/debug/vars") }
    }

    @Test func aServerThatRunsAlreadyIsStoppedWithTheGroup() async throws {
        let server = try DebugServer.start(.init(address: .loopback(port: 0), registry: VariableRegistry()))
        try await Self.run(DebugServerService(stopping: server)) {
            let answer = try DebugClient(server).get("/debug/vars")
            #expect(answer.status == 200)
        }
        #expect(throws: (any Error).self) { try DebugClient(server).get("/debug/vars") }
    }

    @Test func aServerThatCannotStartEndsTheGroupWithItsError() async throws {
        let other = try DebugServer.start(.init(address: .loopback(port: 0), registry: VariableRegistry()))
        defer { other.stop() }
        await #expect(throws: DebugServerError.self) {
            try await DebugServerService(.init(address: .loopback(port: other.port))).run()
        }
    }

    @Test func aCancelledTaskStopsTheServerToo() async throws {
        let server = try DebugServer.start(.init(address: .loopback(port: 0), registry: VariableRegistry()))
        let task = Task { try await DebugServerService(stopping: server).run() }
        #expect(try DebugClient(server).get("/debug/vars").status == 200)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(throws: (any Error).self) { try DebugClient(server).get("/debug/vars") }
    }

    @Test func withoutTheEnvironmentVariableTheServiceOnlyWaitsForTheShutdown() async throws {
        try #require(ProcessInfo.processInfo.environment["DEBUG_ENDPOINT"] == nil)
        let started = Mutex(0)
        try await Self.run(.fromEnvironment { _ in started.withLock { $0 += 1 } }) {}
        #expect(started.withLock { $0 } == 0)
    }

    private static func eventually<Value>(_ ask: () -> Value?) async throws -> Value {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if let value = ask() { return value }
            await Task.yield()
        }
        return try #require(ask())
    }
}
