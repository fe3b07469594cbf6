# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# Every profile, fetched over HTTP and judged by Go's own pprof; and what it then knows of a process whose work is known.

import datetime
import gzip
import pathlib
import re
import struct

import pytest
import requests

from conftest import host_program
from pprof import COUNTS, PROFILES, pprof, raw, url


@pytest.fixture
def burning(work_host):
    work_host.say("burn")
    yield work_host
    work_host.say("rest")


@pytest.fixture(scope="module")
def cpu(work_host, tmp_path_factory):
    """Two seconds of a thread that is nearly always in burnMuch, and of a task."""
    work_host.say("burn")
    try:
        return raw(url(work_host, "profile?seconds=2&hz=250"), tmp_path_factory.mktemp("cpu"))
    finally:
        work_host.say("rest")


@pytest.fixture(scope="module")
def profiles(work_host, cpu, tmp_path_factory):
    folder = tmp_path_factory.mktemp("counts")
    return {name: raw(url(work_host, name), folder) for name in COUNTS} | {"profile": cpu}


# What pprof makes of them.


@pytest.mark.parametrize("path", PROFILES)
@pytest.mark.parametrize(
    "report, shows", [("-raw", r"^PeriodType: \w+ (count|nanoseconds)$"), ("-top", r"^ +flat +flat% +sum% +cum +cum%$")])
