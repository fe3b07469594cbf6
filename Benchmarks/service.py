# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
"""What the allocation tap costs a service: BusyService with it against BusyService without."""

import json
import random
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

from measuring import Samples, Table

TITLE = "A service with the tap and without"
NOTES = """\
Examples/BusyService is built with the package's traits as they are and with `traits: []`. Both run at the same time and are
asked in turn: a window is the same number of `POST /sum` with 4000 numbers each over eight connections that stay open, from a
program in Python that takes its share of the processors in either. The service parses the JSON, sums in a task group, and posts
to an actor. Compared are neighbouring windows: requests per second by the wall, and processor time of the whole service per
request, which does not see what else the machine runs. Both are medians over pairs with the interval that has the true median
with 95 % confidence; processes are fresh in every round. The goal counts as met when the processor time says so and the
wall's interval does not deny it. The control is a second process without the tap in the place of the one with it.

What it costs is the samples, not the counts and the map: with the rate set to 0 the difference was within the noise. A request
allocates a megabyte in 8100 blocks, so two stacks of some thirty frames are taken for each, with their async callers.
"""

CONNECTIONS = 8


class Service:
    """A BusyService of our own, and connections to it."""

    def __init__(self, program):
        self.process = subprocess.Popen([str(program), "--port", "0", "--seconds", "3600"], stdout=subprocess.PIPE, text=True,
                                        env={"DEBUG_ENDPOINT": "127.0.0.1:0", "PATH": "/usr/bin:/bin"})
        url = self.process.stdout.readline()
        assert url.startswith("http://127.0.0.1:"), f"{program} did not start: {url}"
        self.debug = self.process.stdout.readline().strip()
        port = int(url.rsplit(":", 1)[1].strip("/\n"))
        self.connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
        for connection in self.connections:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def processor_seconds(self):
        return time.clock_gettime(~self.process.pid << 3 | 2)

    def window(self, requests, count):
        """Seconds by the wall and of the processor for so many requests on each connection."""
        failures = []

        def ask(connection, first):
            try:
                for index in range(count):
                    connection.sendall(requests[(first + index) % len(requests)])
                    answer = b""
                    while not answer.endswith(b"}"):
                        part = connection.recv(65536)
                        assert part, "the connection was closed"
                        answer += part
                    assert answer.startswith(b"HTTP/1.1 200 ") and b'"count":4000' in answer, answer
            except Exception as error:  # told by the thread that waits
                failures.append(error)

        threads = [threading.Thread(target=ask, args=(connection, index)) for index, connection in enumerate(self.connections)]
        processor, wall = self.processor_seconds(), time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wall, processor = time.monotonic() - wall, self.processor_seconds() - processor
        assert not failures, failures
        return wall, processor

    def end(self):
        for connection in self.connections:
            connection.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def documents():
    """Requests with random amounts, always the same."""
    generator, requests = random.Random(1), []
    for _ in range(16):
        body = json.dumps({"account": generator.choice(["blue", "green", "red"]),
                           "numbers": [generator.randrange(100_000_000) / 100 for _ in range(4000)]}).encode()
        head = f"POST /sum HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {len(body)}\r\n\r\n".encode()
        requests.append(head + body)
    return requests


class Services:
    def __init__(self, options):
        self.options = options
        self.requests = documents()
        self.table = Table("what", "goal", "reached", "met", "difference: median (95 % confidence)", "with", "without")

    def compare(self, words, first, goal):
        """The program called `first` against the one without the tap."""
        wall, processor = Samples("%", 2), Samples("%", 2)
        rates, times = ([Samples("requests/s", 0) for _ in range(2)], [Samples("ms", 3) for _ in range(2)])
        count = self.options.service_requests
        for _ in range(self.options.service_rounds):
            services = [Service(self.options.busy / first), Service(self.options.busy / "off")]
            try:
                for service in services:
                    refused = self.is_refused(service)
                    assert refused == (service is services[1] or first.startswith("off")), "the tap is not what it should be"
                    service.window(self.requests, 2 * count)  # warm up
                for index in range(self.options.service_pairs):
                    found = {}
                    for side in (0, 1) if index % 2 else (1, 0):
                        found[side] = services[side].window(self.requests, count)
                        rates[side].values.append(CONNECTIONS * count / found[side][0])
                        times[side].values.append(found[side][1] * 1000 / (CONNECTIONS * count))
                    # Fewer requests in a second of the wall, and of the processor.
                    wall.values.append((1 - found[1][0] / found[0][0]) * 100)
                    processor.values.append((1 - found[1][1] / found[0][1]) * 100)
            finally:
                for service in services:
                    service.end()
        shown = [f"{name} **{samples.median:.2f} %** fewer ({samples.interval[0]:.2f} to {samples.interval[1]:.2f})"
                 for name, samples in (("by processor time", processor), ("by the wall", wall))]
        is_met = processor.median <= goal and wall.interval[0] <= goal if goal else None
        self.table.add(f"requests/s of BusyService, `POST /sum`: {words}", f"at most {goal} % fewer" if goal else "",
                       f"{processor.median:.2f} % fewer", is_met, f"{', '.join(shown)}; {len(wall.values)} pairs",
                       f"{rates[0]}, {times[0]} of processor time each", f"{rates[1]}, {times[1]}")

    @staticmethod
    def is_refused(service):
        try:
            urllib.request.urlopen(service.debug + "pprof/heap", timeout=60).read()
            return False
        except urllib.error.HTTPError as error:
            assert error.code == 501, error
            return True

    def run(self):
        self.compare("tap on, sampling, against off", "on", 2)
        self.compare("off against off, the control", "off", None)
