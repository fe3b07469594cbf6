# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# `promtool debug pprof`, which parses every profile with Go's own package and keeps them in an archive.

import http.server
import subprocess
import tarfile
import threading

import pytest
import requests

from conftest import DEBIAN
from pprof import raw

# What promtool insists on and this endpoint refuses: block and mutex do not exist, who made the threads nobody keeps.
REFUSED = {"block": 404, "mutex": 404, "threadcreate": 501, "trace": 404}


@pytest.fixture
def gateway(work_host):
    """A way to the host on which a CPU profile takes one second, and an empty profile stands in for a refused one."""
    statuses = {}

    class Gateway(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            name = self.path.rpartition("/")[2].partition("?")[0]
            answer = requests.get(work_host.url + self.path.replace("seconds=30", "seconds=1"), timeout=30)
            statuses[name] = answer.status_code
            # A sample type alone makes a profile.
            body = answer.content if answer.status_code == 200 else b"\x0a\x04\x08\x01\x10\x01\x32\x00\x32\x05count"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", statuses
        server.shutdown()


def collect(url, folder):
    return subprocess.run(
        [DEBIAN / "usr/bin/promtool", "debug", "pprof", url], cwd=folder, capture_output=True, text=True, timeout=120)


def test_promtool_collects_and_parses_what_there_is(gateway, work_host, tmp_path):
    url, statuses = gateway
    work_host.say("burn")
    collected = collect(url, tmp_path)
    work_host.say("rest")
    assert collected.returncode == 0, collected.stdout + collected.stderr
    assert statuses == REFUSED | {"goroutine": 200, "profile": 200, "heap": 200}
    with tarfile.open(tmp_path / "debug.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    assert raw("goroutine.pb", tmp_path).total("waitForTheMutex(_:)", kind="thread") == 3
    assert raw("heap.pb", tmp_path).types[-1] == ("inuse_space", "bytes")
    assert raw("cpu.pb", tmp_path).total("burnMuch(_:)") > 0


def test_promtool_would_notice_an_answer_that_is_no_profile(work_host, tmp_path):
    collected = collect(work_host.url + "/nowhere", tmp_path)
    assert collected.returncode == 1 and "error" in collected.stderr, collected.stdout + collected.stderr
