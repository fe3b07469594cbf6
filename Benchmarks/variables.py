# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
"""Variables, /debug/vars and /metrics, against Go's expvar."""

import json

from measuring import Samples, Server, Table, figures

TITLE = "Variables and metrics"
NOTES = """\
Programs took turns in every round, and the ratios are of medians. Times are wall time per operation: with one
thread, the median over slices of 100 000 operations; with two, the whole time by the operations of both. The two
servers publish the same counters besides each one's own `memstats` and `cmdline`; bytes are those of one answer,
without compression.

`/metrics` cannot give as many answers a second as `/debug/vars` because the format wants each name up to three times,
with help and type: the bytes a second say how fast it is written.
"""


def counter_name(index):
    return f"requests_{index:05}_total"


def check_variables(body, expected):
    """The document is JSON, has memstats and cmdline, and every counter its value."""
    document = json.loads(body)
    assert "cmdline" in document and "memstats" in document, "cmdline or memstats is missing"
    ours = {name: value for name, value in document.items() if name.startswith("requests_")}
    assert ours == expected, f"the counters are not what they should be: {len(ours)} of {len(expected)}"


def check_metrics(body, expected):
    series = dict(line.rsplit(" ", 1) for line in body.splitlines() if line.startswith("requests_"))
    assert series == {name: str(value) for name, value in expected.items()}, "the series are not what they should be"


class Comparison:
    def __init__(self, options):
        self.options = options
        self.table = Table("what", "goal", "reached", "met", "Swift: median (min to max)", "against: median (min to max)")

    def add(self, what, goal, reached, first, second, verdict):
        self.table.add(what, goal, verdict, reached, first, second)

    def micro(self, mode, rounds, operations, with_go=True):
        swift, go = Samples("ns", 2), Samples("ns", 2)
        for _ in range(rounds):
            swift.values.append(figures(self.options.swift / "increment", mode, operations)["ns_per_op"])
            if with_go:
                go.values.append(figures(self.options.go / "increment", mode, operations)["ns_per_op"])
        return swift, go

    def http(self, runs):
        """`runs` are pairs of a server and a path. Returns the samples of each."""
        samples = [Samples("requests/s", 0) for _ in runs]
        for server, path in runs:
            server.load(path, 1)  # warm up
        for _ in range(self.options.http_rounds):
            for sample, (server, path) in zip(samples, runs):
                sample.values.append(server.load(path, self.options.seconds))
        return samples

    def increments(self):
        rounds, operations = self.options.rounds, self.options.operations
        swift, go = self.micro("counter", rounds, operations)
        ratio = swift.median / go.median
        self.add("increment, 1 thread, vs Go `expvar.Int.Add`", "at most 1.0x its time", ratio <= 1.0, swift, go,
                 f"{ratio:.2f}x")
        swift, go = self.micro("counter-two-threads", rounds, 4 * operations)
        ratio = swift.median / go.median
        self.add("increment, 2 threads on one counter, vs the same", "at most 0.25x", ratio <= 0.25, swift, go,
                 f"{ratio:.2f}x")
        swift, _ = self.micro("histogram", rounds, operations // 2, with_go=False)
        self.add("histogram record, 1 thread", "at most 15 ns", swift.median <= 15, swift, "", f"{swift.median:.1f} ns")

    def variables(self, count, words, goal, factor):
        expected = {counter_name(index): index for index in range(1, count + 1)}
        with Server(self.options.swift / "serve", "counters", count) as swift, \
                Server(self.options.go / "serve", "counters", count) as go:
            bodies = [server.body("/debug/vars") for server in (swift, go)]
            for body in bodies:
                check_variables(body, expected)
            ours, theirs = self.http([(swift, "/debug/vars"), (go, "/debug/vars")])
        ratio = ours.median / theirs.median
        sizes = [f", {len(body):,} B" for body in bodies]
        self.add(words, goal, ratio >= factor, f"{ours}{sizes[0]}", f"{theirs}{sizes[1]}", f"{ratio:.1f}x")

    def metrics(self, what, expected, *arguments):
        with Server(self.options.swift / "serve", *arguments) as server:
            variables, metrics = server.body("/debug/vars"), server.body("/metrics")
            json.loads(variables)
            check_metrics(metrics, expected)
            first, second = self.http([(server, "/metrics"), (server, "/debug/vars")])
        ratio = first.median / second.median
        in_bytes = ratio * len(metrics) / len(variables)
        self.add(f"`GET /metrics`, 10 000 series: {what}", "at least as fast as `/debug/vars`", ratio >= 1.0,
                 f"`/metrics` {first}, {len(metrics):,} B", f"`/debug/vars` {second}, {len(variables):,} B",
                 f"{ratio:.2f}x ({in_bytes:.2f}x in bytes/s)")

    def memory(self):
        in_use, resident = Samples("B", 0), Samples("B", 0)
        for _ in range(3):
            found = figures(self.options.swift / "memory", 10_000)
            in_use.values.append(found["bytes_per_counter"])
            resident.values.append(found["resident_bytes_per_counter"])
        self.add("memory per counter without labels, never contended", "at most 200 B", in_use.median <= 200,
                 f"{in_use}, resident {resident}", "", f"{in_use.median:.0f} B")

    def run(self):
        self.increments()
        self.variables(10, "`GET /debug/vars`, 10 variables, 16 keep-alive connections (`wrk -t1 -c16`), "
                           "vs Go's expvar", "at least 2x requests/s", 2)
        self.variables(10_000, "`GET /debug/vars`, 10 000 counters, vs the same", "at least 4x", 4)
        self.metrics("10 000 counters", {counter_name(index): index for index in range(1, 10_001)},
                     "counters", 10_000)
        self.metrics("10 families of 1000 label sets",
                     {f'{counter_name(family)}{{route="/users/{member:05}"}}': member
                      for family in range(1, 11) for member in range(1, 1001)}, "families", 10, 1000)
        self.memory()
