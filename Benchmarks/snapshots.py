# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
"""Threads, tasks and CPU profiles: what a look at a process costs, and whether it is right."""

import json
import os
import pathlib
import re
import signal
import threading
import time

from measuring import Samples, Server, Table, figures, series

TITLE = "Threads, tasks and CPU profiles"
NOTES = """\
The throughput is that of two threads that write, parse and add up JSON, in one process, in windows of a second with and
without a profile that take turns; a window has the beginning of the profile and its end, with symbols and encoding, which
a profile of 30 seconds pays once. Lost by processor time: what the two threads do less in a second of their own, and what
the endpoint's thread takes; unlike the clock on the wall it does not see what else the machine runs. Both are medians over
pairs of windows, with the interval that has the true median with 95 % confidence. The goal counts as met when the
processor time says so and the wall's interval does not deny it.

Attribution: the same work in three functions, or in one that three async functions await; how much processor time really
went into each is measured by the clock of the thread that did it, as a part of all that the process used. Samples of all
rounds together decide, and the worst round is shown.

Pages are asked for from another process over a connection of their own, formats in turn, in fresh processes every round;
times are from before the connection to the last byte. All formats must hold the goal. A process with 200 threads has them
15 to 22 calls deep in `pthread_mutex_lock`, `pthread_cond_wait`, `sem_wait`, `poll` and `sleep`; tasks are four async calls
deep. The endpoint's own threads are on the page too. A thread that sleeps is not held at all; one that runs is held while
it walks its own stack, which the page tells as `pause_seconds`. With as many busy threads as processors, the time includes
what the busy ones take from the endpoint, and the processor time has theirs in it.

A sleeping `Task` has a second one that the runtime makes to end it, so 10 000 sleeps are 20 000 tasks.

First symbolication: the first page of a fresh process, its file in the kernel's cache; the program is linked with
`--static-swift-stdlib`. "Other threads" are all but the endpoint's own, by the processor time that the kernel counts.
When nobody asks: 2 s after pages and a profile were asked for; a profile that runs is the control that shows each of these.
"""

FORMATS = {"text": "", "JSON": "?format=json", "HTML": "?format=html"}


class Process:
    """What the kernel shows of a running program."""

    def __init__(self, server):
        self.folder = pathlib.Path(f"/proc/{server.process.pid}")

    def threads(self):
        """By id: name, nanoseconds on a processor, and how often it came onto or went off one."""
        found = {}
        for folder in (self.folder / "task").iterdir():
            try:
                status = (folder / "status").read_text()
                switches = sum(int(count) for count in re.findall(r"ctxt_switches:\s+(\d+)", status))
                runtime = int((folder / "schedstat").read_text().split()[0])
                found[int(folder.name)] = (re.search(r"Name:\s+(.*)", status).group(1), runtime, switches)
            except (FileNotFoundError, ProcessLookupError):
                pass  # ended meanwhile
        return found

    @staticmethod
    def is_ours(name):
        return name.startswith(("debug-", "MHD-"))

    def handles_profiling_signal(self):
        caught = int(re.search(r"SigCgt:\s+(\w+)", (self.folder / "status").read_text()).group(1), 16)
        return bool(caught >> (signal.SIGPROF - 1) & 1)

    def timers(self):
        """How many POSIX timers there are; None where the kernel does not show them."""
        try:
            return (self.folder / "timers").read_text().count("ID:")
        except FileNotFoundError:
            return None

    def wait_until_idle(self):
        """Until no thread has run for a tenth of a second, and no connection is open."""
        deadline, before = time.monotonic() + 60, None
        while time.monotonic() < deadline:
            now = self.threads()
            if now == before and not any(name.startswith("MHD-connection") for name, _, _ in now.values()):
                return
            before = now
            time.sleep(0.1)
        raise TimeoutError("the process does not come to rest")


