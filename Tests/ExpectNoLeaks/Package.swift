// swift-tools-version: 6.1
import PackageDescription

// What a user's tests look like. A package of its own, as some of them fail on purpose: see run.sh.
let testing = Target.Dependency.product(name: "DebugEndpointTesting", package: "swift-debug-endpoint")

let package = Package(
    name: "expect-no-leaks",
    dependencies: [.package(name: "swift-debug-endpoint", path: "../..")],
    targets: [
        // The code under test of both.
        .target(name: "Waits", path: "Tests/Waits"),
        .testTarget(name: "SwiftTestingCases", dependencies: [testing, "Waits"]),
        .testTarget(name: "XCTestCases", dependencies: [testing, "Waits"]),
    ],
    swiftLanguageModes: [.v6]
)
