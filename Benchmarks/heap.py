# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
"""/debug/heap of a large process: how long a look takes, what it holds up, and what memory it needs."""

import json
import pathlib
import re
import time

from measuring import Samples, Server, Table

TITLE = "Live blocks by type"
NOTES = """\
`/debug/heap?format=json`, asked for from another process in fresh processes every round; times are from before the connection
to the last byte. Of four blocks, one is an object, one an array, one a string, and one is C's, from 24 bytes up; all are
written to. The bytes are those that were asked of malloc.

Stalls: a thread of the process allocates and frees blocks of 64 to 20 000 bytes, maps 64 KiB, touches and unmaps them, again
and again. A gap is the time from the end of one turn to the end of the next, held is a gap without the time in which the
thread could have run and the processors were with others: the kernel counts that for each thread. The goal is for held, the
longest of all looks. The control is the same process for as long without a look. Mapping memory waits for whoever reads the
process's memory at that moment, and longer when that one has just lost its processor to another program.

More resident memory: the most during the look, as the kernel counts it (`VmHWM`, set back before), less what there was.
"""

class Look:
    """One look and as much time without one."""

    def __init__(self, server, blocks, size):
        process = pathlib.Path(f"/proc/{server.process.pid}")

        def kilobytes(name):
            return int(re.search(rf"{name}:\s+(\d+)", (process / "status").read_text()).group(1))

        def longest():
            found = json.loads(server.body("/debug/vars?match=longest_*"))
            return found["longest_gap_seconds"] * 1000, found["longest_held_seconds"] * 1000

        (process / "clear_refs").write_text("5")
        before = kilobytes("VmRSS")
        assert before * 1024 > size, "not all blocks are in memory"
        longest()
        body, self.milliseconds = server.timed("/debug/heap?format=json")
        self.gap, self.held = longest()
        self.more = (kilobytes("VmHWM") - before) / 1024
        self.left = (kilobytes("VmRSS") - before) / 1024
        page = json.loads(body)
        counted = {row["name"]: row["count"] for row in page["types"]}
        assert page["memory"]["live_blocks"] > blocks * 0.9999, page["memory"]
        for name in ("Swift.__StringStorage", "Swift._ContiguousArrayStorage<Swift.Double>"):
            assert counted[name] >= blocks // 4, f"{name}: {counted.get(name)}"
        assert any(name.endswith("Reading") and count == blocks // 4 for name, count in counted.items()), counted
        longest()
        time.sleep(self.milliseconds / 1000)
        self.control_gap, self.control_held = longest()


class Heap:
    def __init__(self, options):
        self.options = options
        self.table = Table("what", "goal", "reached", "met", "measured: median (min to max)")

    def looks(self, blocks, size, rounds, looks):
        found = []
        for _ in range(rounds):
            with Server(self.options.swift / "heap", blocks, size) as server:
                found += [Look(server, blocks, size) for _ in range(looks)]
        return found

    @staticmethod
    def samples(looks, name, unit, digits):
        samples = Samples(unit, digits)
        samples.values = [getattr(look, name) for look in looks]
        return samples

    def run(self):
        rounds, each = self.options.heap_rounds, self.options.heap_looks
        looks = self.looks(10_000_000, 1 << 30, rounds, each)
        words = "`/debug/heap` by type, 1 GiB in 10 million blocks"
        times = self.samples(looks, "milliseconds", "ms", 0)
        self.table.add(f"{words}: time", "at most 3 s", f"{times.median / 1000:.2f} s", times.median <= 3000, times)
        held, gaps = (self.samples(looks, name, "ms", 1) for name in ("held", "gap"))
        control_held, control_gaps = (self.samples(looks, "control_" + name, "ms", 1) for name in ("held", "gap"))
        self.table.add(f"{words}: application stalled", "at most 50 ms", f"{max(held.values):.1f} ms", max(held.values) <= 50,
                       f"longest held {held}, longest gap {gaps}; control: held {control_held}, gap {control_gaps}")
        more, left = self.samples(looks, "more", "MiB", 1), self.samples(looks, "left", "MiB", 1)
        self.table.add(f"{words}: more resident memory", "", f"{max(more.values):.1f} MiB", None,
                       f"during a look {more}, after it {left}")
        looks = self.looks(20_000_000, 2 << 30, 1, 2)
        more, times = self.samples(looks, "more", "MiB", 1), self.samples(looks, "milliseconds", "ms", 0)
        self.table.add("the same, 2 GiB in 20 million blocks: more resident memory", "works, and does not double it",
                       f"{max(more.values):.1f} MiB", max(more.values) < 1024, f"{more}, time {times}")
