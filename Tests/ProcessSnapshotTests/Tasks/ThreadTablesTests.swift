// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Synchronization
import Testing

@testable import ProcessSnapshot

#if arch(x86_64)
    @Suite struct ThreadTablesTests {
        @Test func everyThreadHasATableOfItsOwn() async throws {
            let hold = Hold()
            let ids = Mutex<Set<Int32>>([])
            let threads = (0..<50).map { _ in
                PlainThread {
                    _ = ids.withLock { $0.insert(ownThread()) }
                    hold.keepThread()
                }
            }
            try await tasks { _ in ids.withLock { $0.count } == 50 }
            let tables = try #require(ThreadTables.current())
            #expect(ids.withLock { $0 }.isSubset(of: tables.keys))
            #expect(Set(tables.values).count == tables.count)
            hold.release()
            for thread in threads { thread.join() }
            let later = try #require(ThreadTables.current())
            #expect(ids.withLock { $0 }.isDisjoint(with: later.keys))
        }

        @Test func threadsThatStartAndEndMeanwhileDoNoHarm() async throws {
            let hold = Hold()
            let isOver = Mutex(false)
            let churn = PlainThread {
                while !isOver.withLock({ $0 }) { PlainThread {}.join() }
            }
            let steady = PlainThread { hold.keepThread() }
            try await tasks { _ in hold.hasSomebody }
            for _ in 0..<500 {
                // A walk that meets a thread on its way out may fail; it never says a wrong thing.
                if let tables = ThreadTables.current() { #expect(tables[ownThread()] != nil) }
            }
            isOver.withLock { $0 = true }
            hold.release()
            churn.join()
            steady.join()
        }
    }
#endif
