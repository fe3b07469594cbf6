// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Glibc
import ProcessSnapshot
import Profiles

/// Takes a CPU profile: samples summed up by stack, the callers of async functions included.
enum CPUProfiler {
    /// Tasks may come and go by the million while one profile is taken.
    private static let keptTaskNames = 65_536

    static func run(_ wish: CPUProfileRuns.Wish, isCancelled: () -> Bool) -> Result<Profile, Problem> {
        var table = SampleTable(.cpu(hertz: wish.hertz))
        let period = Int64(1_000_000_000 / wish.hertz)
        var names: [Int32: Label] = [:]
        var taskNames: [UInt64: Label?] = [:]
        var isCut = false
        func cuts() -> Bool {
            isCut = isCancelled()
            return isCut
        }
        let begun = ProcessView.nanosecondsSince1970()
        do throws(SnapshotRefusal) {
            let result = try CPUSampling(hertz: wish.hertz, duration: .seconds(wish.seconds)).run(
                ProcessView.configuration, isCancelled: cuts
            ) { stack in
                var labels: [Label] = []
                if let name = names[stack.thread] ?? ProcessView.threadName(stack.thread).map({ Label("thread", $0) }) {
                    names[stack.thread] = name
                    labels.append(name)
                }
                if let task = stack.task {
                    let known = taskNames[task.id]
                    let name = known ?? TaskName.name(ofTaskAt: task.address, id: task.id).map { Label("task", $0) }
                    if known == nil, taskNames.count < Self.keptTaskNames { taskNames[task.id] = .some(name) }
                    if let name { labels.append(name) }
                }
                let weight = Int64(stack.weight)
                table.add(Self.lookup(stack), [weight, weight * period], labels: labels)
            }
            guard !isCut else { return .failure(Problem(status: 503, sentence: "the CPU profile was ended early")) }
            var comments: [String] = []
            if result.dropped > 0 { comments.append("\(result.dropped) samples found no room and are missing") }
            if result.withoutTimer > 0 {
                comments.append("\(result.withoutTimer) threads could have no timer and are missing")
            }
            return .success(
                table.profile(
                    mappings: ProcessView.mappings(), time: begun,
                    duration: Int64(result.duration / .nanoseconds(1)), comments: comments, locate: ProcessView.locate))
        } catch {
            return .failure(Problem(error))
        }
    }

    /// The stack as addresses to look up. Where an async function runs, what follows are those that await it, and no longer
    /// the executor's loop that happened to resume it.
    private static func lookup(_ stack: CapturedStack) -> [UInt] {
        let called = stack.addresses.enumerated().map { $0.offset == 0 ? $0.element : $0.element &- 1 }
        guard let index = stack.asyncIndex else { return called }
        return called[...index] + stack.asyncCallers
    }
}
