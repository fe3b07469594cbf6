// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugEndpoint
import Hummingbird

/// What the service answers.
struct Routes {
    private let room = WaitingRoom()
    private let requests = VariableRegistry.shared.counter("service_requests_total")

    var router: Router<BasicRequestContext> {
        let (room, requests) = (room, requests)
        let router = Router()
        router.post("echo") { request, _ -> String in
            defer { requests.increment() }
            return "\(try await request.body.collect(upTo: 1 << 20).readableBytes)"
        }
        router.get("fan/:count") { _, context -> String in
            defer { requests.increment() }
            let count = min(context.parameters.get("count", as: Int.self) ?? 4, 64)
            return await withTaskGroup(of: Int.self) { group in
                for index in 0..<count {
                    group.addTask(name: "part") {
                        if index % 3 == 0 { try? await Task.sleep(for: .milliseconds(index)) }
                        return (0..<1000).reduce(index) { $0 &* 31 &+ $1 }
                    }
                }
                return "\(await group.reduce(0, &+))"
            }
        }
        // Half of them wait for a turn that the other half give.
        router.get("wait") { _, _ -> String in
            defer { requests.increment() }
            return await room.waitOrWake() ? "waited" : "woke"
        }
        router.get("stream/:count") { _, context -> Response in
            requests.increment()
            let count = min(context.parameters.get("count", as: Int.self) ?? 8, 256)
            let (lines, continuation) = AsyncStream<ByteBuffer>.makeStream()
            let writer = Task(name: "writer") {
                for index in 0..<count {
                    continuation.yield(ByteBuffer(string: "line \(index)\n"))
                    if index % 8 == 7 { try? await Task.sleep(for: .milliseconds(1)) }
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in writer.cancel() }
            return Response(status: .ok, body: .init(asyncSequence: lines))
        }
        router.get("slow") { _, _ -> String in
            defer { requests.increment() }
            async let first: Void? = try? Task.sleep(for: .milliseconds(20))
            async let second: Void? = try? Task.sleep(for: .milliseconds(30))
            _ = await (first, second)
            return "slow"
        }
        // The control: a task that waits for ever, as nobody has its continuation.
        router.get("lose") { _, _ -> String in
            _ = Task.detached(name: "lost") { await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in } }
            return "lost"
        }
        return router
    }
}
