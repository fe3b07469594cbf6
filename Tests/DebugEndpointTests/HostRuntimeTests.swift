// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Figures beside a known truth, each in a process of its own.
import HeapProfile
import Testing

@Suite struct HostRuntimeTests {
    @Test func figuresAreThoseThatTheProcessMadeItself() throws {
        let host = try HostProcess("runtime-figures")
        #expect(host.number("threads_added") == 8)
        #expect(host.number("waiting_added") == 6)
        #expect(host.number("running") >= 3, "two that compute and the one that asks")
        #expect(host.number("threads_by_state") == host.number("threads"))
        #expect(host.number("threads") == host.number("process_threads_of_proc"))
        #expect(host.number("threads_left") == 0)
        #expect(host.number("switches") >= 500 && host.number("switches") < 600)
        #expect(host.number("descriptors_added") == 40)
        #expect(host.number("descriptors_error") == 0)
        #expect(host.number("descriptors_left") == 0)
        // The kernel counts what this process writes to report, too.
        #expect(host.number("bytes_written") >= 10_485_760 && host.number("bytes_written") < 10_490_000)
        #expect(host.number("write_calls") >= 10 && host.number("write_calls") < 20)
        #expect(host.number("cpu_seconds") >= 0.3 && host.number("cpu_seconds") < 0.5)
        #expect(host.number("uptime_error") < 0.1)
        #expect(host.number("start_error") < 1.1, "the kernel tells its own start in seconds")
        #expect(host.number("processors") > 0)
    }

    @Test func timeInTheRunQueueIsSeenAndNotForgotten() throws {
        let host = try HostProcess("runtime-figures")
        #expect(host.number("run_queue_wait") > 0.05)
        #expect(host.number("run_queue_wait_afterwards") >= 0)
    }

    @Test func memoryClassesAddUpToWhatIsResident() throws {
        let host = try HostProcess("runtime-memory")
        let resident = host.number("resident_of_proc")
        #expect(host.number("classes_sum") == host.number("classes_total"))
        #expect(abs(host.number("classes_total") - resident) <= resident / 100)
        #expect(abs(host.number("resident") - resident) <= resident / 100)
        #expect(host.number("rollup") > 100e6 && host.number("rollup") < resident * 1.01)
        // 30 threads, each with 256 KiB of stack or more.
        #expect(host.number("stack_class_growth") > 30 * 256 * 1024)
        // 200 000 blocks of 200 bytes and 16 of 4 MiB; glibc gives the small ones 208 bytes and a word.
        #expect(host.number("in_use_growth") > 200_000 * 208 + 64e6)
        #expect(host.number("in_use_growth") < 200_000 * 216 + 72e6)
        #expect(host.number("mapped_growth") > 16 * 4_194_304 && host.number("mapped_growth") < 16 * 4_194_304 + 3e6)
        guard host.values["is_tapped"] == "true" else { return }
        #expect(host.number("heap_class_growth") > 105e6 && host.number("heap_class_growth") < 120e6)
        #expect(host.number("objects_growth") >= 200_016 && host.number("objects_growth") < 202_000)
        #expect(host.number("allocations_growth") >= 200_016)
        #expect(host.number("bytes_growth") >= 200_000 * 200 + 16 * 4_194_304)
    }

    @Test(.enabled(if: TapRefusal.current == nil))
    func theSecondReadingAllocatesNothing() throws {
        let host = try HostProcess("runtime-memory")
        #expect(host.number("allocations_of_20_reads") == 0)
        #expect(host.number("allocations_of_one_block") == 1, "control: the count counts")
    }

    @Test func theProbeTellsWhichQueueJobsWaitIn() throws {
        let host = try HostProcess("runtime-probe")
        for queue in ["pool", "main-queue", "global-queue"] {
            #expect(host.values["absent_\(queue)"] == "true", "before anybody asked for it")
        }
        #expect(host.number("pool_ran") >= 1)
        #expect(host.number("global_queue_ran") >= 1)
        #expect(host.number("main_queue_ran") == 0)
        #expect(host.number("main_queue_pending") > 0.5)
        #expect(host.number("pool_pending") > 1.5)
        #expect(host.values["global_queue_runs_on"] == "true")
        #expect(host.number("pool_pending_afterwards") >= 0 && host.number("pool_pending_afterwards") < 0.5)
        #expect(host.number("threads_of_the_probe") == 0, "it ends with the server")
    }

    @Test func limitsAndThrottlingOfAControlGroupAreSeen() throws {
        let host = try HostProcess("runtime-cgroup")
        // Only who may make control groups can look; fixtures tell the rest.
        guard host.values["made"] == "yes" else { return }
        #expect(host.number("cpu_limit") == 0.2)
        #expect(host.number("processors") == 0.2)
        #expect(host.number("memory_limit") == 1_073_741_824)
        #expect(host.number("memory_used") > 0 && host.number("memory_used") < 1_073_741_824)
        #expect(host.number("throttled_periods") >= 5)
        #expect(host.number("periods") >= host.number("throttled_periods"))
        // How long depends on who else wants the processor; more than the time that went by it cannot be for one thread.
        #expect(host.number("throttled_seconds") > 0 && host.number("throttled_seconds") < 20)
        #expect(host.values["removed"] == "true")
    }
}
