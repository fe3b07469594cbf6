// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import HeapProfile

@Suite struct MemoryAccountTests {
    private func classes(live: UInt?, retained: UInt?, rest: UInt = 10 << 20, stacks: UInt = 1 << 20) -> MemoryClasses {
        var classes = MemoryClasses()
        classes.live = live.map { $0 << 20 }
        classes.retained = retained.map { $0 << 20 }
        classes.files = 20 << 20
        classes.stacks = stacks
        classes.resident = (classes.live ?? 0) + (classes.retained ?? 0) + classes.files + stacks + rest
        classes.balance(lag: 0)
        return classes
    }

    private func sentence(_ before: MemoryClasses, _ now: MemoryClasses) -> String {
        MemoryAccount(now: now, earlier: before, name: "snapshot 2 (41 s before)").sentence
    }

    @Test func classesAddUpWhateverWasRead() {
        let odd: [(UInt?, UInt?, UInt)] = [(10, 20, 100), (10, 200, 100), (300, 200, 100), (nil, nil, 5), (0, 0, 0)]
        for (live, retained, resident) in odd {
            var classes = MemoryClasses()
            classes.live = live
            classes.retained = retained
            (classes.files, classes.overhead, classes.stacks, classes.endedStacks) = (4, 3, 2, 2)
            classes.resident = resident
            classes.balance(lag: 0)
            let sum = (classes.live ?? 0) + (classes.retained ?? 0) + classes.stacks + classes.files + classes.other
            #expect(sum == resident)
            #expect((classes.endedStacks ?? 0) <= classes.stacks)
            #expect((classes.live == nil) == (live == nil), "what is unknown stays so")
        }
    }

    @Test func whatTheKernelHasNotCountedYetIsTakenFromNoClass() {
        var classes = MemoryClasses()
        (classes.live, classes.retained, classes.resident) = (60, 45, 100)
        classes.balance(lag: 5)
        #expect((classes.live, classes.retained, classes.resident) == (60, 45, 105))
        classes.resident = 100
        classes.balance(lag: 4)
        #expect((classes.live, classes.retained, classes.resident) == (60, 40, 100))
    }

    @Test func growthOfOneClassIsNamedWithWhatToDo() {
        let before = classes(live: 100, retained: 50)
        #expect(
            sentence(before, classes(live: 101, retained: 562))
                == "Resident memory grew by 513 MiB since snapshot 2 (41 s before), to 694 MiB: nearly all of it is memory that "
                + "glibc keeps after it was freed (retained). malloc_trim(0) gives back those of its pages that are wholly free; "
                + "a lower MALLOC_ARENA_MAX keeps less.")
        #expect(
            sentence(before, classes(live: 300, retained: 60)).contains("nearly all of it is live blocks. The types"))
        #expect(sentence(before, classes(live: 160, retained: 90)).contains("most of it is live blocks, +60 MiB."))
        #expect(
            sentence(before, classes(live: 120, retained: 75, rest: 33 << 20, stacks: 20 << 20)).contains(
                "no single class has most of it: "))
    }

    @Test func whatShrankIsNamedWithoutAdvice() {
        let text = sentence(classes(live: 100, retained: 500), classes(live: 100, retained: 10))
        #expect(text.contains("shrank by 490 MiB"))
        #expect(!text.contains("malloc_trim"))
    }

    @Test func freedMemoryThatStaysIsSaidWhereResidentDoesNotChange() {
        let text = sentence(classes(live: 500, retained: 10), classes(live: 100, retained: 410))
        #expect(text.contains("is steady at"))
        #expect(text.contains("live blocks shrank by 400 MiB, and glibc keeps 400 MiB more"))
    }

    @Test func aSteadyProcessOrTheFirstLookSaysWhatThereIs() {
        let now = classes(live: 100, retained: 50)
        #expect(sentence(now, now).contains("is steady at 181 MiB, +0 bytes since snapshot 2"))
        #expect(
            MemoryAccount(now: now).sentence
                == "Resident: 181 MiB. Most of it: 100 MiB live blocks, 50 MiB freed but kept by glibc (retained), "
                + "20 MiB files and shared memory.")
    }

    @Test func bytesReadAsPeopleSayThem() {
        #expect(MemoryAccount.bytes(640) == "640 bytes")
        #expect(MemoryAccount.bytes(1536) == "1.5 KiB")
        #expect(MemoryAccount.bytes(512 << 20) == "512 MiB")
        #expect(MemoryAccount.bytes(1 << 30) == "1.0 GiB")
        #expect(MemoryAccount.bytes(.max) == "15 EiB" || MemoryAccount.bytes(.max) == "16 EiB")
    }
}
