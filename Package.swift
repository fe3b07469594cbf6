// swift-tools-version: 6.1
import PackageDescription

// What every Swift target is held to. Warnings become errors on the command line (see Makefile), never in the manifest.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "swift-debug-endpoint",
    products: [
        .library(name: "DebugEndpoint", targets: ["DebugEndpoint"]),
        .library(name: "DebugEndpointTesting", targets: ["DebugEndpointTesting"]),
    ],
    traits: [
        .default(enabledTraits: ["AllocationTap"]),
        .trait(
            name: "AllocationTap",
            description: "Sees every allocation of the process: heap profiles, live blocks by type, exact counts."),
    ],
    dependencies: [
        // For tests only: the products depend on no package, so that they can be linked anywhere.
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0")
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
        .target(name: "CStackCapture"),
        .target(
            name: "CAllocationTap", cSettings: [.define("ALLOCATION_TAP", .when(traits: ["AllocationTap"]))]),
        .target(name: "ProcessSnapshot", dependencies: ["CStackCapture"], swiftSettings: strict),
        .target(name: "Symbols", swiftSettings: strict),
        .target(name: "Profiles", swiftSettings: strict),
        .target(name: "HeapProfile", dependencies: ["CAllocationTap", "Profiles"], swiftSettings: strict),
        .target(
            name: "DebugEndpoint",
            dependencies: [
                "CGlibc", "MicroHTTP", "DebugVariables", "ProcessSnapshot", "Symbols", "Profiles", "HeapProfile",
            ],
            resources: [.embedInCode("openapi.yaml")],
            swiftSettings: strict
        ),
        .target(name: "DebugEndpointTesting", dependencies: ["DebugEndpoint"], swiftSettings: strict),

        .testTarget(name: "DebugVariablesTests", dependencies: ["DebugVariables"], swiftSettings: strict),
        .testTarget(name: "ProfilesTests", dependencies: ["Profiles"], swiftSettings: strict),
        .testTarget(
            name: "HeapProfileTests", dependencies: ["CAllocationTap", "HeapProfile", "Profiles"],
            swiftSettings: strict),
        .testTarget(name: "SymbolsTests", dependencies: ["Symbols"], swiftSettings: strict),
        .testTarget(
            name: "ProcessSnapshotTests", dependencies: ["ProcessSnapshot", "Symbols"], swiftSettings: strict),
        .testTarget(
            name: "MicroHTTPTests", dependencies: ["MicroHTTP", "DebugEndpointTesting"], swiftSettings: strict),
        .testTarget(
            name: "DebugEndpointTests",
            dependencies: [
                "DebugEndpoint", "DebugEndpointTesting", "HeapProfile", "MicroHTTP", "ProcessSnapshot", "Symbols",
                "TestHost",
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "CAllocationTapTests", dependencies: ["AllocationHost"], swiftSettings: strict),
        // Host processes for tests that own process state, and for the real consumers of `make interop`.
        .executableTarget(
            name: "AllocationHost", dependencies: ["CAllocationTap", "CGlibc"], path: "Tests/AllocationHost",
            swiftSettings: strict),
        .executableTarget(
            name: "TestHost", dependencies: ["DebugEndpoint", "DebugEndpointTesting"], path: "Tests/TestHost",
            swiftSettings: strict),
        .executableTarget(
            name: "InteropHost", dependencies: ["DebugEndpoint"], path: "Tests/Interop/Host", swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
