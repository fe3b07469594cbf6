# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# The heap profile judged by Go's own pprof; and what it then knows of a process that keeps known amounts of memory.

import re

import pytest
import requests

from conftest import eventually
from pprof import pprof, raw, url

TYPES = [("alloc_objects", "count"), ("alloc_space", "bytes"), ("inuse_objects", "count"), ("inuse_space", "bytes")]
ALLOCATED, IN_USE = 1, 3
MIB = 1 << 20


def hoarded(host, folder):
    """The profile once the task, too, has what it wants."""
    profile = raw(url(host, "heap?gc=1"), folder)
    return profile if profile.total("keepInATask()", IN_USE) > 20e6 else None


@pytest.fixture(scope="module")
def hoarding(work_host):
    work_host.say("hoard")
    yield work_host
    work_host.say("give back")


@pytest.fixture(scope="module")
def heap(hoarding, tmp_path_factory):
    folder = tmp_path_factory.mktemp("heap")
    return eventually(lambda: hoarded(hoarding, folder), within=60, about="everything is hoarded")


@pytest.mark.parametrize("path, default", [("heap", "inuse_space"), ("allocs", "alloc_space")])
def test_a_heap_profile_has_gos_types_and_period(heap, hoarding, tmp_path, path, default):
    profile = raw(url(hoarding, path), tmp_path)
    assert (profile.types, profile.default) == (TYPES, [f"{default}/bytes[dflt]"])
    assert (profile.head["PeriodType"], profile.head["Period"]) == ("space bytes", "524288")
    assert "Duration" not in profile.head


# About 120 samples for 60 MB: a third off is more than three standard deviations.
@pytest.mark.parametrize(
    "function, size", [("keepPages(_:)", 60e6), ("keepCBlocks(_:)", 30e6), ("keepInATask()", 30e6)])
def test_what_is_kept_is_attributed_to_who_keeps_it(heap, function, size):
    assert abs(heap.total(function, IN_USE) - size) < size * (0.35 if size > 50e6 else 0.5)


def test_what_was_given_back_is_allocated_but_not_in_use(heap):
    assert heap.total("useAndForget()", IN_USE) < 4 * MIB
    assert abs(heap.total("useAndForget()", ALLOCATED) - 480e6) < 480e6 * 0.1


def test_pprof_names_the_function_that_holds_most(heap, hoarding, tmp_path):
    shown = pprof("-top", "-cum", "-sample_index=inuse_space", url(hoarding, "heap"), folder=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "Type: inuse_space" in shown.stdout
    _, table = re.split(r"^ +flat +flat% .*\n", shown.stdout, flags=re.M)
    ours = [row.split()[-1] for row in table.splitlines() if re.search(r" (keep|use|inner|outermost)\w+\(", row)]
    assert ours[0] == "keepPages(_:)", shown.stdout
    allocated = pprof("-top", "-sample_index=alloc_space", url(hoarding, "heap"), folder=tmp_path)
    assert "useAndForget()" in allocated.stdout, allocated.stdout + allocated.stderr


def test_pprof_shows_the_guilty_line(heap, hoarding, tmp_path):
    listed = pprof("-list=^onePage", "-sample_index=inuse_space", url(hoarding, "heap"), folder=tmp_path)
    assert listed.returncode == 0, listed.stderr
    assert re.search(r"^ +\S+ +\d+(\.\d+)?MB +\d+:.*repeating: 1, count: 1000", listed.stdout, re.M), listed.stdout


def test_stacks_go_through_async_callers(heap):
    stacks = [sample.functions for sample in heap.samples if "keepInATask()" in sample.functions and sample.values[IN_USE]]
    assert stacks
    for functions in stacks:
        places = [functions.index(name) for name in ["keepInATask()", "innerHoarder()", "outermostHoarder()"]]
        assert places == sorted(places)


def test_stacks_end_where_the_program_allocates_and_not_in_the_runtime(heap):
    leaves = {sample.functions[0] for sample in heap.samples if sample.functions}
    assert leaves and not {leaf for leaf in leaves if leaf.startswith("swift_") or leaf.startswith("swift::swift_")}


def test_every_sample_has_its_size_as_a_label(heap):
    for sample in heap.samples:
        labels = sample.labels["bytes"]
        objects, size = sample.values[0] or sample.values[2], sample.values[1] or sample.values[3]
        smallest = float(re.match(r"[\d.]+", labels)[0]) * {"": 1, "kB": 1024, "MB": MIB}.get(re.search(r"[kM]B$|$", labels)[0], 1)
        # A class begins at most 12.5 % below a size in it; one object more or less is rounding.
        assert smallest * (objects - 1) * 0.99 <= size and size <= smallest * 1.15 * (objects + 1), (labels, sample.values)


def test_a_difference_has_what_was_allocated_meanwhile_and_all_that_is_in_use(heap, hoarding, tmp_path):
    difference = raw(url(hoarding, "allocs?seconds=3"), tmp_path)
    assert 2.9 < float(difference.head["Duration"]) < 10
    assert difference.total("keepPages(_:)", ALLOCATED) == difference.total("useAndForget()", ALLOCATED) == 0
    assert difference.total("keepPages(_:)", IN_USE) > 30e6
    delta = requests.get(url(hoarding, "heap?seconds=1"), timeout=30)
    assert delta.headers["Content-Disposition"] == 'attachment; filename="heap-delta"'


def test_the_endpoints_own_memory_is_there_on_demand_only(heap, hoarding, tmp_path):
    assert not [sample for sample in heap.samples if "own" in sample.labels]
    every = raw(url(hoarding, "allocs?own=1"), tmp_path)
    assert every.total(value=ALLOCATED, own="debug-endpoint") > MIB
    for sample in every.samples:
        through = " ".join(sample.functions)
        if "RequestHandling." in through:
            assert "own" in sample.labels, through
        if "hoard" in through.lower():
            assert "own" not in sample.labels, through


def test_the_text_is_gos_and_pprof_reads_the_same_from_it(heap, hoarding, tmp_path):
    text = requests.get(url(hoarding, "heap?debug=1"), timeout=30).text
    rows = re.findall(r"^(\d+): (\d+) \[(\d+): (\d+)\] @(?: 0x[0-9a-f]+)+$", text, re.M)
    head = re.match(r"heap profile: (\d+): (\d+) \[(\d+): (\d+)\] @ heap/1048576\n", text)
    assert rows and [sum(map(int, column)) for column in zip(*rows)] == list(map(int, head.groups()))
    (tmp_path / "text").write_text(text)
    from_text = raw("text", tmp_path)
    assert [name for name, _ in from_text.types] == [name for name, _ in TYPES]
    scaled = sum(sample.values[IN_USE] for sample in from_text.samples)
    assert abs(scaled - heap.total(value=IN_USE)) < 0.1 * heap.total(value=IN_USE)
    for name in ["Mallocs", "Frees", "HeapAlloc", "TotalAlloc", "MaxRSS"]:
        assert re.search(rf"^# {name} = [1-9]\d*$", text, re.M), name


def test_memstats_counts_every_allocation(hoarding):
    now = lambda: requests.get(hoarding.url + "/debug/vars", timeout=10).json()["memstats"]
    before = now()
    assert before["HeapObjects"] == before["Mallocs"] - before["Frees"] > 90_000
    assert before["TotalAlloc"] > before["HeapAlloc"] > 100e6
    later = eventually(lambda: (after := now())["Mallocs"] > before["Mallocs"] and after, within=5, about="another reading")
    assert later["Frees"] > before["Frees"] and later["TotalAlloc"] > before["TotalAlloc"]
