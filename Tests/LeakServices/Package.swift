// swift-tools-version: 6.2
// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Services whose waiters can all go on: what run.sh has the leak detector look at under load.
import PackageDescription

let endpoint = Target.Dependency.product(name: "DebugEndpoint", package: "swift-debug-endpoint")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")

let package = Package(
    name: "leak-services",
    dependencies: [
        .package(name: "swift-debug-endpoint", path: "../.."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.15.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.25.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
    ],
    targets: [
        // The example itself, by a symbolic link.
        .executableTarget(
            name: "BusyService",
            dependencies: [
                endpoint, hummingbird,
                .product(name: "DebugEndpointMetrics", package: "swift-debug-endpoint"),
                .product(name: "DebugEndpointService", package: "swift-debug-endpoint"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .executableTarget(name: "HummingbirdService", dependencies: [endpoint, hummingbird]),
        .executableTarget(
            name: "ClientService",
            dependencies: [
                endpoint,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
