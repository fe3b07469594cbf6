// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// /debug/heap in its host: what it says against what the host knows of itself. Each in a process of its own.
import HeapProfile
import Testing

@Suite(.enabled(if: HeapLook.refusal == nil, "there is no allocation tap in this build, such as with a sanitizer"))
struct HostHeapPageTests {
    @Test func everyTypeIsCountedExactlyWithItsBytes() throws {
        let host = try HostProcess("heap-types")
        #expect(host.number("sessions_before") == 0)
        let exact = host.output.split(separator: "\n").filter { $0.hasPrefix("exact ") }
        #expect(exact.count == 6, "objects, generic, variadic and private ones, arrays, dictionaries")
        for line in exact { #expect(line.contains(" true "), "\(line)") }
        #expect(host.number("string_growth") >= 400, "the endpoint makes some of its own")
        #expect(host.number("session_growth") == 1550)
        #expect(
            host.values["closure_name"] == "closure context (TestHost.HeapTypes.Session, Swift.Int16, Swift.Float)")
        #expect(host.number("closure_count") == 350)
        #expect(host.number("error_count") == 120)
        #expect(host.number("box_count") == 120)
        #expect(host.values["box_name"]?.hasSuffix("box (TestHost.HeapTypes.Wide)") == true)
        #expect((90...92).contains(host.number("raw_growth")), "others may use sizes of this class")
        #expect(host.values["raw_bytes_are_at_least"] == "true")
        #expect(host.number("live_not_resident") > 4 * 5_000_000, "nobody has written to the large blocks")
        #expect(host.values["matching_only"] == "true")
        #expect(host.values["same_snapshot"] == "true")
        #expect(host.number("top_rows") == 3)

        #expect(host.number("gone_status") == 404)
        #expect(host.values["gone_sentence"]?.contains("are kept") == true)
        #expect(host.values["kept"]?.split(separator: ",").count == 4)
        #expect(host.number("sessions_before_release") == 1550)
        #expect(host.number("session_growth_after_release") == -1550)
        #expect(host.number("sessions_after_release") == 0)

        #expect(host.values["secret_is_in_memory"] == "true", "positive control")
        #expect(host.values["its_type_is_shown"] == "true", "positive control")
        #expect(host.values["secret_is_shown"] == "false")
        #expect(host.values["form_statuses"] == "[200, 200, 200]")

        #expect(host.values["sum_is_resident"] == "true")
        #expect(abs(host.number("resident_per_kernel") - 1) < 0.01)
        #expect(host.values["all_known"] == "true")
    }

    @Test func manyBlocksAreCountedWithoutHoldingUpAThread() throws {
        let host = try HostProcess("heap-size", ["400000"])
        for look in 0..<3 {
            #expect(host.number("look_\(look)_status") == 200)
            #expect(host.number("look_\(look)_nodes") == 200_000)
            #expect(host.number("look_\(look)_blocks") >= 400_000)
            #expect(host.number("look_\(look)_resident_growth_mebibytes") < 16)
        }
        let stalls = (0..<3).map { host.number("look_\($0)_longest_stall_microseconds") }
        #expect(stalls.allSatisfy { $0 > 0 }, "positive control: rounds are timed")
        #expect((stalls.min() ?? 0) < 50_000, "the machine may be busy in one of them")
    }

    @Test func memoryThatIsFreedBesidePinnedBlocksIsRetainedAndTheSentenceSaysSo() throws {
        let host = try HostProcess("heap-retention")
        #expect(host.number("live_growth_filled") > 50, "MiB")
        #expect(host.values["sentence_filled"]?.contains("live blocks") == true)
        #expect(host.number("retained_growth_freed") > 50, "MiB")
        #expect(host.values["sentence_freed"]?.contains("retained") == true)
        #expect(host.values["sentence_freed"]?.contains("malloc_trim") == true)
        #expect(host.number("arena_retained_growth") > 50, "MiB")
        #expect(host.number("retained_growth_trimmed") < -40, "MiB")
        #expect(host.number("stack_growth") >= 2, "MiB, of 8 threads that use 300 KiB each")
        #expect(host.values["sums_are_resident"] == "true")
    }

    @Test func itAnswersWhileThreadsAllocateAndWhileOneIsStuck() throws {
        let host = try HostProcess("heap-unrest")
        #expect(host.number("answers") == 12)
        #expect(host.number("held") == 12, "what nobody touches is counted right in each")
        #expect(host.values["churned"] == "true", "positive control: threads allocate meanwhile")
        #expect(host.values["sums_are_resident"] == "true")
        #expect(host.number("status_while_a_lock_is_held") == 200)
        #expect(host.number("statuses_at_once") == 200)
        #expect(host.number("ids_at_once") < 8, "those who ask at once share a look")
        #expect(host.number("stop_milliseconds") < 1000)
    }
}
