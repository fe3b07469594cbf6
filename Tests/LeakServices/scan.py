# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
"""Scans services under load for leaks, of which they have none:  scan.py PROGRAMS SCANS

Every core is kept busy beside them: much ends and begins then between two words that a scan reads. Every accusation fails the
run, with what the endpoint says about it. What is `unknown` is counted. At the end two of the services lose continuations, of
which some must be found."""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
import urllib.request


class Service:
    """A process of ours with an endpoint."""

    def __init__(self, program, *arguments, has_url=True, counter):
        self.name, self.counter = program.name, counter
        self.process = subprocess.Popen([str(program), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={"DEBUG_ENDPOINT": "127.0.0.1:0", "PATH": "/usr/bin:/bin"})
        self.url = self.process.stdout.readline().strip() if has_url else None
        self.debug = self.process.stdout.readline().strip()
        assert self.debug.startswith("http://127.0.0.1:"), f"{self.name} did not start: {self.url} {self.debug}"
        self.scans, self.waiters, self.unknown, self.seconds, self.accused = 0, [], [], [], 0

    def get(self, path):
        with urllib.request.urlopen(self.debug + path, timeout=120) as answer:
            return answer.read().decode()

    def request(self, path):
        with urllib.request.urlopen(f"{self.url}/{path}", timeout=120) as answer:
            return answer.read()

    def work(self):
        """How much it has done so far."""
        # A client that has had no answer yet has not counted any.
        found = json.loads(self.get(f"vars?match={self.counter}")).get(self.counter, 0)
        def total(value):
            return sum(map(total, value.values())) if isinstance(value, dict) else value
        return total(found)

    def scan(self):
        report = json.loads(self.get("leaks?format=json"))
        self.scans += 1
        self.waiters.append(report["waiters"])
        self.seconds.append(report["duration_seconds"])
        self.unknown += [entry["reason"] for entry in report["unknown"]]
        return report["leaks"]

    def accuse(self, leaks):
        self.accused += len(leaks)
        print(f"FAILED: {self.name}, scan {self.scans}, accuses {len(leaks)}:\n{json.dumps(leaks, indent=1)}\n"
              f"{self.get('leaks')}\n{self.get('tasks')}", file=sys.stderr, flush=True)

    def summary(self):
        reasons = {reason: self.unknown.count(reason) for reason in set(self.unknown)}
        times = sorted(self.seconds)
        return (f"{self.name}: {self.scans} scans, {self.accused} accusations, {len(self.unknown)} unknown {reasons or ''}; "
                f"waiters {min(self.waiters)} to {max(self.waiters)}; "
                f"median {statistics.median(times) * 1000:.0f} ms, longest {times[-1] * 1000:.0f} ms")

    def end(self):
        self.process.stdin.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def looked_at(services, scans):
    """Scans each in turn while all of them work; returns how many failed."""
    before = [service.work() for service in services]
    start = time.monotonic()
    for index in range(scans):
        for service in services:
            leaks = service.scan()
            if leaks:
                service.accuse(leaks)
        # Every wait that is accused once is accused for ever: more of the same would say nothing.
        if any(service.accused for service in services):
            break
        if index == 0 and min(service.waiters[0] for service in services) == 0:
            print("FAILED: a service has no waiters to look at", file=sys.stderr)
            return 1
    seconds = time.monotonic() - start
    failed = 0
    for service, then in zip(services, before):
        done = service.work() - then
        print(f"{service.summary()}; {done} requests meanwhile, {done / seconds:.0f} a second", flush=True)
        failed += service.accused > 0
        if done < scans:
            print(f"FAILED: {service.name} was not under load", file=sys.stderr)
            failed += 1
    return failed


# In each service, one after the other. Words that other work has left where they look like references may hide any of them.
LOST = 16


def finds_what_is_lost(server, client):
    """The control: continuations lost in each."""
    for _ in range(LOST):
        server.request("lose")
        client.process.stdin.write("lose\n")
        client.process.stdin.flush()
    failed = 0
    for service in (server, client):
        deadline = time.monotonic() + 60
        while not (leaks := service.scan()) and time.monotonic() < deadline:
            time.sleep(0.2)
        found = [leak["verdict"] for leak in leaks if leak["name"] == "lost"]
        print(f"{service.name}: lost {LOST}, found {len(found)}", flush=True)
        if not found or found != ["orphaned"] * len(leaks):
            print(f"FAILED: {service.name} lost {LOST} continuations, and this was found: {leaks}", file=sys.stderr)
            failed += 1
    return failed


def main():
    programs, scans = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    busy_loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        sys.exit(1 if failures(programs, scans) else 0)
    finally:
        for loop in busy_loops:
            loop.kill()
            loop.wait()


def failures(programs, scans):
    """How many services failed."""
    failed = 0
    busy = Service(programs / "BusyService", "--port", "0", "--load", "4", "--seconds", "7200", counter="busy_requests_total")
    try:
        failed += looked_at([busy], scans)
    finally:
        busy.end()
    server = Service(programs / "HummingbirdService", counter="service_requests_total")
    try:
        client = Service(programs / "ClientService", server.url, has_url=False, counter="service_answers_total")
        try:
            failed += looked_at([server, client], scans)
            failed += finds_what_is_lost(server, client)
        finally:
            client.end()
    finally:
        server.end()
    return failed


if __name__ == "__main__":
    main()
