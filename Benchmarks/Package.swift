// swift-tools-version: 6.1
// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Programs that run.sh measures: increment and serve against their Go counterparts in go/. Build them in release.
import PackageDescription

let endpoint = Target.Dependency.product(name: "DebugEndpoint", package: "swift-debug-endpoint")
let client = Target.Dependency.product(name: "DebugEndpointTesting", package: "swift-debug-endpoint")

let package = Package(
    name: "benchmarks",
    dependencies: [.package(name: "swift-debug-endpoint", path: "..")],
    targets: [
        .executableTarget(name: "increment", dependencies: [endpoint, "CLinux"]),
        .executableTarget(name: "serve", dependencies: [endpoint]),
        .executableTarget(name: "memory", dependencies: [endpoint, "CLinux"]),
        .executableTarget(name: "burn", dependencies: [endpoint, client]),
        .executableTarget(name: "wait", dependencies: [endpoint]),
        .executableTarget(name: "heap", dependencies: [endpoint]),
        .systemLibrary(name: "CLinux"),
    ],
    swiftLanguageModes: [.v6]
)
