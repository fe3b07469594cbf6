// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "leaky-service",
    dependencies: [
        // Outside this repository: .package(url: "…/swift-debug-endpoint", from: "…").
        // The name keeps it working in a clone whose folder is called something else.
        .package(name: "swift-debug-endpoint", path: "../..")
    ],
    targets: [
        .executableTarget(
            name: "LeakyService",
            dependencies: [.product(name: "DebugEndpoint", package: "swift-debug-endpoint")]
        )
    ],
    swiftLanguageModes: [.v6]
)
