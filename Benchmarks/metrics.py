# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
"""Runtime metrics: one reading, /metrics with all of them, and what reading them now and then costs an idle process."""

from measuring import Samples, Server, Table, figures

TITLE = "Runtime metrics"
THREADS = 50
NOTES = """\
One reading of everything in a process with 50 more threads that wait, every 2 ms, in samples that are used again. What is costly to
read is kept for a multiple of what it cost (`CostlyReading`), and the readings that do it anew are among them: the longest and the
99th percentile show them. Processor time is that of the reading thread, all readings on average. Go's figure is one `metrics.Read` of
everything, with 50 goroutines each bound to a thread, and so without a look at each thread, which Go does not take.

`/metrics` is asked for from another process, on a new connection each time; times are from before the connection to the last byte.
"""


class Metrics:
    def __init__(self, options):
        self.options = options
        self.table = Table("what", "goal", "reached", "met", "measured: median (min to max)")

    def run(self):
        names = ["all_us", "all_p99_us", "all_max_us", "all_cpu_us", "five_us", "five_p99_us", "five_cpu_us"]
        found = {name: Samples("µs", 1) for name in names}
        go = Samples("µs", 1)
        for _ in range(self.options.metrics_rounds):
            run = figures(self.options.swift / "metrics", "read", THREADS, self.options.metrics_readings)
            assert run["present"] > 60, run
            for name in names:
                found[name].values.append(run[name])
            go.values.append(figures(self.options.go / "metrics", THREADS, self.options.metrics_readings)["all_us"])
        reached = found["all_us"].median
        self.table.add(
            f"`RuntimeMetrics.read` of all {run['metrics']:.0f}, warm, {THREADS} threads", "at most 1 ms", f"{reached / 1000:.2f} ms",
            reached <= 1000, f"{found['all_us']}, 99 % {found['all_p99_us']}, longest {found['all_max_us']}, "
                             f"processor time {found['all_cpu_us']}; Go's `metrics.Read` {go}")
        reached = found["five_us"].median
        self.table.add(
            "the same, of five cheap ones", "at most 20 µs", f"{reached:.1f} µs", reached <= 20,
            f"{found['five_us']}, 99 % {found['five_p99_us']}, processor time {found['five_cpu_us']}")

        share = Samples("%", 4)
        for _ in range(self.options.sample_rounds):
            share.values.append(
                figures(self.options.swift / "metrics", "sample", THREADS, self.options.sample_seconds)["cpu_percent"])
        self.table.add(
            "everything read every 10 s: processor time of an idle process", "at most 0.05 %", f"{share.median:.3f} %",
            share.median <= 0.05, share)

        times = Samples("ms", 2)
        with Server(self.options.swift / "serve", "counters", 10) as server:
            for _ in range(self.options.metrics_rounds * 20):
                body, milliseconds = server.timed("/metrics")
                assert b"\nprocess_threads " in body and b"\nswift_memory_classes_total_bytes " in body
                times.values.append(milliseconds)
        self.table.add(
            "`GET /metrics` with all of them", "at most 2 ms", f"{times.median:.2f} ms", times.median <= 2, times)
