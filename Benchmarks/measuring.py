# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
"""What every measurement needs: samples, running programs, and the table of what was asked and what was found."""

import http.client
import math
import re
import statistics
import subprocess
import sys
import time


class Samples:
    """What one program gave in every round."""

    def __init__(self, unit, digits):
        self.unit, self.digits, self.values = unit, digits, []

    @property
    def median(self):
        return statistics.median(self.values)

    @property
    def interval(self):
        """Where the median lies with 95 % confidence, whatever the distribution."""
        values, reach = sorted(self.values), 0.98 * math.sqrt(len(self.values))
        middle = (len(values) - 1) / 2
        return values[max(0, math.floor(middle - reach))], values[min(len(values) - 1, math.ceil(middle + reach))]

    def __str__(self):
        low, middle, high = (f"{v:,.{self.digits}f}" for v in (min(self.values), self.median, max(self.values)))
        return f"**{middle}** {self.unit} ({low} to {high})"


def figures(*command):
    """The lines `name number` that a program prints, the last of each name."""
    return {name: values[-1] for name, values in series(*command).items()}


def series(*command):
    """The lines `name number` that a program prints, all of each name in a list."""
    output = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True, timeout=900)
    found = {}
    for name, value in (line.split() for line in output.stdout.splitlines()):
        found.setdefault(name, []).append(float(value))
    return found


class Server:
    """A running server program; leaving the block ends it by closing its standard input."""

    def __init__(self, *command):
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def processor_milliseconds(self):
        """What all its threads have used, those that have ended too."""
        # The clock of a process, as the kernel spells it: the complement of its id, then "scheduler's time" (2).
        return time.clock_gettime(~self.process.pid << 3 | 2) * 1000

    def body(self, path):
        return self.timed(path)[0].decode()

    def timed(self, path):
        """The body, and the milliseconds from before the connection is made to the last byte."""
        start = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        milliseconds = (time.perf_counter() - start) * 1000
        connection.close()
        assert response.status == 200, f"{path} answered {response.status}: {body[:500]}"
        return body, milliseconds

    def load(self, path, seconds):
        """Requests per second on 16 connections that stay open."""
        url = f"http://127.0.0.1:{self.port}{path}"
        output = subprocess.run(["wrk", "-t1", "-c16", f"-d{seconds}s", url], check=True, capture_output=True,
                                text=True, timeout=seconds + 60).stdout
        for trouble in ("Socket errors", "Non-2xx"):
            assert trouble not in output, f"wrk on {path}:\n{output}"
        return float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))


class Table:
    """Rows of a table in Markdown; each goes to standard error as soon as it is there."""

    def __init__(self, *columns):
        self.rows = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
        self.missed = 0

    def add(self, what, goal, reached, is_met, *measured):
        """`is_met` is None for a row that has no goal."""
        self.missed += is_met is False
        met = {True: "yes", False: "**no**", None: ""}[is_met]
        self.rows.append(f"| {what} | {goal} | {reached} | {met} | " + " | ".join(str(part) for part in measured) + " |")
        print(self.rows[-1], file=sys.stderr, flush=True)

    def __str__(self):
        return "\n".join(self.rows) + "\n"
