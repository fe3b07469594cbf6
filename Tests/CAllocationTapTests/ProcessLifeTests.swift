// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@Suite(.serialized) struct ProcessLifeTests {
    @Test(arguments: Allocator.allCases) func theTapIsActiveBeforeMain(_ allocator: Allocator) throws {
        let run = try allocator.run("state")
        #expect(run.number("state") == 0)
        // The C++ library and the Swift runtime allocate before main, and all that was freed had been seen.
        #expect(run.number("before_main") > 0)
        #expect(run.number("unknown_before_main") == 0)
    }

    @Test(arguments: Allocator.allCases) func aSignalHandlerMayAllocateInTheMiddleOfTheTap(_ allocator: Allocator)
        throws
    {
        let run = try allocator.run("signals", ["50000"])
        #expect(run.number("inside_tap") >= 200)
        #expect(run.number("wrong") == 0)
        #expect(run.number("listed_live") == run.number("expected_live"))
        #expect(run.number("unknown_frees") == 0)
        #if arch(x86_64)  // elsewhere a handler may come between load and store of a count
            #expect(run.number("counted") == run.number("expected"))
            #expect(run.number("counted_bytes") == run.number("expected_bytes"))
            #expect(run.number("counted_live") == run.number("expected_live"))
        #endif
    }

    /// In the first, second and third of the four rounds of destructors.
    @Test(arguments: [1, 2, 3]) func threadsThatOnlyAllocateAtTheirEndLeaveNothingBehind(_ round: Int) throws {
        let run = try AllocationRun("late", ["\(round)", "1000"])
        #expect(run.number("allocations") == 1000)
        #expect(run.number("left") == 0)
        #expect(run.number("rows") <= 4)
        #expect(run.number("threads") == 1)
    }

    @Test(arguments: Allocator.allCases)
    func aChildOfForkRunsOnWhileOtherThreadsAllocate(_ allocator: Allocator) throws {
        let run = try allocator.run("fork", ["100"])
        #expect(run.number("good_children") == 100)
        #expect(run.number("bad_children") == 0)
        #expect(run.number("threads") == 1)
    }

    @Test func aMillionThreadsLeaveNothingBehind() throws {
        // Half a minute on two idle processors; a busy machine may take minutes.
        let run = try AllocationRun("threads", ["1000000"], limit: .seconds(900))
        #expect(run.number("allocations") > 5_000_000)
        #expect(run.number("blocks_more") == 0)
        #expect(run.number("counted_blocks_more") == 0)
        #expect(run.number("rows") <= 16)
        #expect(run.number("threads") == 1)
        #expect(run.number("resident_kib_more") < 8192)
    }

    @Test(arguments: Allocator.allCases)
    func threadsLeaveNothingBehindInAnyAllocator(_ allocator: Allocator) throws {
        let run = try allocator.run("threads", ["4000"])
        #expect(run.number("blocks_more") == 0)
        #expect(run.number("counted_blocks_more") == 0)
        #expect(run.number("threads") == 1)
    }

    @Test(arguments: Allocator.allCases)
    func outOfMemoryIsPassedOn(_ allocator: Allocator) throws {
        let run = try allocator.run("exhaustion")
        // What other allocators put into errno is theirs: some leave it alone when a size overflows.
        #expect(run.number("passed_on") >= (allocator == .glibc ? 9 : 6))
        #expect(run.text("posix_memalign") == "ENOMEM")
        #expect(run.text("bad_alignment") == "EINVAL")
        // The one block that was kept, and no trace of those that were refused.
        #expect(run.number("allocations") == 1)
        #expect(run.number("bytes") == 100)
        #expect(run.text("kept") == "true")
        #expect(run.text("limited_errno") == "ENOMEM")
        #expect(run.number("limited_blocks") > 10_000)
        #expect(run.number("limited_seen") == run.number("limited_blocks"))
        #expect(run.number("limited_left") == 0)
    }

    @Test func allocatingKeepsErrno() throws {
        let run = try AllocationRun("exhaustion")
        #expect(run.text("is_sampled") == "true")
        #expect(run.number("errno_after_sample") == 77)
        #expect(run.number("errno_after_free") == 77)
    }
}
