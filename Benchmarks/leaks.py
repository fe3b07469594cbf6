# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
"""Scans for leaks: how long they take, what they hold up, what memory they need, and Go's goroutineleak beside them."""

from measuring import Samples, Table, series

TITLE = "Leak scans"
NOTES = """\
Each program scans itself, in fresh processes every round; the first scan of a process is not counted, as it reads symbols. The
heap is objects of 64 bytes with two references each; all waiting threads and tasks can go on, but for those that are "lost" anew
before each scan of such a row: then everything is read two or three times, and registers are read. With churn two threads replace
objects all the time, on as many processors as are named above, so that the scan has to share them.

Stalls: a thread of the process allocates and frees blocks, maps 64 KiB, touches and unmaps them, again and again. Held is the time
from the end of one turn to the end of the next, less that in which the thread could have run and the processors were with others
(the kernel counts it for each thread). The longest of each scan is a sample; the control is the same process for as long without a
scan. The goal is for the median, so that one bad moment of the machine does not decide; the longest of all is in brackets.

More memory: the most during the scan, as the kernel counts it (`VmHWM`, set back before), less what there was.

Fork: the same process forks a child that sleeps, instead of a scan: what one consistent image by copy on write would cost.

Go: `pprof.Lookup("goroutineleak")` with as many objects, waiters and edges: goroutines that wait on channels, one in a slice each,
against tasks whose continuations are in an array. Both write their result; turns are taken. The probe does the same in both.
"""

GIBIBYTE, MEBIBYTE = (1 << 30) // 64, (1 << 20) // 64


def samples(found, name, unit="ms", digits=1):
    made = Samples(unit, digits)
    made.values = found[name]
    return made


class Leaks:
    def __init__(self, options):
        self.options = options
        self.table = Table("what", "goal", "reached", "met", "measured: median (min to max)")

    def measure(self, *, nodes=0, threads=0, tasks=0, links=0, lost=0, churn=0, mode="scan", program=None):
        """All figures of all rounds, by name."""
        all_found = {}
        for _ in range(self.options.leak_rounds):
            times = self.options.leak_scans
            if program:
                found = series(program, nodes, tasks, lost, times)
            else:
                found = series(self.options.swift / "leaks", mode, nodes, threads, tasks, links, lost, churn, times)
            for name, values in found.items():
                all_found.setdefault(name, []).extend(values)
        return all_found

    def describe(self, found):
        parts = [f"held {samples(found, 'held', digits=2)}, control {samples(found, 'control', digits=2)}"]
        if "processor" in found:
            parts.append(f"processor time {samples(found, 'processor', digits=0)}")
            parts.append(f"read {max(found['read']):,.0f} MiB; {max(found['waiters']):,.0f} waiters, found "
                         f"{min(found['found']):,.0f} to {max(found['found']):,.0f}, unknown {max(found['unknown']):,.0f}")
        return "; ".join(parts)

    def scans(self, words, time_goal, stall_goal, memory_goal=None, **population):
        found = self.measure(**population)
        lost = population.get("lost", 0)
        assert min(found["found"]) >= lost, f"{words}: {lost} are lost before each scan, found {found['found']}"
        assert lost or max(found["found"]) == 0, f"{words}: accused {found['found']}"
        times, held = samples(found, "duration", digits=0), samples(found, "held", digits=2)
        more = [extra / resident * 100 for extra, resident in zip(found["more"], found["resident"])]
        memory = "" if memory_goal is None else f", at most {memory_goal} % more memory"
        is_met = times.median <= time_goal and held.median <= stall_goal and (memory_goal is None or max(more) <= memory_goal)
        self.table.add(words, f"at most {time_goal:,} ms, stall at most {stall_goal} ms{memory}",
                       f"{times.median:,.0f} ms, stall {held.median:.2f} ms ({max(held.values):.2f}), {max(more):.1f} % more memory",
                       is_met, f"{times}; {self.describe(found)}")

    def fork(self, words, **population):
        found = self.measure(mode="fork", **population)
        times, held = samples(found, "duration"), samples(found, "held")
        self.table.add(words, "", f"{times.median:.1f} ms, stall {held.median:.1f} ms", None, f"{times}; {self.describe(found)}")

    def linear(self, words, sizes, population):
        """Time per link or waiter, of the smallest and of the largest."""
        times = {size: samples(self.measure(**population(size)), "duration") for size in sizes}
        least = times[sizes[0]].median
        slopes = [(times[size].median - least) / (size - sizes[0]) * 1000 for size in sizes[1:]]
        self.table.add(words, "time linear in edges", f"{slopes[0]:.1f} µs for each more at first, {slopes[-1]:.1f} µs over all",
                       slopes[-1] <= 2 * slopes[0], ", ".join(f"{size:,}: {found}" for size, found in times.items()))

    def beside_go(self, words, **population):
        ours, theirs = {}, {}
        for _ in range(self.options.leak_rounds):
            for into, program in ((ours, None), (theirs, self.options.go / "leaks")):
                rounds, self.options.leak_rounds = self.options.leak_rounds, 1
                try:
                    found = self.measure(program=program, **population)
                finally:
                    self.options.leak_rounds = rounds
                for name, values in found.items():
                    into.setdefault(name, []).extend(values)
        lost = population.get("lost", 0)
        for found in (ours, theirs):
            assert min(found["found"]) >= lost * 0.99, f"{words}: lost {lost}, found {found['found']}"
        times, go_times = samples(ours, "duration", digits=0), samples(theirs, "duration", digits=0)
        held, go_held = samples(ours, "held"), samples(theirs, "held")
        ratio = times.median / go_times.median
        self.table.add(f"{words}, beside Go's `goroutineleak`", "at most 2 x Go's time, stall smaller than Go's",
                       f"{ratio:.2f} x the time, stall {held.median:.2f} ms to {go_held.median:.2f} ms",
                       ratio <= 2 and held.median < go_held.median,
                       f"{times}, {self.describe(ours)}; Go {go_times}, {self.describe(theirs)}")

    def run(self):
        large = {"nodes": GIBIBYTE, "threads": 200, "tasks": 10_000}
        words = "1 GiB heap, 200 threads, 10 000 tasks"
        self.scans(f"{words}: healthy", 1500, 5, 15, **large)
        self.scans(f"{words}: one task lost", 1500, 5, 15, **large, lost=1)
        self.scans(f"{words}: one task lost, under churn", 1500, 5, 15, **large, lost=1, churn=1)
        self.fork(f"{words}: fork alone", **large)
        self.fork(f"{words}: fork alone, under churn", **large, churn=1)
        service = {"nodes": 50 * MEBIBYTE, "threads": 16, "tasks": 200}
        self.scans("50 MiB service, 16 threads, 200 tasks: healthy", 60, 1, **service)
        self.scans("50 MiB service, 16 threads, 200 tasks: one task lost", 60, 1, **service, lost=1)
        self.linear("a chain of tasks, each wakes the next", (250, 500, 1000, 2000), lambda size: {"links": size})
        self.linear("waiting tasks", (2500, 5000, 10_000, 20_000), lambda size: {"tasks": size})
        self.beside_go("100 000 waiters, 1 million objects: healthy", nodes=1_000_000, tasks=100_000)
        self.beside_go("100 000 waiters, 1 million objects: 100 lost before each", nodes=1_000_000, tasks=100_000, lost=100)
