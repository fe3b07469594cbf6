# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# /metrics against Prometheus's own linter: parse errors and naming advice.

import subprocess

import pytest
import requests

from conftest import DEBIAN


def check(text):
    return subprocess.run(
        [DEBIAN / "usr/bin/promtool", "check", "metrics"], input=text, capture_output=True, timeout=30,
    )


def fetch(program, accept=None):
    return requests.get(program.url + "/metrics", headers={"Accept": accept}, timeout=10)


@pytest.mark.parametrize("accept", [None, "text/plain", "text/plain;version=0.0.4;q=1,*/*;q=0.1", "*/*"])
def test_promtool_finds_nothing_to_object_to_in_the_text_form(careful_host, accept):
    reply = fetch(careful_host, accept)
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    checked = check(reply.content)
    assert (checked.stderr.decode(), checked.returncode) == ("", 0)


def test_promtool_can_parse_whatever_was_registered(misuse_host):
    checked = check(fetch(misuse_host).content)
    assert checked.returncode in (0, 3), checked.stderr.decode()  # 3 is advice about names


def test_promtool_would_object():
    assert check(b"# TYPE jobs counter\njobs 1\n").returncode == 3
    assert check(b"jobs one\n").returncode == 1
