# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
"""Runs the programs in turn, round by round, and compares the medians with the goals.

Machines are shared and their speed changes from minute to minute, so a ratio is only taken between runs that took turns:
each round runs every program of a comparison once. run.sh builds the programs and calls this.
"""

import argparse
import datetime
import os
import pathlib
import platform
import re
import subprocess

import allocations
import bridge
import heap
import leaks
import metrics
import service
import snapshots
import variables

RESULTS = pathlib.Path(__file__).parent / "RESULTS.md"
SECTIONS = {"variables": variables, "bridge": bridge, "snapshots": snapshots, "allocations": allocations, "heap": heap,
            "metrics": metrics, "service": service, "leaks": leaks}


def conditions(options, name):
    def first_line(*words):
        return subprocess.run(words, capture_output=True, text=True).stdout.splitlines()[0].strip()

    def wrk_version():
        found = subprocess.run(["wrk", "-v"], capture_output=True, text=True)
        return (found.stdout + found.stderr).split(" [")[0].strip()

    def debian_version(package):
        return first_line("dpkg-query", "--show", "--showformat=${Version}\n", package)

    model = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    system = platform.freedesktop_os_release().get("PRETTY_NAME", "unknown")
    load = f"load average when the measurements began {options.load_before:.1f}, when they ended {os.getloadavg()[0]:.1f}"
    rows = [
        ("date", datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")),
        ("processor", f"{model.group(1) if model else platform.machine()}, {len(os.sched_getaffinity(0))} cores"),
        ("system", f"{system}, Linux {platform.release()}, glibc {platform.libc_ver()[1]}"),
        ("Swift", first_line("swift", "--version")),
    ]
    if name == "variables":
        rows += [
            ("Go", options.go_version.removeprefix("go version ")),
            ("load", f"{wrk_version()}; {load}"),
            ("rounds",
             f"{options.rounds} for times, {options.http_rounds} of {options.seconds} s for requests, in turn"),
        ]
    elif name == "allocations":
        rows += [
            ("Go", options.go_version.removeprefix("go version ")),
            ("others", f"Debian's libgoogle-perftools4 {debian_version('libgoogle-perftools4')}, "
                       f"libjemalloc2 {debian_version('libjemalloc2')}"),
            ("load", load),
            ("rounds", f"{options.pair_rounds} of {options.slices} slices each for times, {options.memory_rounds} for memory, "
                       f"{options.truth_rounds} for the profile"),
        ]
    elif name == "bridge":
        rows += [
            ("load", load),
            ("rounds", f"{options.rounds} processes of {options.bridge_slices} slices each"),
        ]
    elif name == "heap":
        rows += [
            ("load", f"{load}; one of it is the programs' own"),
            ("rounds", f"{options.heap_rounds} processes with {options.heap_looks} looks each"),
        ]
    elif name == "leaks":
        rows += [
            ("Go", options.go_version.removeprefix("go version ")),
            ("load", f"{load}; one of it is the programs' own, three under churn"),
            ("rounds", f"{options.leak_rounds} processes with {options.leak_scans} scans each"),
        ]
    elif name == "metrics":
        rows += [
            ("Go", options.go_version.removeprefix("go version ")),
            ("load", load),
            ("rounds", f"{options.metrics_rounds} of {options.metrics_readings} readings, ten times as many of five; "
                       f"{options.sample_rounds} of {options.sample_seconds} s idle"),
        ]
    elif name == "service":
        rows += [
            ("load", f"{load}; two of it are the programs' own"),
            ("rounds", f"{options.service_rounds} of {options.service_pairs} pairs of windows, "
                       f"{service.CONNECTIONS * options.service_requests} requests each"),
        ]
    else:
        rows += [
            ("load", f"{load}; two of it are the programs' own"),
            ("rounds", f"{options.pairs} pairs of windows; {options.attribution_rounds} rounds of "
                       f"{options.attribution_seconds} s for attribution; {options.page_rounds} of "
                       f"{options.page_requests} requests in each format for pages; {options.first_rounds} starts"),
        ]
    return rows + [("command", f"`Benchmarks/run.sh --only {name}`, or without `--only` for all")]


def write_section(title, text):
    """Puts a section into RESULTS.md, in place of the one with this title; the others stay as they are."""
    found = RESULTS.read_text() if RESULTS.exists() else ""
    parts = re.split(r"^## (.*)\n", found, flags=re.MULTILINE)
    sections = {parts[index]: parts[index + 1].strip("\n") for index in range(1, len(parts), 2)} | {title: text.strip("\n")}
    order = [section.TITLE for section in SECTIONS.values()]
    RESULTS.write_text("# Measured against the goals\n" + "".join(
        f"\n## {name}\n\n{sections[name]}\n" for name in sorted(sections, key=order.index)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swift", type=pathlib.Path, help="directory of the Swift programs")
    parser.add_argument("--static", type=pathlib.Path, help="directory of those with a static standard library")
    parser.add_argument("--go", type=pathlib.Path, help="directory of the Go programs")
    parser.add_argument("--go-version", default="unknown")
    parser.add_argument("--tap", type=pathlib.Path, help="directory of the C program with the tap and without it")
    parser.add_argument("--busy", type=pathlib.Path, help="directory of BusyService with the tap (on) and without it (off)")
    parser.add_argument("--only", choices=SECTIONS, help="one section; RESULTS.md keeps the others")
    parser.add_argument("--quick", action="store_true", help="fewer, shorter rounds; RESULTS.md is left alone")
    options = parser.parse_args()
    options.rounds, options.http_rounds, options.seconds = (3, 2, 1) if options.quick else (7, 5, 3)
    options.operations = 20_000_000 if options.quick else 50_000_000
    options.bridge_slices = 200 if options.quick else 1000
    options.pairs = 10 if options.quick else 100
    options.attribution_rounds, options.attribution_seconds = (1, 5) if options.quick else (5, 10)
    options.page_rounds, options.page_requests = (1, 5) if options.quick else (3, 15)
    options.first_rounds = 2 if options.quick else 10
    options.pair_rounds, options.slices = (5, 20) if options.quick else (41, 60)
    options.memory_rounds, options.truth_rounds = (1, 2) if options.quick else (3, 10)
    options.heap_rounds, options.heap_looks = (1, 2) if options.quick else (3, 5)
    options.metrics_rounds, options.metrics_readings = (2, 200) if options.quick else (7, 1000)
    options.sample_rounds, options.sample_seconds = (1, 20) if options.quick else (3, 60)
    options.service_rounds, options.service_pairs, options.service_requests = (1, 10, 10) if options.quick else (5, 20, 15)
    options.leak_rounds, options.leak_scans = (1, 3) if options.quick else (3, 5)
    measurements = {
        "variables": variables.Comparison, "bridge": bridge.Bridge, "snapshots": snapshots.Snapshots,
        "allocations": allocations.Allocations, "heap": heap.Heap, "metrics": metrics.Metrics, "service": service.Services,
        "leaks": leaks.Leaks,
    }

    for name, section in SECTIONS.items():
        if options.only not in (None, name):
            continue
        options.load_before = os.getloadavg()[0]
        measurement = measurements[name](options)
        measurement.run()
        print(f"{section.TITLE}\n\n{measurement.table}")
        if not options.quick:
            rows = "\n".join(f"- {key}: {value}" for key, value in conditions(options, name))
            write_section(section.TITLE, f"{rows}\n\n{measurement.table}\n{section.NOTES}")


if __name__ == "__main__":
    main()
