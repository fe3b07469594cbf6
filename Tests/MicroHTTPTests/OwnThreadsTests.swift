// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import MicroHTTP
import Synchronization
import Testing

struct OwnThreadsTests {
    @Test func everyThreadThatWorksForARequestSaysSoBefore() throws {
        let known = Mutex<Set<UInt>>([])
        let strangers = Atomic(0)
        let configuration = HTTPServer.Configuration.loopback { configuration in
            configuration.onThread = { _ = known.withLock { $0.insert(UInt(pthread_self())) } }
        }
        let handler: HTTPServer.Handler = { _ in
            if !known.withLock({ $0.contains(UInt(pthread_self())) }) { strangers.add(1, ordering: .relaxed) }
            return .text("ok")
        }
        try withServer(configuration, handler: handler) { server in
            for _ in 0..<20 { #expect(server.answersOrdinarily()) }
        }
        #expect(strangers.load(ordering: .relaxed) == 0)
        // The thread that accepts, libmicrohttpd's own, and at least one that answers.
        #expect(known.withLock { $0.count } >= 3)
        #expect(!known.withLock { $0.contains(UInt(pthread_self())) }, "the caller's is none of them")
    }
}