class Snapshots:
    def __init__(self, options):
        self.options = options
        self.table = Table("what", "goal", "reached", "met", "measured: median (min to max)")

    def cost(self, hertz, has_goal):
        found = series(self.options.swift / "burn", "cost", hertz, 1, self.options.pairs)
        lost = {name: Samples("%", 2) for name in ("lost_wall", "lost_cpu", "others_cpu")}
        for name, samples in lost.items():
            samples.values = found[name]
        wall, cpu, others = lost.values()
        words = [f"{name} **{samples.median:.2f} %** ({samples.interval[0]:.2f} to {samples.interval[1]:.2f})"
                 for name, samples in (("by processor time", cpu), ("by the wall", wall))]
        is_met = cpu.median <= 1 and wall.interval[0] <= 1
        self.table.add(f"CPU profile at {hertz} Hz: lost throughput of a process with two busy threads",
                       "at most 1 %" if has_goal else "", f"{cpu.median:.2f} %", is_met if has_goal else None,
                       f"{', '.join(words)}; {others.median:.2f} % of the processor time was the endpoint's; "
                       f"{len(cpu.values)} pairs")

    def attribution(self, place, words):
        shares = {name: [] for name in ("Seventy", "Twenty", "Ten")}
        for _ in range(self.options.attribution_rounds):
            found = figures(self.options.swift / "burn", "attribution", place, self.options.attribution_seconds)
            for name, list_of in shares.items():
                list_of.append((found["true_" + name], found["found_" + name], found["samples"]))
        samples = sum(count for _, _, count in shares["Ten"])
        deviations, worst, parts = [], 0, []
        for name, rounds in shares.items():
            true, found = (sum(row[column] * row[2] for row in rounds) / samples for column in (0, 1))
            deviations.append(abs(found - true))
            worst = max(worst, *(abs(found - true) for true, found, _ in rounds))
            parts.append(f"**{found:.1f} %** for {true:.1f} %")
        self.table.add(f"attribution: 70, 20 and 10 %, {words}", "within 3 points each",
                       f"within {max(deviations):.1f}", max(deviations) <= 3,
                       f"{', '.join(parts)}; {samples:,.0f} samples, worst round within {worst:.1f}")

    def pages(self):
        """The two pages of hosts that take turns."""
        hosts = [
            Page("threads", "200 threads, all waiting", 50, 200, "threads", 200, 0),
            Page("threads", "200 threads, 2 of them busy", 50, 200, "threads", 198, 2),
            Page("tasks", "10 000 tasks suspended on continuations", 100, 10_000, "continuations", 10_000),
            Page("tasks", "10 000 tasks that sleep", None, 20_000, "sleeps", 10_000),
        ]
        for _ in range(self.options.page_rounds):
            for host in hosts:
                host.measure(self.options)
        for host in hosts:
            host.add(self.table)

    def first(self):
        executable = self.options.static / "wait"
        size = os.path.getsize(executable) / (1 << 20)
        for page, expected in (("threads", b"wait/main.swift:"), ("tasks", b"wait/Tasks.swift:")):
            times, others = Samples("ms", 0), Samples("ms", 2)
            for _ in range(self.options.first_rounds):
                with Server(executable, "continuations", 64) as server:
                    process = Process(server)
                    process.wait_until_idle()
                    before = process.threads()
                    body, milliseconds = server.timed("/debug/" + page)
                    after = process.threads()
                    assert expected in body, f"no symbols: {body[:1000]}"
                    assert len(before) > 3, "there are no threads of a pool to look at"
                    times.values.append(milliseconds)
                    others.values.append(sum(after[thread][1] - runtime for thread, (name, runtime, _) in before.items()
                                             if thread in after and not process.is_ours(name)) / 1e6)
            is_met = max(times.values) <= 1000 and max(others.values) == 0
            self.table.add(f"first symbolication after start: `/debug/{page}`, executable of {size:.1f} MiB",
                           "at most 1 s, never on the caller's thread pool",
                           f"{times.median:.0f} ms, {max(others.values):.2f} ms on other threads", is_met, times)

    def idle(self):
        with Server(self.options.swift / "wait", "continuations", 64) as server:
            process = Process(server)
            for path in ("/debug/threads", "/debug/tasks", "/debug/pprof/profile?seconds=1"):
                server.timed(path)
            process.wait_until_idle()
            before = process.threads()
            time.sleep(2)
            after = process.threads()
            ours = {thread: entry for thread, entry in before.items() if process.is_ours(entry[0])}
            assert ours, "the endpoint has no thread"
            runtime = sum(after[thread][1] - entry[1] for thread, entry in ours.items()) / 1e6
            switches = sum(after[thread][2] - entry[2] for thread, entry in ours.items())
            timers, handler = process.timers(), process.handles_profiling_signal()

            profile = threading.Thread(target=server.timed, args=("/debug/pprof/profile?seconds=2",))
            profile.start()
            time.sleep(1)
            running = process.threads()
            control = (process.timers(), process.handles_profiling_signal(),
                       sum(entry[2] for entry in running.values() if process.is_ours(entry[0]))
                       - sum(entry[2] for entry in ours.values()))
            profile.join()
            assert control[0] != 0 and control[1] and control[2] > 0, f"a profile shows nothing of itself: {control}"
        is_none = switches == 0 and runtime == 0 and not timers and not handler and len(after) == len(before)
        shown = "timers unknown: the kernel does not show them" if timers is None else f"{timers} timers"
        self.table.add("cost when nobody asks, over 2 s", "none: no timer, no signal, no thread awake",
                       "none" if is_none else "some", is_none,
                       f"{len(ours)} threads of the endpoint: {switches} context switches, {runtime:.3f} ms; {shown}, "
                       f"{'a' if handler else 'no'} handler for SIGPROF; while a profile runs: {control[0]} timers, "
                       f"a handler, {control[2]} context switches")

    def run(self):
        self.cost(100, has_goal=True)
        self.cost(1000, has_goal=False)
        self.attribution("threads", "three functions on two threads")
        self.attribution("tasks", "three functions in four tasks")
        self.attribution("callers", "one function that three async ones await, in four tasks")
        self.pages()
        self.first()
        self.idle()