def test_pprof_reads_the_profile_over_http(burning, tmp_path, path, report, shows):
    shown = pprof(report, url(burning, path), folder=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert re.search(shows, shown.stdout, re.M), shown.stdout


@pytest.mark.parametrize(
    "path, name", [(PROFILES[0], "burnMuch"), ("thread", "waitForTheMutex"), ("task", "sleepInATask"), ("goroutine", "sleepInATask")])
def test_pprof_draws_the_profile(burning, tmp_path, path, name):
    # Everything, also what is said of labels: none may spoil the graph.
    every = ["-nodecount=10000", "-nodefraction=0", "-edgefraction=0"]
    drawn = pprof("-svg", *every, "-output", tmp_path / "graph.svg", url(burning, path), folder=tmp_path)
    assert drawn.returncode == 0, drawn.stderr
    picture = (tmp_path / "graph.svg").read_text()
    assert picture.startswith("<?xml") and picture.rstrip().endswith("</svg>") and name in picture


def test_pprof_would_refuse_what_its_check_does_not_allow(work_host, tmp_path):
    body = gzip.decompress(requests.get(url(work_host, "thread"), timeout=10).content)
    (tmp_path / "right").write_bytes(body)
    assert pprof("-raw", "right", folder=tmp_path).returncode == 0
    (tmp_path / "wrong").write_bytes(body + b"\x12\x00")  # a sample without a value
    refused = pprof("-raw", "wrong", folder=tmp_path)
    assert refused.returncode != 0 and "mismatch: sample has" in refused.stderr, refused.stderr


def test_the_function_that_is_busy_comes_first(burning, tmp_path):
    shown = pprof("-top", "-seconds=1", url(burning, "profile"), folder=tmp_path)
    assert shown.returncode == 0, shown.stderr
    _, table = re.split(r"^ +flat +flat% .*\n", shown.stdout, flags=re.M)
    assert re.search(r"% +burnMuch\(_:\)$", table.splitlines()[0]), shown.stdout
    assert "Type: cpu" in shown.stdout and re.search(r"Duration: (1|1\.\d+)s,", shown.stdout), shown.stdout


def test_pprof_shows_the_source_of_a_function(burning, tmp_path):
    listed = pprof("-list=burnMuch", "-seconds=1", url(burning, "profile"), folder=tmp_path)
    assert listed.returncode == 0, listed.stderr
    assert re.search(r"^ +[\d.]+m?s +[\d.]+m?s +\d+: +(value = |left &-= 1)", listed.stdout, re.M), listed.stdout


def test_samples_can_be_chosen_by_their_labels(work_host, tmp_path):
    shown = pprof("-traces", "-tagfocus=name=lock-waiter-2", url(work_host, "thread"), folder=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.count("waitForTheMutex(_:)") == 1 and "sleepForEver" not in shown.stdout, shown.stdout


def test_a_refused_profile_is_explained_by_pprof(work_host, tmp_path):
    refused = pprof("-top", url(work_host, "threadcreate"), folder=tmp_path)
    assert refused.returncode != 0
    sentence = requests.get(url(work_host, "threadcreate"), timeout=10).text
    assert sentence and sentence in refused.stderr, refused.stderr


# What the profiles say.


@pytest.mark.parametrize("name", COUNTS)
def test_a_profile_of_counts_has_gos_types(profiles, name):
    profile = profiles[name]
    assert (profile.types, profile.default) == ([(name, "count")], [])
    assert (profile.head["PeriodType"], profile.head["Period"]) == (f"{name} count", "1")
    assert "Duration" not in profile.head


def test_the_cpu_profile_has_gos_types_its_period_and_its_duration(cpu):
    assert (cpu.types, cpu.default) == ([("samples", "count"), ("cpu", "nanoseconds")], [])
    assert (cpu.head["PeriodType"], cpu.head["Period"]) == ("cpu nanoseconds", "4000000")
    assert 1.9 < float(cpu.head["Duration"]) < 4
    assert all(time == samples * 4_000_000 for samples, time in (sample.values for sample in cpu.samples))


@pytest.mark.parametrize("name", ["profile", *COUNTS])
def test_the_time_is_that_of_the_request(profiles, name):
    taken = datetime.datetime.fromisoformat(re.sub(r"\.\d+| UTC$", "", profiles[name].head["Time"]).replace(" +", "+"))
    age = datetime.datetime.now(datetime.timezone.utc) - taken
    assert datetime.timedelta(seconds=-1) < age < datetime.timedelta(minutes=10)


@pytest.mark.parametrize("name", ["profile", *COUNTS])
def test_every_place_is_in_a_mapping_and_ids_are_sequential(profiles, name):
    profile = profiles[name]
    assert sorted(profile.locations) == list(range(1, len(profile.locations) + 1))
    assert sorted(profile.mappings) == list(range(1, len(profile.mappings) + 1))
    for location in profile.locations.values():
        mapping = profile.mappings[location.mapping]
        assert mapping.start <= location.address < mapping.limit


def build_id(path):
    """The GNU build id in the notes of an ELF file, 64 bits and little-endian."""
    image = pathlib.Path(path).read_bytes()
    headers, = struct.unpack_from("<Q", image, 32)
    size, count = struct.unpack_from("<HH", image, 54)
    for index in range(count):
        kind, _, offset, _, _, length = struct.unpack_from("<IIQQQQ", image, headers + index * size)
        end = offset + length
        while kind == 4 and offset + 12 <= end:  # PT_NOTE
            name_size, value_size, note = struct.unpack_from("<III", image, offset)
            value = offset + 12 + (name_size + 3) // 4 * 4
            if note == 3 and image[offset + 12:offset + 16] == b"GNU\0":
                return image[value:value + value_size].hex()
            offset = value + (value_size + 3) // 4 * 4
    return ""


@pytest.mark.parametrize("name", ["profile", *COUNTS])
def test_the_program_is_the_first_mapping_and_files_have_their_build_ids(profiles, name):
    mappings = list(profiles[name].mappings.values())
    program = pathlib.Path(host_program()).resolve()
    assert mappings[0].file == str(program) and len(build_id(program)) == 40
    files = [mapping for mapping in mappings if mapping.file.startswith("/")]
    assert len(files) > 5
    assert [(mapping.file, mapping.build_id) for mapping in files] == [(mapping.file, build_id(mapping.file)) for mapping in files]


@pytest.mark.parametrize("name", ["profile", *COUNTS])
def test_a_mapping_has_functions_as_soon_as_one_place_in_it_has_a_name(profiles, name):
    profile = profiles[name]
    named = {location.mapping for location in profile.locations.values() if location.lines}
    assert 1 in named  # the program's own
    assert {number for number, mapping in profile.mappings.items() if mapping.has_functions} == named


def varint(value):
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + varint(value >> 7)


def number(field, value):
    """A field of Protocol Buffers."""
    return varint(field << 3) + varint(value)


def message(field, *parts):
    body = b"".join(parts)
    return varint(field << 3 | 2) + varint(len(body)) + body


def test_pprof_keeps_our_names_though_one_place_has_none(work_host, profiles, tmp_path):
    # A stub of the linker has no name, and a CPU profile meets one now and then. pprof must not look up all others again.
    body = gzip.decompress(requests.get(url(work_host, "thread"), timeout=10).content)
    unnamed = number(1, 9999), number(2, 1), number(3, profiles["thread"].mappings[1].start)  # a location: id, mapping, address
    body += message(4, *unnamed) + message(2, message(1, varint(9999)), message(2, varint(1)))
    (tmp_path / "with-stub").write_bytes(body)
    shown = pprof("-traces", "with-stub", folder=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "waitForTheMutex(_:)" in shown.stdout and "[InteropHost]" in shown.stdout, shown.stdout


def test_threads_are_where_they_wait(profiles):
    threads = profiles["thread"]
    for number in range(1, 4):
        assert threads.total("waitForTheMutex(_:)", name=f"lock-waiter-{number}", state="waiting") == 1
    for name, function, state in [
        ("lock-holder", "sleepForEver()", "sleeping"), ("semaphore", "waitForTheSemaphore(_:)", "waiting"),
        ("condition", "waitForTheCondition(_:_:)", "waiting"), ("dispatch-sem", "waitForTheDispatchSemaphore(_:)", "waiting"),
        ("InteropHost", "readLine(strippingNewline:)", "waiting"),
    ]:
        assert threads.total(function, name=name, state=state) == 1, name
    # pprof writes labels into Graphviz's quotation marks as they are.
    assert threads.total("sleepForEver()", name="say 'hi'/;x y") == 1


def test_a_stack_is_leaf_first_with_lines_of_the_source(profiles):
    waiter, = [sample for sample in profiles["thread"].samples if sample.labels.get("name") == "lock-waiter-1"]
    assert waiter.functions[0] == "__lll_lock_wait" and waiter.functions[-1].startswith("clone")
    line, = [line for location in waiter.stack for line in location.lines if line.function == "waitForTheMutex(_:)"]
    assert line.system_name.startswith("$s11InteropHost15waitForTheMutex") and line.file.endswith("/Tests/Interop/Host/Work.swift")
    assert "pthread_mutex_lock(mutex.pointer)" in pathlib.Path(line.file).read_text().splitlines()[line.line - 1]


def test_tasks_are_where_they_wait_with_their_async_callers(profiles):
    tasks = profiles["task"]
    assert tasks.total("sleepInATask()", state="suspended") == 7
    for number in range(1, 4):
        assert tasks.total("sleepInATask()", name=f"sleeper {number}") == 1
    assert tasks.total("waitForAnotherTask(_:)", name="waits for a task") == 1
    assert tasks.total("withTaskGroup<A, B>(of:returning:isolation:body:)", name="parent") == 1
    assert tasks.total("readAStream()", name="stream") == 1
    first, = [sample for sample in tasks.samples if sample.labels.get("name") == "first in the queue"]
    inner, outer = first.functions.index("innerWaitForACallback()"), first.functions.index("waitForACallback()")
    assert inner < outer


def test_goroutine_is_threads_and_tasks_told_apart(profiles):
    both = profiles["goroutine"]
    assert both.total("waitForTheMutex(_:)", kind="thread") == both.total("waitForTheMutex(_:)") == 3
    assert both.total("sleepInATask()", kind="task") == both.total("sleepInATask()") == 7
    assert both.total(kind="thread") + both.total(kind="task") == both.total()
    assert abs(both.total(kind="thread") - profiles["thread"].total()) <= 2  # connections come and go


def test_the_cpu_profile_is_of_what_was_busy(cpu):
    burner = cpu.total(thread="burner")
    assert burner >= 50 and burner >= cpu.total() / 2
    assert cpu.total("burnMuch(_:)") + cpu.total("burnLittle(_:)") >= 0.95 * burner
    assert 0.5 < cpu.total("burnMuch(_:)") / burner < 0.98
    assert cpu.total("waitForTheMutex(_:)") == cpu.total("sleepForEver()") == 0


def test_an_inlined_function_stands_before_the_one_it_is_part_of(cpu):
    inlined = [[line.function for line in location.lines] for location in cpu.locations.values() if len(location.lines) > 1]
    assert ["mix(_:)", "burnLittle(_:)"] in inlined


def test_the_cpu_profile_goes_on_through_the_async_callers_of_a_task(cpu):
    assert cpu.total("burnInATask(_:)", task="burning task") == cpu.total("burnInATask(_:)") > 0
    for sample in cpu.samples:
        if "burnInATask(_:)" in sample.functions:
            places = [sample.functions.index(name) for name in ["burnInATask(_:)", "innerAsyncFunction()", "outermostAsyncFunction()"]]
            assert places == sorted(places)
            assert not [name for name in sample.functions if "_dispatch_worker_thread" in name], "the executor's loop is no caller"


# Text forms and symbols.


@pytest.mark.parametrize("name", COUNTS)
def test_the_text_form_is_read_back_by_pprof_with_names_from_the_symbol_page(work_host, profiles, tmp_path, name):
    source = url(work_host, f"{name}?debug=1")
    without = raw(source, tmp_path)
    assert without.locations and not any(location.lines for location in without.locations.values())
    # pprof POSTs every address to /debug/pprof/symbol, as the text has no names that it reads.
    profile = raw(source, tmp_path, symbolize="remote:demangle=none")
    assert profile.types == [(name, "count")]
    expected = {"thread": ["waitForTheMutex(_:)"], "task": ["sleepInATask()"]}
    for function in expected.get(name, [*expected["thread"], *expected["task"]]):
        assert profile.total(function) == profiles[name].total(function) > 0, function
    named = {location.address: location.lines[0].function for location in profile.locations.values() if location.lines}
    known = {location.address: location.lines[-1].function for location in profiles[name].locations.values() if location.lines}
    same = named.keys() & known.keys()
    assert len(same) > 10 and {address: named[address] for address in same} == {address: known[address] for address in same}
