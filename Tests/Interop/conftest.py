# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# Starting and ending the processes under test. Everything listens on 127.0.0.1 and every wait has a deadline.

import contextlib
import os
import pathlib
import queue
import re
import signal
import socket
import subprocess
import threading
import time

import pytest
import requests

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CACHE = pathlib.Path(os.environ.get("INTEROP_CACHE", ROOT / ".build" / "interop"))
DEBIAN = CACHE / "debian"

# What every configuration of collectd begins with.
COLLECTD = """
BaseDir "{folder}"
PIDFile "{folder}/pid"
PluginDir "{debian}/usr/lib/collectd"
TypesDB "{debian}/usr/share/collectd/types.db"
Hostname "interop"
FQDNLookup false
Interval 1
LoadPlugin logfile
<Plugin logfile>
  File "STDERR"
</Plugin>
"""
VENV = CACHE / "venv"
# Go without network: only its standard library and its own tools are used.
OFFLINE_GO = {"GOTOOLCHAIN": "local", "GOPROXY": "off", "GOFLAGS": "-mod=mod", "GOCACHE": str(CACHE / "gocache")}


def eventually(question, *, within, about):
    """Asks until the answer is true-ish, and returns it; fails with the last answer or error after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        try:
            answer = question()
            if answer:
                return answer
        except (AssertionError, OSError, LookupError) as error:  # requests' errors are OSErrors
            answer = error
        if time.monotonic() > deadline:
            pytest.fail(f"{about}: not within {within} s; last seen: {answer!r}")
        time.sleep(0.05)  # between two looks


class Program:
    """A child whose standard output can be awaited line by line. It dies with us, also when we are killed."""

    def __init__(self, *command, environment=None, log):
        self.log = log
        self.lines = queue.Queue()
        with open(log, "w") as errors:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *map(str, command)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,  # Ctrl-C is for pytest, which then ends it
                env={**os.environ, **(environment or {})},
            )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def line(self, within):
        try:
            line = self.lines.get(timeout=within)
        except queue.Empty:
            pytest.fail(f"{self.process.args} printed nothing for {within} s; its log: {self.log.read_text()[-2000:]}")
        if line is None:
            self.process.wait(timeout=5)
            pytest.fail(f"{self.process.args} ended with {self.process.returncode}; its log: {self.log.read_text()[-2000:]}")
        return line

    def each_line(self, within):
        """Its lines as they come; fails when the reader still wants more after `within` seconds."""
        deadline = time.monotonic() + within
        while (left := deadline - time.monotonic()) > 0:
            yield self.line(within=left)
        pytest.fail(f"{self.process.args} did not say it within {within} s; its log: {self.log.read_text()[-2000:]}")

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end_input(self, within=10):
        """Closes its standard input and returns its exit status."""
        self.process.stdin.close()
        return self.process.wait(timeout=within)

    def stop(self, within=10):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=within)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(timeout=within)


def free_port():
    """For programs that can't be given port 0."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(*command, environment=None, log):
    program = Program(*command, environment=environment, log=log)
    try:
        yield program
    finally:
        program.stop()


@contextlib.contextmanager
def serving(*command, log):
    """A program that prints its URL first and ends with status 0 when its input ends."""
    with running(*command, log=log) as program:
        first = program.line(within=20)
        url = re.match(r"http://127\.0\.0\.1:\d+", first)
        assert url, f"{command} should print its URL, but prints: {first}"
        program.url = url[0]
        program.port = int(program.url.rpartition(":")[2])
        yield program
        assert program.end_input() == 0, log.read_text()[-2000:]


@pytest.fixture(scope="session")
def logs(tmp_path_factory):
    return tmp_path_factory.mktemp("logs")


def host_program():
    if program := os.environ.get("INTEROP_HOST"):
        return program
    shown = subprocess.run(["swift", "build", "--show-bin-path"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    return pathlib.Path(shown.stdout.strip()) / "InteropHost"


@pytest.fixture(scope="session")
def expvar_host(logs):
    """A Swift process with the variables that oracle/main.go has."""
    with serving(host_program(), "expvar", log=logs / "expvar_host") as program:
        yield program


@pytest.fixture(scope="session")
def metrics_host(logs):
    """A Swift process with the variables of values.py."""
    with serving(host_program(), "metrics", log=logs / "metrics_host") as program:
        yield program


@pytest.fixture(scope="session")
def misuse_host(logs):
    """A Swift process whose author registers whatever comes to mind."""
    with serving(host_program(), "misuse", log=logs / "misuse_host") as program:
        yield program


@pytest.fixture(scope="session")
def work_host(logs):
    """A Swift process with threads and tasks that wait, and some that use the processor between `burn` and `rest`."""
    with serving(host_program(), "work", log=logs / "work_host") as program:
        waiting = lambda: requests.get(program.url + "/debug/threads?state=waiting&name=lock-waiter-?&format=json", timeout=10).json()
        eventually(lambda: waiting()["matched"] == 3, within=20, about="three threads wait for a lock")
        asleep = lambda: requests.get(program.url + "/debug/tasks?state=suspended&name=sleeper*&format=json", timeout=10).json()
        eventually(lambda: asleep()["matched"] == 3, within=20, about="three tasks sleep")
        yield program


@pytest.fixture(params=["expvar_host", "metrics_host"])
def careful_host(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["expvar_host", "metrics_host", "misuse_host"])
def any_host(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def oracle(logs):
    """Go's expvar and net/http/pprof themselves."""
    built = subprocess.run(
        [VENV / "bin" / "go", "build", "-o", CACHE / "oracle", "."],
        cwd=HERE / "oracle", env={**os.environ, **OFFLINE_GO}, capture_output=True, text=True, timeout=300,
    )
    assert built.returncode == 0, built.stderr
    with serving(CACHE / "oracle", log=logs / "oracle") as program:
        yield program
