// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What a program that depends on this package has to download, by the traits it asks for.
import Foundation
import Testing

@Suite struct DependencyTests {
    private static let root = URL(filePath: #filePath).appending(path: "../../..").standardized

    @Test(arguments: [
        (#", traits: ["AllocationTap"]"#, [String]()),
        (", traits: []", []),
        (#", traits: ["Metrics"]"#, ["swift-metrics"]),
    ])
    func onlyTheTraitsThatAreAskedForHavePackages(traits: String, packages: [String]) throws {
        #expect(try Self.packages(traits: traits) == packages)
    }

    @Test func byDefaultTheAdaptersHaveTheirPackages() throws {
        let packages = try Self.packages(traits: "")
        #expect(Set(packages).isSuperset(of: ["swift-metrics", "swift-service-lifecycle"]))
        #expect(!packages.contains("yams"))  // for this package's own tests only
    }

    /// The packages that SwiftPM resolves for a program with one product of this one.
    private static func packages(traits: String) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "dependent-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let sources = folder.appending(path: "Sources/dependent")
        try FileManager.default.createDirectory(at: sources, withIntermediateDirectories: true)
        try Data("import DebugEndpoint\n".utf8).write(to: sources.appending(path: "main.swift"))
        let manifest = """
            // swift-tools-version: 6.1
            import PackageDescription
            let package = Package(
                name: "dependent",
                dependencies: [.package(name: "swift-debug-endpoint", path: "\(root.path())"\(traits))],
                targets: [
                    .executableTarget(
                        name: "dependent",
                        dependencies: [.product(name: "DebugEndpoint", package: "swift-debug-endpoint")])
                ])
            """
        try Data(manifest.utf8).write(to: folder.appending(path: "Package.swift"))
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["swift", "package", "--package-path", folder.path(), "resolve"]
        process.standardOutput = FileHandle.nullDevice
        let complaints = Pipe()
        process.standardError = complaints
        try process.run()
        let said = complaints.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(String(decoding: said, as: UTF8.self))")
        struct Resolved: Decodable {
            struct Pin: Decodable { let identity: String }
            let pins: [Pin]
        }
        // SwiftPM writes no such file where there is nothing to resolve.
        guard let file = try? Data(contentsOf: folder.appending(path: "Package.resolved")) else { return [] }
        return try JSONDecoder().decode(Resolved.self, from: file).pins.map(\.identity).sorted()
    }
}
