// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import CAllocationTap
import Testing

@testable import HeapProfile

struct TapRefusalTests {
    /// A function has the same name, which the macro would take.
    typealias State = alloctap_state

    @Test(arguments: [
        (alloctap_left_out, TapRefusal.leftOut, "enable the package trait AllocationTap"),
        (alloctap_sanitized, .sanitized, "build without it"),
        (alloctap_unsupported, .unsupported, "needs glibc on x86_64 or aarch64"),
        (alloctap_shadowed, .shadowed, "link glibc dynamically"),
        (alloctap_no_tables, .noTables, "raise RLIMIT_AS"),
        (alloctap_state(rawValue: 99), .unsupported, "needs glibc"),
    ])
    func everyStateOfTheTapButActiveIsARefusalThatSaysWhatToDo(
        state: State, refusal: TapRefusal, advice: String
    ) {
        #expect(TapRefusal(state) == refusal)
        #expect(refusal.description.contains(advice))
    }

    @Test func anActiveTapIsNoRefusal() {
        #expect(TapRefusal(alloctap_active) == nil)
    }

    @Test(arguments: TapRefusal.allCases)
    func aRefusalIsOneSentenceOfItsOwn(refusal: TapRefusal) {
        #expect(!refusal.description.contains("\n"))
        #expect(refusal.description.contains(": "))
        #expect(TapRefusal.allCases.filter { $0.description == refusal.description }.count == 1)
    }
}