class Page:
    """A page of one host, in every format."""

    def __init__(self, kind, words, goal, expected, *arguments):
        self.kind, self.words, self.goal, self.expected, self.arguments = kind, words, goal, expected, arguments
        self.times = {name: Samples("ms", 1) for name in [*FORMATS, *(["JSON of all"] if kind == "tasks" else [])]}
        self.processor = Samples("ms", 1)
        self.pauses, self.found, self.unknown = [], [], 0

    def measure(self, options):
        path = "/debug/" + self.kind
        formats = FORMATS | ({"JSON of all": "?format=json&limit=100000"} if self.kind == "tasks" else {})
        with Server(options.swift / "wait", *self.arguments) as server:
            deadline = time.monotonic() + 60  # until all of them wait
            while self.count(server.body(path + "?format=json")) < self.expected and time.monotonic() < deadline:
                time.sleep(0.1)
            for query in formats.values():
                server.body(path + query)  # warm
            for _ in range(options.page_requests):
                for name, query in formats.items():
                    before = server.processor_milliseconds()
                    body, milliseconds = server.timed(path + query)
                    self.processor.values.append(server.processor_milliseconds() - before)
                    self.times[name].values.append(milliseconds)
                    if name.startswith("JSON"):
                        self.check(json.loads(body), name)

    def count(self, body):
        totals = json.loads(body)["totals"]
        return totals["suspended"] if self.kind == "tasks" else sum(totals.values())

    def check(self, document, name):
        """Counts what is there, and that every stack listed has names."""
        listed = document[self.kind]
        self.found.append(len(listed) + document["omitted"])
        self.unknown = max(self.unknown, len(document["unknown"]))
        if document.get("pause_seconds") is not None:
            self.pauses.append(document["pause_seconds"] * 1000)
        named = sum(any(frame["function"] for frame in entry["stack"]) for entry in listed)
        assert named >= len(listed) - len(document["unknown"]), f"{self.words}: {len(listed)} stacks, {named} with names"
        assert name != "JSON of all" or document["omitted"] == 0, "not all are listed"

    def add(self, table):
        slowest = max(samples.median for samples in self.times.values())
        is_complete = min(self.found) >= self.expected
        measured = ", ".join(f"{name} {samples}" for name, samples in self.times.items())
        measured += f"; processor time {self.processor.median:.1f} ms; {min(self.found):,} found" + (f", {self.unknown} without a stack" if self.unknown else "")
        reached = f"{slowest:.1f} ms" if is_complete else f"{slowest:.1f} ms, {min(self.found):,} found"
        goal = f"at most {self.goal} ms"
        is_met = is_complete and self.goal is not None and slowest <= self.goal
        if self.kind == "tasks":
            goal += ", all found"
        else:
            goal += ", no thread held longer than 1 ms"
            reached += f", held {max(self.pauses):.3f} ms"
            is_met = is_met and max(self.pauses) <= 1
        table.add(f"`/debug/{self.kind}`, {self.words}, warm", goal if self.goal else "", reached,
                  is_met if self.goal else None, measured)
