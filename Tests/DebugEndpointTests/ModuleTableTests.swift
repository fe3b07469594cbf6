// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The module table of ARCHITECTURE.md is a promise; these tests hold the package and its sources against it.
import Foundation
import Testing

@Suite struct ModuleTableTests {
    /// The products that are there for another package.
    private static let adapters: Set = ["DebugEndpointMetrics", "DebugEndpointService"]
    private static let root = URL(filePath: #filePath).appending(path: "../../..").standardized

    @Test func everyTargetIsInTheModuleTableWithWhatItMayImport() throws {
        let table = try ModuleTable(architecture: Self.root.appending(path: "ARCHITECTURE.md"))
        let description = try Self.describePackage()
        let targets = description.targets.filter { $0.path.hasPrefix("Sources/") }
        #expect(targets.map(\.name).sorted() == table.mayImport.keys.sorted())
        for target in targets {
            let allowed = table.mayImport[target.name] ?? []
            let extra = Set(target.dependencies + target.packages).subtracting(allowed)
            #expect(extra.isEmpty, "\(target.name) depends on \(extra.sorted()), which the table does not allow")
            let isAdapter = Self.adapters.contains(target.name)
            #expect(target.packages.isEmpty != isAdapter, "\(target.name): an adapter has a package, the core none")
            let adapters = Self.adapters.intersection(target.dependencies)
            #expect(adapters.isEmpty, "\(target.name) would bring along the packages of \(adapters.sorted())")
        }
        #expect(
            Set(description.products).isSuperset(
                of: Self.adapters.union(["DebugEndpoint", "DebugEndpointTesting"])))
    }

    @Test func noSourceOfTheCoreImportsFoundationOrDispatchOrAModuleOutsideTheTable() throws {
        let table = try ModuleTable(architecture: Self.root.appending(path: "ARCHITECTURE.md"))
        let libraries: Set = ["Synchronization", "Glibc"]  // the standard library's and the C library's own modules
        var seen: Set<String> = []
        for (target, allowed) in table.mayImport {
            for file in try Self.swiftFiles(of: target) {
                for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                    let words = line.split(separator: " ")
                    guard let at = words.firstIndex(of: "import"), at + 1 < words.count, !line.hasPrefix("//") else {
                        continue
                    }
                    let module = String(words[at + 1])
                    seen.insert(module)
                    #expect(allowed.union(libraries).contains(module), "\(file.lastPathComponent) imports \(module)")
                }
            }
        }
        #expect(seen.contains("CMicroHTTPD"))  // control: imports are found
    }

    private static func swiftFiles(of target: String) throws -> [URL] {
        let folder = root.appending(path: "Sources/\(target)")
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        return files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
    }

    private struct Description: Decodable {
        struct Target: Decodable {
            let name: String
            let path: String
            let targetDependencies: [String]?
            let productDependencies: [String]?
            var dependencies: [String] { targetDependencies ?? [] }
            var packages: [String] { productDependencies ?? [] }
        }
        struct Product: Decodable { let name: String }
        let targets: [Target]
        let products: [Product]
    }

    private static func describePackage() throws -> (targets: [Description.Target], products: [String]) {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "describe-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        // A scratch folder of its own: the build folder is locked by the test run.
        process.arguments = [
            "swift", "package", "--package-path", root.path(), "--scratch-path", scratch.path(), "describe", "--type",
            "json",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let json = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let description = try decoder.decode(Description.self, from: json)
        return (description.targets, description.products.map(\.name))
    }
}

/// The table of modules in ARCHITECTURE.md: target, one sentence, what it may import.
private struct ModuleTable {
    let mayImport: [String: Set<String>]

    init(architecture: URL) throws {
        var rows: [String: Set<String>] = [:]
        for line in try String(contentsOf: architecture, encoding: .utf8).split(separator: "\n")
        where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3 else { continue }
            let names = { (cell: String) in
                Set(cell.split(separator: "`").enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) })
            }
            let target = String(cells[0].split(separator: "`")[0])
            rows[target] = names(" " + cells[2])
        }
        mayImport = rows
    }
}
