// swift-tools-version: 6.1
// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Programs that run.sh measures: increment and serve against their Go counterparts in go/. Build them in release.
import PackageDescription

let endpoint = Target.Dependency.product(name: "DebugEndpoint", package: "swift-debug-endpoint")
let client = Target.Dependency.product(name: "DebugEndpointClient", package: "swift-debug-endpoint")

let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
// A checkout to compare with: it is no dependency, so where it lies is said in the environment.
let prometheus = Context.environment["SWIFT_PROMETHEUS"]

let package = Package(
    name: "benchmarks",
    dependencies: [
        .package(name: "swift-debug-endpoint", path: ".."),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
    ] + (prometheus.map { [.package(name: "swift-prometheus", path: $0)] } ?? []),
    targets: [
        .executableTarget(name: "increment", dependencies: [endpoint, "CLinux"]),
        .executableTarget(name: "serve", dependencies: [endpoint]),
        .executableTarget(name: "memory", dependencies: [endpoint, "CLinux"]),
        .executableTarget(name: "burn", dependencies: [endpoint, client]),
        .executableTarget(name: "wait", dependencies: [endpoint]),
        .executableTarget(name: "heap", dependencies: [endpoint, "Probing"]),
        .executableTarget(name: "leaks", dependencies: [endpoint, "Probing"]),
        .target(name: "Probing"),
        .executableTarget(
            name: "bridge",
            dependencies: [
                endpoint, metrics, .product(name: "DebugEndpointMetrics", package: "swift-debug-endpoint"),
            ] + (prometheus.map { _ in [.product(name: "Prometheus", package: "swift-prometheus")] } ?? []),
            swiftSettings: prometheus.map { _ in [.define("SWIFT_PROMETHEUS")] } ?? []),
        .executableTarget(name: "metrics", dependencies: [endpoint]),
        .systemLibrary(name: "CLinux"),
    ],
    swiftLanguageModes: [.v6]
)
