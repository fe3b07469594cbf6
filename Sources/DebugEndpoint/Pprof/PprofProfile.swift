// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import HeapProfile
import ProcessSnapshot

/// A profile under `/debug/pprof/`, as the index lists it.
struct PprofProfile: Sendable {
    let name: String
    let description: String
    /// How many entries it would have now; nil where that is not known beforehand.
    var count: (@Sendable () -> Int?)?

    var path: String { "/debug/pprof/" + name }

    static let all = [
        PprofProfile(
            name: "allocs",
            description:
                "Samples of all allocations since the process began. The same data as heap, shown by alloc_space",
            count: { AllocationSnapshot.siteCount }),
        PprofProfile(
            name: "cmdline", description: "The command line of this program; values that smell of secrets are hidden"),
        PprofProfile(
            name: "goroutine",
            description:
                "Stacks of all threads and tasks, told apart by the label kind. Use debug=2 for each on its own",
            count: {
                ProcessView.threadCount.flatMap { threads in (try? ProcessView.tasks().tasks.count).map { threads + $0 }
                }
            }),
        PprofProfile(
            name: "goroutineleak", description: "The same as leak, under Go's name",
            count: { LeakScanHistory.shared.last?.leaked }),
        PprofProfile(
            name: "heap",
            description:
                "Samples of the allocations that are in use. seconds= says in which time the allocations are counted, "
                + "own=1 shows the endpoint's own, too",
            count: { AllocationSnapshot.siteCount }),
        PprofProfile(
            name: "leak",
            description:
                "Stacks of threads and tasks that wait for what nobody alive can ever do, as of a new scan. The count is the "
                + "last scan's",
            count: { LeakScanHistory.shared.last?.leaked }),
        PprofProfile(
            name: "profile",
            description:
                "CPU profile. seconds= says how long, hz= how many samples a second of CPU time. Read it with go tool pprof"
        ),
        PprofProfile(
            name: "symbol",
            description: "Maps program counters to function names, for pprof: 0xA+0xB as the query or as a POSTed body"),
        PprofProfile(
            name: "task", description: "Stacks of all Swift tasks", count: { try? ProcessView.tasks().tasks.count }),
        PprofProfile(name: "thread", description: "Stacks of all threads", count: { ProcessView.threadCount }),
        PprofProfile(
            name: "threadcreate", description: "Stacks that made the threads. Refused: nobody keeps them in this build"),
    ]
}
