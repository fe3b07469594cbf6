# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# The pages under /debug/pprof/ as HTTP: headers, errors and texts, where they can be beside those of Go's net/http/pprof.

import gzip
import re

import pytest
import requests

from pprof import COUNTS, PROFILES, raw, url

HEADERS = ["Content-Type", "Content-Disposition", "X-Content-Type-Options", "X-Go-Pprof"]


def get(host, path, **options):
    return requests.get(url(host, path), timeout=30, **options)


def kinds(answer):
    return {name: answer.headers.get(name) for name in HEADERS}


# Beside Go's.


@pytest.mark.parametrize("path", ["goroutine", "goroutine?debug=1", "goroutine?debug=2", "profile?seconds=1", "heap", "heap?debug=1",
                                  "heap?debug=2", "heap?gc=1", "heap?seconds=1", "allocs", "allocs?debug=1", "allocs?seconds=1", "cmdline",
                                  "symbol?0x1", ""])
def test_the_headers_are_gos(work_host, oracle, path):
    ours, gos = get(work_host, path), get(oracle, path)
    assert (ours.status_code, kinds(ours)) == (gos.status_code, kinds(gos)) and gos.status_code == 200


@pytest.mark.parametrize("path", ["nonsense", "<script>", "goroutine2"])
def test_an_unknown_profile_is_refused_as_gos_are(work_host, oracle, path):
    ours, gos = get(work_host, path), get(oracle, path)
    assert (ours.status_code, kinds(ours)) == (gos.status_code, kinds(gos)) and gos.status_code == 404
    assert "<" not in ours.text


