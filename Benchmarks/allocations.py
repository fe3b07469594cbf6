# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
"""What the allocation tap costs and takes, and whether its sample is right."""

import os
import subprocess

from measuring import Samples, Table, figures

TITLE = "The allocation tap"
NOTES = """\
malloc and free of 64 bytes: nanoseconds of processor time for a pair, median over slices of 100 000 pairs in one process. The
two programs of a row are the same C file and take turns, each a fresh process; what is compared is the median of the
differences between neighbours, with the interval that has the true median with 95 % confidence. "Off" is the package without
the trait, "on" samples every 512 KiB. Where a block is freed at once, most of the tap's work hides behind the allocator's own
dependent loads and stores; where 100 blocks are held it does not. The profilers of other allocators are measured the same way,
on against off at the same rate, in the program without the tap: their sampling is part of an allocator of their own, and they
keep no map. Go's is none that C could call: a Go program allocates as many blocks and leaves them to the collector, whose own
threads are not counted, with `MemProfileRate` 512 KiB against 0.

Memory: 16.8 million blocks of 64 bytes, all touched. What the tap's own mappings have in memory then, against what the rest of the
process has gained; and the same of a process that allocates nothing.

The profile against the truth: five places that allocate the same amount in blocks of their own size, at a rate that gives
10 000 samples to a place with small blocks. Blocks much larger than the rate are all sampled.
"""

GOAL = 3  # ns
HEAP = 1 << 30
RATE = 1 << 19
SIZES = (24, 200, 3000, 20_000, 100_000)


class Allocations:
    def __init__(self, options):
        self.options = options
        self.table = Table("what", "goal", "reached", "met", "on: median (min to max)", "off: median (min to max)")

    def pair(self, program, threads, held, environment):
        # The Go program, whose profile is no matter of the environment, holds none.
        if program.startswith("go "):
            command = [str(self.options.go / "allocate"), "pairs", str(threads), str(self.options.slices), program.split()[1]]
        else:
            command = [str(self.options.tap / program), "pairs", str(threads), str(self.options.slices), str(held)]
        output = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300,
                                env=os.environ | environment)
        # The loader and jemalloc say on standard error what they ignore.
        assert not output.stderr, output.stderr
        return {name: float(value) for name, value in (line.split() for line in output.stdout.splitlines())}

    def cost(self, words, threads, on, off, goal=None, held=1):
        """`on` and `off` are each a program and its environment."""
        with_it, without, more = (Samples("ns", 2) for _ in range(3))
        for index in range(self.options.pair_rounds):
            found = {}
            for side in ("on", "off") if index % 2 else ("off", "on"):
                program, environment = on if side == "on" else off
                found[side] = self.pair(program, threads, held, environment)
            if off[0] != on[0]:
                assert found["on"].get("state", 0) == 0 and found["on"]["samples"] > 100, f"{on[0]} does not sample"
            with_it.values.append(found["on"]["ns"])
            without.values.append(found["off"]["ns"])
            more.values.append(found["on"]["ns"] - found["off"]["ns"])
        low, high = more.interval
        what = "an allocation of 64 B in Go" if on[0].startswith("go ") else "malloc and free of 64 B"
        many = f", {held} blocks and then their frees" if held > 1 else ""
        self.table.add(f"{what}{many}, {threads} thread{'s' if threads > 1 else ''}: {words}",
                       f"at most {goal} ns more" if goal else "", f"{more.median:.2f} ns more ({low:.2f} to {high:.2f})",
                       more.median <= goal if goal else None, with_it, without)

    def memory(self):
        tables, heap, idle = Samples("MiB", 2), Samples("MiB", 1), Samples("KiB", 0)
        for _ in range(self.options.memory_rounds):
            found = figures(self.options.tap / "on", "memory", HEAP)
            tables.values.append(found["tables"] / (1 << 20))
            heap.values.append(found["heap"] / (1 << 20))
            idle.values.append(found["idle"] / 1024)
        allowed = heap.median / 16 + 1
        self.table.add("memory of the map and all other tables, 1 GiB in blocks of 64 B",
                       "at most 1/16 of the heap touched, plus 1 MiB",
                       f"1/{heap.median / tables.median:.2f}, {allowed - tables.median:.2f} MiB below that",
                       tables.median <= allowed, f"{tables}, the heap {heap}", "")
        self.table.add("the same, a process that allocates nothing", "", f"{idle.median:.0f} KiB", None, idle, "")

    def truth(self):
        shares, samples = {size: [] for size in SIZES}, {}
        for _ in range(self.options.truth_rounds):
            found = figures(self.options.tap / "on", "sites", 10_000)
            for size in SIZES:
                shares[size].append(found[f"share_{size}"] * 100)
                samples[size] = found[f"samples_{size}"]
        worst = max(abs(share - 100) for list_of in shares.values() for share in list_of)
        words = ", ".join(f"{size:,} B {min(list_of):.1f} to {max(list_of):.1f} % ({samples[size]:,.0f} samples)"
                          for size, list_of in shares.items())
        self.table.add("profile against the truth: bytes of five places", "each within 5 % at 10 000 samples",
                       f"within {worst:.1f} %, the worst of {len(shares[SIZES[0]])} runs", worst <= 5, words, "")

    def run(self):
        for threads in (1, 2):
            self.cost("tap on, sampling", threads, ("on", {}), ("off", {}), GOAL)
        self.cost("tap on, sampling", 1, ("on", {}), ("off", {}), held=100)
        for threads in (1, 2):
            library = {"LD_PRELOAD": "libtcmalloc.so.4"}
            self.cost("gperftools' sampling", threads, ("off", library | {"TCMALLOC_SAMPLE_PARAMETER": str(RATE)}),
                      ("off", library | {"TCMALLOC_SAMPLE_PARAMETER": "0"}))
            library = {"LD_PRELOAD": "libjemalloc.so.2"}
            self.cost("jemalloc's profiler", threads, ("off", library | {"MALLOC_CONF": "prof:true,lg_prof_sample:19"}),
                      ("off", library | {"MALLOC_CONF": "prof:false"}))
            self.cost("its profiler", threads, (f"go {RATE}", {}), ("go 0", {}))
        self.memory()
        self.truth()
