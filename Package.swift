// swift-tools-version: 6.1
import PackageDescription

// What every Swift target is held to. Warnings become errors on the command line (see Makefile), never in the manifest.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let coreMetrics = Target.Dependency.product(
    name: "CoreMetrics", package: "swift-metrics", condition: .when(traits: ["Metrics"]))
let serviceLifecycle = Target.Dependency.product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: .when(traits: ["ServiceLifecycle"]))

let package = Package(
    name: "swift-debug-endpoint",
    products: [
        .library(name: "DebugEndpoint", targets: ["DebugEndpoint"]),
        .library(name: "DebugEndpointClient", targets: ["DebugEndpointClient"]),
        .library(name: "DebugEndpointTesting", targets: ["DebugEndpointTesting"]),
        .library(name: "DebugEndpointDogStatsD", targets: ["DebugEndpointDogStatsD"]),
        .library(name: "DebugEndpointMetrics", targets: ["DebugEndpointMetrics"]),
        .library(name: "DebugEndpointService", targets: ["DebugEndpointService"]),
    ],
    traits: [
        .default(enabledTraits: ["AllocationTap", "Metrics", "ServiceLifecycle"]),
        .trait(
            name: "AllocationTap",
            description:
                "Sees every allocation of the process: heap profiles, live blocks by type, exact counts, leaks."),
        // A package that only switched-off traits want is not even resolved.
        .trait(name: "Metrics", description: "Has the product DebugEndpointMetrics, and swift-metrics for it."),
        .trait(
            name: "ServiceLifecycle",
            description: "Has the product DebugEndpointService, and swift-service-lifecycle for it."),
    ],
    dependencies: [
        // For tests only.
        .package(url: "https://github.com/apple/swift-log", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.0.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
        // For one adapter each. DebugEndpoint itself depends on no package, so that it can be linked anywhere.
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CMicroHTTPD",
            pkgConfig: "libmicrohttpd",
            providers: [.apt(["libmicrohttpd-dev", "zlib1g-dev"])]
        ),
        .systemLibrary(name: "CGlibc"),
        .target(name: "MicroHTTP", dependencies: ["CMicroHTTPD"], swiftSettings: strict),
        .target(name: "DebugVariables", swiftSettings: strict),
        .target(name: "RuntimeMetrics", dependencies: ["CGlibc"], swiftSettings: strict),
        .target(name: "CStackCapture"),
        .target(
            name: "CAllocationTap", cSettings: [.define("ALLOCATION_TAP", .when(traits: ["AllocationTap"]))]),
        .target(name: "CThreadRegisters"),
        .target(
            name: "ProcessSnapshot", dependencies: ["CStackCapture", "CThreadRegisters"], swiftSettings: strict),
        .target(name: "Symbols", swiftSettings: strict),
        .target(name: "Profiles", swiftSettings: strict),
        .target(name: "HeapProfile", dependencies: ["CAllocationTap", "Profiles"], swiftSettings: strict),
        .target(name: "LeakDetection", swiftSettings: strict),
        .target(
            name: "DebugEndpoint",
            dependencies: [
                "MicroHTTP", "DebugVariables", "RuntimeMetrics", "ProcessSnapshot", "Symbols", "Profiles",
                "HeapProfile", "LeakDetection",
            ],
            resources: [.embedInCode("openapi.yaml")],
            swiftSettings: strict
        ),
        .target(name: "DebugEndpointClient", dependencies: ["DebugEndpoint"], swiftSettings: strict),
        // Links Swift Testing and XCTest, which belong into no program but a test's.
        .target(
            name: "DebugEndpointTesting", dependencies: ["DebugEndpoint", "DebugEndpointClient"], swiftSettings: strict),
        .target(
            name: "DebugEndpointDogStatsD",
            dependencies: ["DebugEndpoint", "DebugVariables", "HeapProfile", "MicroHTTP", "RuntimeMetrics"],
            swiftSettings: strict),
        .target(
            name: "DebugEndpointMetrics", dependencies: ["DebugVariables", coreMetrics], swiftSettings: strict),
        .target(
            name: "DebugEndpointService", dependencies: ["DebugEndpoint", serviceLifecycle], swiftSettings: strict),

        .testTarget(name: "DebugVariablesTests", dependencies: ["DebugVariables"], swiftSettings: strict),
        .testTarget(
            name: "DebugEndpointMetricsTests", dependencies: ["DebugEndpointMetrics", "DebugVariables", coreMetrics],
            swiftSettings: strict),
        .testTarget(
            name: "DebugEndpointServiceTests",
            dependencies: [
                "DebugEndpointService", "DebugEndpoint", "DebugEndpointTesting", serviceLifecycle,
                .product(name: "Logging", package: "swift-log", condition: .when(traits: ["ServiceLifecycle"])),
            ],
            swiftSettings: strict),
        .testTarget(name: "RuntimeMetricsTests", dependencies: ["RuntimeMetrics"], swiftSettings: strict),
        .testTarget(name: "DashboardsTests", dependencies: ["RuntimeMetrics"], swiftSettings: strict),
        .testTarget(name: "ProfilesTests", dependencies: ["Profiles"], swiftSettings: strict),
        .testTarget(
            name: "HeapProfileTests", dependencies: ["CAllocationTap", "HeapProfile", "ProcessSnapshot", "Profiles"],
            swiftSettings: strict),
        .testTarget(name: "LeakDetectionTests", dependencies: ["LeakDetection"], swiftSettings: strict),
        .testTarget(name: "SymbolsTests", dependencies: ["Symbols"], swiftSettings: strict),
        .testTarget(
            name: "ProcessSnapshotTests", dependencies: ["ProcessSnapshot", "Symbols"], swiftSettings: strict),
        .testTarget(
            name: "MicroHTTPTests", dependencies: ["MicroHTTP", "DebugEndpointTesting"], swiftSettings: strict),
        .testTarget(
            name: "DebugEndpointTests",
            dependencies: [
                "DebugEndpoint", "DebugEndpointTesting", "HeapProfile", "MicroHTTP", "ProcessSnapshot", "Profiles",
                "Symbols",
                "TestHost", "LeakHost",
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DebugEndpointDogStatsDTests",
            dependencies: ["DebugEndpoint", "DebugEndpointDogStatsD", "DebugVariables", "RuntimeMetrics"],
            swiftSettings: strict),
        .testTarget(name: "CAllocationTapTests", dependencies: ["AllocationHost"], swiftSettings: strict),
        // Host processes for tests that own process state, and for the real consumers of `make interop`.
        .executableTarget(
            name: "AllocationHost", dependencies: ["CAllocationTap", "CGlibc"], path: "Tests/AllocationHost",
            swiftSettings: strict),
        // One leak, or one thing that must not be taken for one, a process: for the leak detector's tests.
        .executableTarget(
            name: "LeakCorpus",
            dependencies: [
                "DebugEndpoint", "DebugEndpointClient",
                .product(name: "AsyncAlgorithms", package: "swift-async-algorithms"),
            ],
            path: "Tests/LeakCorpus", swiftSettings: strict),
        .testTarget(
            name: "LeakCorpusTests", dependencies: ["LeakCorpus", "DebugEndpointTesting"], swiftSettings: strict),
        .executableTarget(
            name: "TestHost",
            dependencies: ["DebugEndpoint", "DebugEndpointClient", "DebugEndpointDogStatsD", "HeapProfile"],
            path: "Tests/TestHost",
            swiftSettings: strict),
        // What makes a process's surroundings hostile, for LeakHost.
        .target(name: "CSurroundings", path: "Tests/CSurroundings"),
        .executableTarget(
            name: "LeakHost", dependencies: ["CSurroundings", "DebugEndpoint", "DebugEndpointClient"],
            path: "Tests/LeakHost", swiftSettings: strict),
        .executableTarget(
            name: "InteropHost", dependencies: ["DebugEndpoint", "DebugEndpointDogStatsD"], path: "Tests/Interop/Host",
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
