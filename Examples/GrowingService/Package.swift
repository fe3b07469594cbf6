// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "growing-service",
    dependencies: [
        // Outside this repository: .package(url: "…/swift-debug-endpoint", from: "…").
        // The name keeps it working in a clone whose folder is called something else.
        .package(name: "swift-debug-endpoint", path: "../.."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    ],
    targets: [
        .executableTarget(
            name: "GrowingService",
            dependencies: [
                .product(name: "DebugEndpoint", package: "swift-debug-endpoint"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        )
    ],
    swiftLanguageModes: [.v6]
)
