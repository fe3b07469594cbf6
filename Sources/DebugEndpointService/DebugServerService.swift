// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#if ServiceLifecycle
    public import DebugEndpoint
    import Dispatch
    public import ServiceLifecycle

    /// Runs a debug server as a member of a `ServiceGroup`, from the group's start to its graceful shutdown.
    ///
    /// ```swift
    /// ServiceGroup(services: [DebugServerService(), api], gracefulShutdownSignals: [.sigterm], logger: logger)
    /// ```
    ///
    /// A group shuts its services down from the last to the first, so put this one first: then the endpoint still answers while
    /// the others end. The server's threads are its own; only waiting for the shutdown is a task.
    public struct DebugServerService: Service {
        private let start: @Sendable () throws -> DebugServer?

        /// Starts a server when the group runs it.
        ///
        /// `onStart` is called with the server once it accepts connections, for example to print its ``DebugServer/url``.
        public init(
            _ configuration: DebugServer.Configuration = DebugServer.Configuration(),
            onStart: @escaping @Sendable (DebugServer) -> Void = { _ in }
        ) {
            start = {
                let server = try DebugServer.start(configuration)
                onStart(server)
                return server
            }
        }

        /// Starts a server where `DEBUG_ENDPOINT` is set, as ``DebugServer/startFromEnvironment(_:)`` does; where it is not, the
        /// service only waits for the shutdown.
        public static func fromEnvironment(
            _ configuration: DebugServer.Configuration = DebugServer.Configuration(),
            onStart: @escaping @Sendable (DebugServer) -> Void = { _ in }
        ) -> DebugServerService {
            DebugServerService {
                let server = try DebugServer.startFromEnvironment(configuration)
                if let server { onStart(server) }
                return server
            }
        }

        /// Takes over a server that runs already, and stops it with the group.
        public init(stopping server: DebugServer) {
            start = { server }
        }

        private init(start: @escaping @Sendable () throws -> DebugServer?) {
            self.start = start
        }

        /// Returns when the server has stopped after a graceful shutdown.
        ///
        /// - Throws: ``DebugServerError`` when the server cannot start, so that the group ends with it; `CancellationError` when
        ///   the task is cancelled, after the server has stopped all the same.
        public func run() async throws {
            let server = try start()
            let result: Result<Void, any Error>
            do {
                result = .success(try await gracefulShutdown())
            } catch {
                result = .failure(error)
            }
            if let server {
                // Stopping takes up to a second, in which no thread of the cooperative pool should wait.
                await withCheckedContinuation { continuation in
                    DispatchQueue.global().async {
                        server.stop()
                        continuation.resume()
                    }
                }
            }
            try result.get()
        }
    }
#else
    public import DebugEndpoint

    @available(
        *, unavailable, message: "add \"ServiceLifecycle\" to the traits of the dependency on swift-debug-endpoint"
    )
    public struct DebugServerService {
        // As the real one is called, so that the sentence above is what the compiler says.
        public init(_ configuration: DebugServer.Configuration = .init(), onStart: (DebugServer) -> Void = { _ in }) {}
        public init(stopping server: DebugServer) {}
        public static func fromEnvironment(
            _ configuration: DebugServer.Configuration = .init(), onStart: (DebugServer) -> Void = { _ in }
        ) -> Self {
            Self()
        }
    }
#endif
