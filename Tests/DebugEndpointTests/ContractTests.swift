// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// The contract is a promise; these tests hold the routes against it, both ways.
import DebugEndpointTesting
import Foundation
import HeapProfile
import Testing
import Yams

@testable import DebugEndpoint

@Suite struct ContractTests {
    private static let root = URL(filePath: #filePath).appending(path: "../../..").standardized

    private static func contract() throws -> [String: Any] {
        let text = try String(contentsOf: root.appending(path: "openapi.yaml"), encoding: .utf8)
        return try #require(try Yams.load(yaml: text) as? [String: Any])
    }

    @Test func everyRouteIsInTheContractAndEveryPathOfTheContractIsARoute() throws {
        let paths = try #require(try Self.contract()["paths"] as? [String: [String: Any]])
        #expect(paths.keys.sorted() == RouteTable.routes.map(\.path).sorted())
        for route in RouteTable.routes {
            let methods = route.allow.lowercased().split(separator: ", ").map(String.init)
            #expect(paths[route.path]?.keys.sorted() == methods.sorted(), "\(route.path)")
        }
    }

    @Test func everyParameterIsInTheContractAndInItsRoute() throws {
        let paths = try #require(try Self.contract()["paths"] as? [String: [String: Any]])
        for route in RouteTable.routes {
            let get = try #require(paths[route.path]?["get"] as? [String: Any])
            let parameters = get["parameters"] as? [[String: Any]] ?? []
            #expect(parameters.compactMap { $0["name"] as? String }.sorted() == route.parameters.map(\.name).sorted())
        }
    }

    @Test func everyPathOfTheContractAnswersWithATypeOfTheContract() throws {
        let paths = try #require(try Self.contract()["paths"] as? [String: [String: Any]])
        let server = try DebugServer.start(.init(address: .loopback(port: 0), registry: VariableRegistry()))
        defer { server.stop() }
        for (path, operations) in paths {
            let responses = try #require(
                (operations["get"] as? [String: Any])?["responses"] as? [String: [String: Any]])
            guard let types = (responses["200"]?["content"] as? [String: Any])?.keys else {
                #expect(try DebugClient(server).get(path).status == 501, "\(path) is refused in this build")
                continue
            }
            // A profile takes a second, not thirty.
            let answer = try DebugClient(server).get(path.hasSuffix("/profile") ? path + "?seconds=1" : path)
            let isWithoutTap = path == HeapPage.path && HeapLook.refusal != nil
            #expect(answer.status == (isWithoutTap ? 501 : 200), "\(path)")
            #expect(types.contains(String(try #require(answer.header("Content-Type")).prefix { $0 != ";" })), "\(path)")
        }
    }

    @Test func theServedContractIsTheFileAtTheTopOfTheRepository() throws {
        let file = try Data(contentsOf: Self.root.appending(path: "openapi.yaml"))
        #expect(PackageResources.openapi_yaml == [UInt8](file))
    }
}
