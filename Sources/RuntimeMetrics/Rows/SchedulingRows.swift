// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

extension MetricTable {
    static let schedulingRows =
        [
            MetricRow(
                "/sched/threads/total:threads", "Threads of this process.", .threadCount, .count { $0.threadCount },
                prometheus: "process_threads"),
            MetricRow(
                "/sched/threads/running:threads", "Threads on a processor or waiting for one.", .threads,
                .count { $0.threads?.running }, basis: .sampled),
            MetricRow(
                "/sched/threads/waiting:threads", "Threads that wait for something or sleep.", .threads,
                .count { $0.threads?.waiting }, basis: .sampled),
            MetricRow(
                "/sched/threads/uninterruptible:threads",
                "Threads in a wait of the kernel that no signal ends, mostly for a disk.", .threads,
                .count { $0.threads?.uninterruptible }, basis: .sampled),
            MetricRow(
                "/sched/threads/stopped:threads", "Threads stopped by a signal or a debugger.", .threads,
                .count { $0.threads?.stopped }, basis: .sampled),
            MetricRow(
                "/sched/threads/dispatch-workers:threads",
                "Worker threads of Dispatch, which run Swift's tasks too, by their names.", .threads,
                .count { $0.threads?.dispatchWorkers }),
            MetricRow(
                "/sched/threads/dispatch-workers-busy:threads",
                "Worker threads of Dispatch that are not waiting in a futex, as idle ones are.", .threads,
                .count { $0.threads?.busyDispatchWorkers }, basis: .lowerBound),
            MetricRow(
                "/sched/threads/debug-endpoint:threads", "Threads of the debug endpoint itself, by their names.",
                .threads,
                .count { $0.threads?.endpoints }),
            MetricRow(
                "/sched/processors/idle:processors", "What running threads leave of /cpu/limit:processors.",
                .idleProcessors,
                .number { $0.idleProcessors }, basis: .sampled),
            MetricRow(
                "/sched/run-queue-wait:seconds",
                "Time that threads were ready and waited for a processor. Threads that ended between two looks are missing.",
                .threads, .number { $0.threads?.runQueueSeconds }, cumulative: true, basis: .lowerBound),
            MetricRow(
                "/sched/switches/voluntary:switches", "Times that a thread left its processor because it had to wait.",
                .usage, .count { $0.usage?.voluntarySwitches }, cumulative: true),
            MetricRow(
                "/sched/switches/involuntary:switches", "Times that a thread was taken off its processor.", .usage,
                .count { $0.usage?.involuntarySwitches }, cumulative: true),
            MetricRow(
                "/sched/tasks/total:tasks", "Live Swift tasks at the last look, which may be a while ago.", .tasks,
                .count { $0.tasks?.total }, basis: .sampled),
            MetricRow(
                "/sched/tasks/running:tasks", "Swift tasks on a thread at the last look.", .tasks,
                .count { $0.tasks?.running }, basis: .sampled),
            MetricRow(
                "/sched/tasks/enqueued:tasks", "Swift tasks that were ready and waited for a thread at the last look.",
                .tasks, .count { $0.tasks?.enqueued }, basis: .sampled),
            MetricRow(
                "/sched/tasks/suspended:tasks", "Swift tasks that awaited something at the last look.", .tasks,
                .count { $0.tasks?.suspended }, basis: .sampled),
        ] + SchedulingProbe.Queue.allCases.flatMap(probeRows)

    private static func probeRows(_ queue: SchedulingProbe.Queue) -> [MetricRow] {
        let pending: MetricRow.MetricValue =
            switch queue {
            case .pool: .number { $0.probe?.pool }
            case .mainQueue: .number { $0.probe?.mainQueue }
            case .globalQueue: .number { $0.probe?.globalQueue }
            }
        return [
            MetricRow(
                "/sched/latencies/\(queue.rawValue):seconds",
                "How long one tiny job a second waited in \(queue.words) until it ran. Absent unless probing is on.",
                .probe, .histogram(queue), cumulative: true, basis: .sampled),
            MetricRow(
                "/sched/latencies/\(queue.rawValue)-pending:seconds",
                "How long the job that is in \(queue.words) now has waited; 0 when the last one ran.", .probe, pending,
                basis: .lowerBound),
        ]
    }
}
