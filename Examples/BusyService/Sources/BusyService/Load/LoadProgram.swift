// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import ServiceLifecycle

/// Runs the clients as a program of their own, from when the service's port is known until it is shut down.
struct LoadProgram: Service {
    let clients: Int
    let ports: AsyncStream<Int>

    func run() async throws {
        for await port in ports.cancelOnGracefulShutdown() {
            let program = try ChildProgram(
                ["load", "--port", String(port), "--clients", String(clients), "--until-input-ends"], name: "load")
            await withGracefulShutdownHandler {
                for await line in program.output { printNow(line) }
            } onGracefulShutdown: {
                program.end()
            }
            try? await gracefulShutdown()
        }
    }
}
