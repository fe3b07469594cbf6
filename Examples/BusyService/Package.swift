// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "busy-service",
    dependencies: [
        // Outside this repository: .package(url: "…/swift-debug-endpoint", from: "…").
        // The name keeps it working in a clone whose folder is called something else.
        .package(name: "swift-debug-endpoint", path: "../.."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.15.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
    ],
    targets: [
        .executableTarget(
            name: "BusyService",
            dependencies: [
                .product(name: "DebugEndpoint", package: "swift-debug-endpoint"),
                .product(name: "DebugEndpointMetrics", package: "swift-debug-endpoint"),
                .product(name: "DebugEndpointService", package: "swift-debug-endpoint"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        )
    ],
    swiftLanguageModes: [.v6]
)
