# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# Go's own pprof as a program, and what its -raw report says as plain values. It ends with 0 only for what its CheckValid allows.

import os
import re
import subprocess
from dataclasses import dataclass, field

from conftest import DEBIAN, OFFLINE_GO, VENV

LIBRARIES = next(DEBIAN.glob("usr/lib/*/graphviz")).parent
COUNTS = ["thread", "task", "goroutine"]
# Path below /debug/pprof/ of every profile, the CPU profile made short.
PROFILES = ["profile?seconds=1", *COUNTS]


def pprof(*arguments, folder, within=60):
    environment = {
        **OFFLINE_GO,
        "PATH": f"{DEBIAN}/usr/bin:{os.environ['PATH']}", "HOME": str(folder),
        "PPROF_TMPDIR": str(folder), "PPROF_BINARY_PATH": str(folder),
        "LD_LIBRARY_PATH": str(LIBRARIES), "GVBINDIR": str(LIBRARIES / "graphviz"),  # for dot
    }
    return subprocess.run(
        [VENV / "bin/go", "tool", "pprof", *map(str, arguments)],
        cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=within,
    )


@dataclass
class Line:
    function: str
    file: str
    line: int
    system_name: str


@dataclass
class Location:
    address: int
    mapping: int
    lines: list = field(default_factory=list)  # innermost inlined function first


@dataclass
class Mapping:
    start: int
    limit: int
    offset: int
    file: str
    build_id: str
    has_functions: bool


@dataclass
class Sample:
    values: list
    stack: list  # of locations, leaf first
    labels: dict  # name -> texts

    @property
    def functions(self):
        return [line.function for location in self.stack for line in location.lines]


def url(host, path):
    return f"{host.url}/debug/pprof/{path}"


class Profile:
    """What `pprof -raw` says."""

    LOCATION = re.compile(r" *(\d+): 0x([0-9a-f]+) (?:M=(\d+) )?(.*)")
    LINE = re.compile(r"(.*) (\S*):(\d+):(\d+) s=(\d+)(?:\((.*)\))?")
    MAPPING = re.compile(r"(\d+): 0x([0-9a-f]+)/0x([0-9a-f]+)/0x([0-9a-f]+) (\S*) (\S*) ?(\[FN\])?")

    def __init__(self, report):
        head, rest = report.split("Samples:\n")
        samples, rest = rest.split("Locations\n")
        locations, mappings = rest.split("Mappings\n")
        self.head = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
        self.mappings, self.locations, self.samples = {}, {}, []
        for line in mappings.splitlines():
            number, start, limit, offset, file, build_id, functions = self.MAPPING.fullmatch(line).groups()
            self.mappings[int(number)] = Mapping(int(start, 16), int(limit, 16), int(offset, 16), file, build_id, bool(functions))
        self._read_locations(locations)
        self._read_samples(samples)

    def _read_locations(self, text):
        for row in text.splitlines():
            if found := self.LOCATION.fullmatch(row):
                number, address, mapping, row = found.groups()
                location = self.locations[int(number)] = Location(int(address, 16), int(mapping or 0))
            if row.strip():  # a line of an inlined function's caller stands alone
                function, file, line, _, _, system_name = self.LINE.fullmatch(row.strip()).groups()
                location.lines.append(Line(function, file, int(line), system_name or function))

    def _read_samples(self, text):
        types, *rows = text.splitlines()
        self.default = [word for word in types.split() if word.endswith("[dflt]")]
        self.types = [tuple(word.removesuffix("[dflt]").split("/")) for word in types.split()]
        for row in rows:
            if row.startswith(" " * 16):
                # Texts in one row, numbers in another.
                self.samples[-1].labels |= {key: values for key, values in re.findall(r"(\S+?):\[(.*?)\](?= |$)", row.strip())}
                continue
            values, _, stack = row.partition(":")
            places = [self.locations[int(number)] for number in stack.split()]
            self.samples.append(Sample([int(value) for value in values.split()], places, {}))

    def total(self, function="", value=0, **labels):
        """The sum of the samples that go through the function and have the labels."""
        chosen = [
            sample for sample in self.samples
            if (not function or function in sample.functions) and labels.items() <= sample.labels.items()
        ]
        return sum(sample.values[value] for sample in chosen)


def raw(source, folder, *options, symbolize="none"):
    """The profile as pprof understands it. With `none` it shows what the source says and nothing that pprof found out itself."""
    shown = pprof("-raw", f"-symbolize={symbolize}", *options, source, folder=folder)
    assert shown.returncode == 0, shown.stderr
    return Profile(shown.stdout)