def test_the_folder_without_its_slash_leads_to_the_index(work_host):
    answer = requests.get(work_host.url + "/debug/pprof", timeout=10, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (307, "/debug/pprof/")


def test_the_index_has_every_profile_with_its_count(work_host):
    page = get(work_host, "").text
    rows = {name: int(count) if count.isdigit() else count for count, name in re.findall(
        r'<tr><td>(\d+|unknown)</td><td><a href="[a-z]+(?:\?debug=1)?">([a-z]+)</a></td><td>[^<]+</td></tr>', page)}
    assert list(rows) == ["allocs", "cmdline", "goroutine", "goroutineleak", "heap", "leak", "profile", "symbol", "task", "thread", "threadcreate"]
    assert rows["heap"] >= rows["allocs"] > 0  # stacks
    assert rows["task"] >= 12 and rows["thread"] >= 9 and abs(rows["goroutine"] - rows["task"] - rows["thread"]) <= 3
    assert rows["cmdline"] == rows["profile"] == rows["symbol"] == rows["threadcreate"] == 0


def test_cmdline_is_the_arguments_separated_by_nul(work_host):
    program, mode = get(work_host, "cmdline").content.split(b"\0")
    assert program.endswith(b"InteropHost") and mode == b"work"


# Refusals.


@pytest.mark.parametrize(
    "path, sentence",
    [
        ("thread?debug=3", "debug is no whole number in its range: give 0 to 2"),
        ("task?debug=", "debug is no whole number in its range: give 0 to 2"),
        ("goroutine?debug=-1", "debug is no whole number in its range: give 0 to 2"),
        ("thread?debug=1&debug=1", "debug is given more than once: give it once"),
        ("thread?seconds=5", "a query parameter is unknown to /debug/pprof/thread, which takes debug, format"),
        ("thread?format=svg", "format has a value that it does not take: give pprof or folded"),
        ("task?format=folded&debug=1", "format=folded and debug are both given: give one of them"),
        ("goroutine?debug=2&format=folded", "format=folded and debug are both given: give one of them"),
        ("profile?seconds=0", "seconds is no whole number in its range: give 1 to 300"),
        ("profile?seconds=301", "seconds is no whole number in its range: give 1 to 300"),
        ("profile?seconds=1.5", "seconds is no whole number in its range: give 1 to 300"),
        ("profile?hz=0&seconds=1", "hz is no whole number in its range: give 1 to 1000"),
        ("profile?hz=1001&seconds=1", "hz is no whole number in its range: give 1 to 1000"),
        ("profile?debug=1", "a query parameter is unknown to /debug/pprof/profile, which takes seconds, hz, format"),
        ("heap?seconds=0", "seconds is no whole number in its range: give 1 to 300"),
        ("heap?gc=2", "gc is no whole number in its range: give 0 to 1"),
        ("allocs?own=yes", "own is no whole number in its range: give 0 to 1"),
        ("allocs?rate=1", "a query parameter is unknown to /debug/pprof/allocs, which takes debug, format, seconds, gc, own"),
        ("heap?seconds=1&debug=1", "seconds and debug are both given: give one of them"),
        ("heap?format=folded&debug=2", "format=folded and debug are both given: give one of them"),
        ("cmdline?x=1", "a query parameter is unknown to /debug/pprof/cmdline, which takes none"),
    ],
)
def test_a_wrong_parameter_is_refused_with_a_sentence_that_pprof_shows(work_host, path, sentence):
    answer = get(work_host, path)
    assert (answer.status_code, answer.text) == (400, sentence + "\n")
    assert kinds(answer) == {
        "Content-Type": "text/plain; charset=utf-8", "Content-Disposition": None, "X-Content-Type-Options": "nosniff", "X-Go-Pprof": "1"}


def test_threadcreate_is_refused_with_a_sentence(work_host):
    answer = get(work_host, "threadcreate")
    assert (answer.status_code, answer.headers["X-Go-Pprof"]) == (501, "1")
    assert "nobody keeps them" in answer.text


def test_only_symbol_is_posted_to(work_host):
    refused = requests.post(url(work_host, "thread"), timeout=10)
    assert (refused.status_code, refused.headers["Allow"], refused.headers["X-Go-Pprof"]) == (405, "GET, HEAD", "1")


# Forms.


@pytest.mark.parametrize("path", PROFILES)
def test_a_profile_is_gzip_that_no_client_unpacks_by_itself(work_host, path):
    answer = get(work_host, path, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers
    assert b"count" in gzip.decompress(answer.content)
    assert int(answer.headers["Content-Length"]) == len(answer.content)


@pytest.mark.parametrize("path", [*COUNTS, "profile"])
def test_head_has_the_headers_at_once_and_no_body(work_host, path):
    answer = requests.head(url(work_host, path), timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"], answer.content) == (200, "application/octet-stream", b"")


FOLDED = re.compile(r"((?:[^;]+;)*[^;]+) ([1-9][0-9]*)")


def folded(answer):
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert answer.text.endswith("\n")
    lines = answer.text.splitlines()
    assert lines == sorted(lines, key=lambda line: line.rpartition(" ")[0].encode()) and len(lines) == len(set(lines))
    return [(found[1].split(";"), int(found[2])) for found in map(FOLDED.fullmatch, lines)]


@pytest.mark.parametrize("name", COUNTS)
def test_folded_lines_have_root_first_and_the_count_last(work_host, tmp_path, name):
    stacks = folded(get(work_host, f"{name}?format=folded"))
    profile = raw(url(work_host, name), tmp_path)
    assert abs(sum(count for _, count in stacks) - profile.total()) <= 2  # connections come and go
    for function in ["waitForTheMutex(_:)", "sleepInATask()"]:
        assert sum(count for stack, count in stacks if function in stack) == profile.total(function)
    if name != "task":
        waiter, = [stack for stack, _ in stacks if "lock-waiter-2" in stack]
        assert waiter[:waiter.index("lock-waiter-2")] == (["thread"] if name == "goroutine" else [])
        assert waiter[-1] == "__lll_lock_wait" and waiter.index("waitForTheMutex(_:)") < len(waiter) - 1
        # A semicolon would be the end of a frame.
        assert [stack for stack, _ in stacks if 'say "hi"\\:x y' in stack]


def test_the_cpu_profile_has_a_folded_form(work_host):
    work_host.say("burn")
    try:
        stacks = folded(get(work_host, "profile?seconds=1&format=folded"))
    finally:
        work_host.say("rest")
    burnt = [(stack, count) for stack, count in stacks if stack[-1] == "burnMuch(_:)"]
    assert burnt and all(stack[0] == "burner" for stack, _ in burnt)
    assert sum(count for _, count in burnt) > 0.3 * sum(count for _, count in stacks)


BLOCK = re.compile(r'(thread|task) (\d+) \[([^\]]+)\](?: \{([^\n]*)\})?:\n((?:[^\n]+\n)*)')


@pytest.mark.parametrize("name", COUNTS)
def test_debug_2_is_a_block_for_each_thread_and_task(work_host, name):
    text = get(work_host, f"{name}?debug=2").text
    blocks = [BLOCK.fullmatch(block + "\n") for block in text.removesuffix("\n").split("\n\n")]
    assert all(blocks), text
    assert {block[1] for block in blocks} == {"thread": {"thread"}, "task": {"task"}, "goroutine": {"thread", "task"}}[name]
    assert len({(block[1], block[2]) for block in blocks}) == len(blocks)
    for block in blocks:
        rows = block[5].splitlines()
        frames = rows[:-1] if rows and rows[-1].startswith("... ") else rows  # a note why there are no more
        assert len(frames) % 2 == 0 and all(row.startswith("\t") == bool(index % 2) for index, row in enumerate(frames)), block[0]
    if name != "task":
        holder, = [block for block in blocks if block[4] == 'name: "lock-holder"']
        waiters = [block for block in blocks if "lock-waiter-" in (block[4] or "")]
        assert len(waiters) == 3
        # They have waited for minutes when the machine is slow, and Go's form says so before the remark.
        waits = re.compile(rf"waiting on pthread_mutex_t(, \d+ minutes)?, held by thread {holder[2]}\b")
        assert all(waits.match(block[3]) for block in waiters)
        assert all("\nwaitForTheMutex(_:)\n\t" in block[5] and "/Work.swift:" in block[5] for block in waiters)
    if name != "thread":
        waiting, = [block for block in blocks if block[4] == 'name: "waits for a task"']
        assert waiting[3].startswith("suspended, waiting for task ") and "\nwaitForAnotherTask(_:)\n\t" in waiting[5]


# Symbols, as pprof asks for them.

SYMBOL = re.compile(r"(0x[0-9a-f]+)\s+(.*)")  # pprof's own expression


def symbols(answer):
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    first, *lines = answer.text.splitlines()
    assert re.fullmatch(r"num_symbols: [1-9]\d*", first)  # 0 would say that the program has none
    return [SYMBOL.fullmatch(line).groups() for line in lines]


def post(host, words):
    """As pprof does."""
    return requests.post(
        url(host, "symbol"), data="+".join(words).encode(), headers={"Content-Type": "application/octet-stream"}, timeout=10)


def test_symbol_names_every_place_alike_by_get_and_post(work_host, tmp_path):
    profile = raw(url(work_host, "goroutine"), tmp_path)
    known = [(f"{location.address:#x}", location.lines[-1].function) for location in profile.locations.values() if location.lines]
    words = [word for word, _ in known]
    assert len(known) > 30
    assert symbols(post(work_host, words)) == known
    assert symbols(get(work_host, "symbol?" + "+".join(words))) == known


def test_symbol_passes_over_what_is_no_address_of_the_program(work_host, tmp_path):
    profile = raw(url(work_host, "thread"), tmp_path)
    address, function = next(
        (f"{location.address:#x}", location.lines[-1].function) for location in profile.locations.values() if location.lines)
    words = ["0x0", "0x1", "main", address, "", "0x", "0xffffffffffffffff", "0x" + "f" * 40, "-1", "0xg", "%41"]
    expected = [(address, function)]
    assert symbols(post(work_host, words)) == symbols(get(work_host, "symbol?" + "+".join(words))) == expected
    assert symbols(post(work_host, [])) == symbols(get(work_host, "symbol")) == []


def test_symbol_takes_as_many_addresses_as_fit_into_a_body(work_host):
    words = [f"{address:#x}" for address in range(0x7F0000000000, 0x7F0000000000 + 4000)]
    assert symbols(post(work_host, words)) is not None
    assert post(work_host, words * 2).status_code == 413
