// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

@testable import RuntimeMetrics

@Suite struct ReadingTests {
    @Test func unknownNamesAreAnsweredAsSuch() throws {
        let system = try MadeUpSystem([:])
        for name in ["", "/", "/no/such:bytes", "/memory/resident:bits", "process_threads"] {
            #expect(system.value(name) == .unknown, "\(name)")
        }
        #expect(system.value("/cpu/total:cpu-seconds") != .unknown, "control: a known name")
    }

    @Test func whatIsNotThereIsAbsentAndNever0() throws {
        // Nothing of /proc can be read; what system calls tell is there all the same.
        let present = try MadeUpSystem([:]).all().filter { $0.value != .absent }.map(\.name)
        #expect(
            present == [
                "/cpu/system:cpu-seconds", "/cpu/total:cpu-seconds", "/cpu/user:cpu-seconds",
                "/files/limit:descriptors", "/memory/faults/major:faults", "/memory/faults/minor:faults",
                "/memory/heap/committed:bytes", "/memory/heap/idle:bytes", "/memory/heap/in-use:bytes",
                "/memory/heap/mapped:bytes", "/memory/heap/releasable:bytes", "/sched/switches/involuntary:switches",
                "/sched/switches/voluntary:switches",
            ])
    }

    @Test func everyMetricHasTheKindThatItSays() {
        var samples = RuntimeMetrics.all.map { RuntimeMetrics.Sample($0.name) }
        let reader = MetricReader(probe: SchedulingProbe())
        reader.read(into: &samples)
        var seen = 0
        for (metric, sample) in zip(RuntimeMetrics.all, samples) {
            switch sample.value {
            case .uint64: #expect(metric.kind == .uint64, "\(metric.name)")
            case .double(let number):
                #expect(metric.kind == .double, "\(metric.name)")
                #expect(number.isFinite, "\(metric.name)")
            case .histogram: #expect(metric.kind == .histogram, "\(metric.name)")
            case .absent: continue
            case .unknown: Issue.record("\(metric.name) is not known to the reader")
            }
            seen += 1
        }
        #expect(seen > 40)
    }

    @Test func whatIsNoNumberIsAbsent() throws {
        var feeds = MetricFeeds()
        feeds.leaks = {
            LeakFigures(
                leaked: 1, unknown: 0, examined: 2, pauseSeconds: .nan, scans: 1, scannedBytes: 0,
                scanSeconds: .infinity)
        }
        let system = try MadeUpSystem([:], feeds: feeds)
        #expect(system.value("/leaks/pause:seconds") == .absent)
        #expect(system.value("/leaks/scanning:seconds") == .absent)
        #expect(system.value("/leaks/leaked:waiters") == .uint64(1), "control: the others are there")
    }

    @Test func anEmptyListIsReadWithoutHarm() {
        var samples: [RuntimeMetrics.Sample] = []
        MetricReader().read(into: &samples)
        #expect(samples.isEmpty)
    }

    @Test func aNameAskedForTwiceIsAnsweredTwice() throws {
        let system = try MadeUpSystem(["proc/self/statm": "100 50 20 1 0 1 0\n"])
        #expect(system.value("/memory/resident:bytes") == .uint64(50 * 4096))
        var samples = [
            RuntimeMetrics.Sample("/cpu/total:cpu-seconds"), .init("/no:thing"), .init("/cpu/total:cpu-seconds"),
        ]
        MetricReader().read(into: &samples)
        #expect(samples[0].value == samples[2].value)
        #expect(samples[1].value == .unknown)
    }

    @Test(arguments: [
        "", "\n", "garbage", "1", "18446744073709551616 18446744073709551616", "-5 -5", "\0\0", "1.5 2.5",
    ])
    func malformedFilesAreAbsentAndNoTrap(text: String) throws {
        let paths = [
            "proc/self/statm", "proc/self/status", "proc/self/io", "proc/self/stat", "proc/stat", "proc/self/net/dev",
            "proc/self/smaps_rollup", "proc/pressure/cpu", "proc/self/cgroup", "proc/self/mountinfo",
            "proc/self/task/1/stat", "proc/self/task/1/schedstat",
        ]
        let system = try MadeUpSystem(Dictionary(uniqueKeysWithValues: paths.map { ($0, text) }))
        #expect(system.value("/memory/resident:bytes") == .absent)
        #expect(system.value("/io/read:bytes") == .absent)
        #expect(system.value("/process/start-time:seconds") == .absent)
        #expect(system.value("/system/pressure/cpu/some:seconds") == .absent)
        #expect(system.value("/sched/run-queue-wait:seconds") == .absent)
        _ = system.all()
    }
}
