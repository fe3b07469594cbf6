// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// What ?explain= says of threads and tasks of which the host knows who keeps them.
import HeapProfile
import Testing

@Suite(
    .serialized,
    .enabled(if: HeapLook.refusal == nil, "there is no allocation tap in this build, such as with a sanitizer"))
struct HostLeakExplanationTests {
    @Test func whoIsKeptHasTheWayFromWhoeverIsAwakeAndWhoIsLeakedHasNone() throws {
        let host = try HostProcess("explain", of: "LeakHost")
        func expect(
            _ name: String, _ state: String, from root: String = "[", through part: String = "",
            at location: SourceLocation = #_sourceLocation
        ) {
            let said = host.values[name] ?? "nothing"
            #expect(said.hasPrefix("\(state) \(root)"), "\(name)", sourceLocation: location)
            #expect(part.isEmpty || said.contains(part), "\(name): \(said)", sourceLocation: location)
        }
        expect(
            "keep-dictionary", "kept", from: #"["variable: variable kept"#,
            through: "Swift._DictionaryStorage<Swift.Int")
        expect(
            "keep-payload", "kept", from: #"["variable: variable payload"#, through: "Swift.CheckedContinuationCanary")
        expect(
            "keep-stream", "kept", from: #"["variable: variable streams"#, through: "AsyncStream<Swift.Int>._Storage")
        expect("keep-global", "kept", from: #"["variable: variable globalSemaphore (LeakHost)"#)
        expect("keep-by-thread", "kept", from: #"["stack: stack of thread "#, through: #""resumer\", in closure"#)
        expect("keep-sleeper", "kept", from: #"["stack: stack of thread "#, through: "KeptThreads.swift:")
        expect("keep-epoll", "kept", from: #"["kernel: "#)
        expect("keep-lock", "kept", from: #"["waiter: "#, through: #"waits for NSLock, of thread "#)
        expect("keep-awaiting", "kept", from: #"["waiter: "#, through: "(sleeping)")
        // Of a long way both ends are shown.
        expect("keep-chain-49", "kept", from: #"["stack: stack of thread "#, through: #"chain-head"#)
        expect("keep-chain-49", "kept", through: "more steps")
        expect("keep-chain-49", "kept", through: #"keep-chain-49\" waits"]"#)
        for name in ["leak-unsafe", "leak-stream", "leak-semaphore", "leak-abba-1", "leak-behind"] {
            #expect(host.values[name] == "leaked []", "\(name)")
        }
        expect("keep-sleep", "awake")
        #expect(host.number("nobody") == 404)
        #expect(host.number("malformed") == 400)
    }
}
