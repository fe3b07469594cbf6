# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
"""Runs the Swift and the Go programs in turn, round by round, and compares the medians.

Machines are shared and their speed changes from minute to minute, so a ratio is only taken between runs that took turns:
each round runs every program of a comparison once. run.sh builds the programs and calls this.
"""

import argparse
import datetime
import http.client
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent


class Samples:
    """What one program gave in every round."""

    def __init__(self, unit, digits):
        self.unit, self.digits, self.values = unit, digits, []

    @property
    def median(self):
        return statistics.median(self.values)

    def __str__(self):
        low, middle, high = (f"{v:,.{self.digits}f}" for v in (min(self.values), self.median, max(self.values)))
        return f"**{middle}** {self.unit} ({low} to {high})"


def figures(*command):
    """The lines `name number` that a program prints."""
    output = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True, timeout=300)
    return {name: float(value) for name, value in (line.split() for line in output.stdout.splitlines())}


class Server:
    """A running server program; leaving the block ends it by closing its standard input."""

    def __init__(self, *command):
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def body(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read().decode()
        assert response.status == 200, f"{path} answered {response.status}"
        connection.close()
        return body

    def load(self, path, seconds):
        """Requests per second on 16 connections that stay open."""
        url = f"http://127.0.0.1:{self.port}{path}"
        output = subprocess.run(["wrk", "-t1", "-c16", f"-d{seconds}s", url], check=True, capture_output=True,
                                text=True, timeout=seconds + 60).stdout
        for trouble in ("Socket errors", "Non-2xx"):
            assert trouble not in output, f"wrk on {path}:\n{output}"
        return float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))


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
        self.rows = []
        self.missed = 0

    def add(self, what, goal, reached, first, second, verdict):
        self.missed += not reached
        self.rows.append(f"| {what} | {goal} | {verdict} | {'yes' if reached else '**no**'} | {first} | {second} |")
        print(self.rows[-1], file=sys.stderr, flush=True)

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

    def report(self):
        head = "| what | goal | reached | met | Swift: median (min to max) | against: median (min to max) |"
        return "\n".join([head, "|---|---|---|---|---|---|", *self.rows]) + "\n"


def conditions(options, command):
    def first_line(*words):
        return subprocess.run(words, capture_output=True, text=True).stdout.splitlines()[0].strip()

    def wrk_version():
        found = subprocess.run(["wrk", "-v"], capture_output=True, text=True)
        return (found.stdout + found.stderr).split(" [")[0].strip()

    model = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    system = platform.freedesktop_os_release().get("PRETTY_NAME", "unknown")
    return [
        ("date", datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")),
        ("processor", f"{model.group(1) if model else platform.machine()}, {len(os.sched_getaffinity(0))} cores"),
        ("system", f"{system}, Linux {platform.release()}, glibc {platform.libc_ver()[1]}"),
        ("Swift", first_line("swift", "--version")),
        ("Go", options.go_version.removeprefix("go version ")),
        ("load", f"{wrk_version()}; load average when the measurements ended {os.getloadavg()[0]:.1f}"),
        ("rounds", f"{options.rounds} for times, {options.http_rounds} of {options.seconds} s for requests, in turn"),
        ("command", f"`{command}`"),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swift", type=pathlib.Path, required=True, help="directory of the Swift programs")
    parser.add_argument("--go", type=pathlib.Path, required=True, help="directory of the Go programs")
    parser.add_argument("--go-version", default="unknown")
    parser.add_argument("--quick", action="store_true", help="fewer, shorter rounds; RESULTS.md is left alone")
    options = parser.parse_args()
    options.rounds, options.http_rounds, options.seconds = (3, 2, 1) if options.quick else (7, 5, 3)
    options.operations = 20_000_000 if options.quick else 50_000_000

    comparison = Comparison(options)
    comparison.run()
    table = comparison.report()
    print(table)
    if options.quick:
        return
    lines = [f"- {name}: {value}" for name, value in conditions(options, "Benchmarks/run.sh")]
    (HERE / "RESULTS.md").write_text(
        "# Measured against the goals\n\n" + "\n".join(lines) + "\n\n" + table + "\n"
        "Programs took turns in every round, and the ratios are of medians. Times are wall time per operation: with one\n"
        "thread, the median over slices of 100 000 operations; with two, the whole time by the operations of both. The two\n"
        "servers publish the same counters besides each one's own `memstats` and `cmdline`; bytes are those of one answer,\n"
        "without compression.\n\n"
        "`/metrics` cannot give as many answers a second as `/debug/vars` because the format wants each name up to three times,\n"
        "with help and type: the bytes a second say how fast it is written.\n")


if __name__ == "__main__":
    main()
