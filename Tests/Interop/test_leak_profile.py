# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# /debug/pprof/leak, read by Go's pprof, of a host of which most that wait do so for ever.

import re

import pytest
import requests

from pprof import pprof, raw, url

NAMES = ["leak", "goroutineleak"]
# A word left over in memory may hide one or another.
STUCK = {"semaphore", "condition", "dispatch-sem", "first in the queue", "waits for a task", "stream"}


@pytest.mark.parametrize("name", NAMES)
def test_go_reads_a_sample_for_each_who_waits_for_ever(work_host, tmp_path, name):
    profile = raw(url(work_host, name), tmp_path)
    labels = [sample.labels for sample in profile.samples]
    assert all(set(label) in ({"kind", "verdict"}, {"kind", "verdict", "name"}) for label in labels)
    assert {label["kind"] for label in labels} == {"thread", "task"}
    assert {label["verdict"] for label in labels} <= {"orphaned", "deadlock", "abandoned", "blocked_behind"}
    found = {label["name"] for label in labels if "name" in label}
    assert len(found & STUCK) >= 3, found
    # Those who wait for one that sleeps are no leaks, nor is who sleeps.
    assert not [name for name in found if re.match(r"lock-|sleeper|parent", name)], found
    assert profile.total("sleepForEver()") == 0


def test_pprof_shows_the_labels(work_host, tmp_path):
    shown = pprof("-tags", url(work_host, "leak"), folder=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert " kind: Total" in shown.stdout and " verdict: Total" in shown.stdout and "orphaned" in shown.stdout


@pytest.mark.parametrize("name", NAMES)
def test_the_texts_are_in_gos_forms(work_host, name):
    first, *rest = requests.get(url(work_host, name + "?debug=1"), timeout=60).text.splitlines()
    total = int(re.fullmatch(rf"{name} profile: total (\d+)", first)[1])
    assert total == sum(int(line.split(" @ ")[0]) for line in rest if " @ " in line) > 0
    blocks = requests.get(url(work_host, name + "?debug=2"), timeout=60).text.removesuffix("\n").split("\n\n")
    assert abs(len(blocks) - total) <= 1
    assert all(re.match(r"(thread|task) \d+ \[leaked, waiting on ", block) for block in blocks), blocks[0]


def test_the_index_counts_what_the_last_scan_found(work_host):
    total = int(requests.get(url(work_host, "leak?debug=1"), timeout=60).text.splitlines()[0].split()[-1])
    page = requests.get(url(work_host, ""), timeout=60).text
    for name in NAMES:
        assert re.search(rf'<td>{total}</td><td><a href="{name}\?debug=1">', page), page


def test_the_figures_are_variables_once_somebody_has_looked(work_host):
    requests.get(url(work_host, "leak"), timeout=60)
    shown = requests.get(work_host.url + "/debug/vars?match=debug_endpoint_*", timeout=60).json()
    assert shown["debug_endpoint_leaked_threads"] + shown["debug_endpoint_leaked_tasks"] > 0
    assert shown["debug_endpoint_last_scan_seconds"] > 1.7e9
    metrics = requests.get(work_host.url + "/metrics", timeout=60).text
    assert f"\ndebug_endpoint_leaked_threads {shown['debug_endpoint_leaked_threads']}\n" in metrics
