// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import DebugEndpointDogStatsD

@Suite struct AgentSocketTests {
    /// With a send buffer of some 4 KiB the kernel takes frames of 8 KiB in parts.
    @Test func aFrameThatIsTakenInPartsArrivesWholeAndOnce() throws {
        let folder = try TemporaryFolder()
        let agent = try StubAgent(.unixStream, path: folder.path + "/dsd.socket", isReading: false)
        defer { agent.stop() }
        let socket = try AgentSocket(.unix(path: agent.path, .either))
        #expect(socket.transport == .unixStream)
        var size: Int32 = 2048
        setsockopt(socket.descriptor, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        let payloads = (0..<20).map { number in [UInt8](repeating: UInt8(number), count: 8000 + number) }
        var refusals = 0
        for payload in payloads {
            var outcome = socket.send(payload)
            while outcome == .full, refusals < 1000 {
                refusals += 1
                agent.read()
                _ = SocketWait.wait(socket.descriptor, for: POLLOUT, until: .now + .seconds(5))
                outcome = socket.send(payload)
            }
            try #require(outcome == .sent)
        }
        #expect(refusals > 0)
        expectEventually { agent.payloads.count == 20 }
        #expect(agent.payloads == payloads)
    }

    @Test(arguments: [StubAgent.Kind.udp, .unixDatagram])
    func aDatagramThatIsTooLongIsRefusedAndOthersStillGo(kind: StubAgent.Kind) throws {
        let folder = try TemporaryFolder()
        let agent = try StubAgent(kind, path: folder.path + "/dsd.socket")
        defer { agent.stop() }
        let socket = try AgentSocket(AgentAddress(parsing: agent.address, from: "a test"))
        #expect(socket.send([UInt8](repeating: 0, count: 1 << 20)) == .refused)
        #expect(socket.send([1]) == .sent)
        expectEventually { agent.payloads == [[1]] }
    }

    @Test(arguments: [AgentAddress.UnixKind.datagram, .stream, .either])
    func whereThereIsNoSocketTheSentenceNamesThePath(kind: AgentAddress.UnixKind) throws {
        let problem = #expect(throws: SocketProblem.self) {
            _ = try AgentSocket(.unix(path: "/nonexistent/dsd.socket", kind))
        }
        #expect(problem?.errno == ENOENT)
        #expect(problem?.description.contains("/nonexistent/dsd.socket") == true)
    }

    @Test func aSocketOfTheOtherKindIsRefusedWhereTheKindIsGiven() throws {
        let folder = try TemporaryFolder()
        let agent = try StubAgent(.unixStream, path: folder.path + "/dsd.socket")
        defer { agent.stop() }
        let problem = #expect(throws: SocketProblem.self) {
            _ = try AgentSocket(.unix(path: agent.path, .datagram))
        }
        #expect(problem?.errno == EPROTOTYPE)
    }

    @Test func aHostThatCannotBeResolvedIsNamed() {
        let problem = #expect(throws: SocketProblem.self) {
            _ = try AgentSocket(.udp(host: "no such host", port: 1))
        }
        #expect(problem?.description.contains("no such host") == true)
    }
}
