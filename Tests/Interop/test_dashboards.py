# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# Dashboards/ over a real Prometheus that scrapes a service in trouble and one without: every query has an answer, and the
# alerts fire for the one and not for the other.

import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest
import requests
import yaml

from conftest import DEBIAN, ROOT, eventually, free_port, host_program, running, serving
from test_prometheus import Prometheus

DASHBOARDS = ROOT / "Dashboards"
PROMTOOL = DEBIAN / "usr/bin/promtool"
CGROUPS = pathlib.Path("/sys/fs/cgroup")
RULES = [rule for group in yaml.safe_load((DASHBOARDS / "prometheus-rules.yml").read_text())["groups"] for rule in group["rules"]]
QUERIES = [
    target["expr"].replace("$__rate_interval", "30s").replace('"$job"', '".+"').replace('"$instance"', '".+"')
    for panel in json.loads((DASHBOARDS / "grafana.json").read_text())["panels"] for target in panel.get("targets", [])
]

CONFIGURATION = """
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: ["{rules}"]
scrape_configs:
  - job_name: trouble
    static_configs: [{{targets: ["127.0.0.1:{trouble}"]}}]
  - job_name: healthy
    static_configs: [{{targets: ["127.0.0.1:{healthy}"]}}]
"""


def make_control_groups():
    """A control group with 40 % of a processor and 2 GiB, as its folders; none where that is not permitted.

    Its weight is high, so that it uses up the quota on a busy machine too.
    """
    name = f"interop-{os.getpid()}"
    if (CGROUPS / "cgroup.controllers").exists():
        wanted = {CGROUPS / name: {"cpu.max": "40000 100000", "cpu.weight": "1000", "memory.max": str(2 << 30)}}
    else:
        wanted = {CGROUPS / "cpu" / name: {"cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": "40000", "cpu.shares": "10240"},
                  CGROUPS / "memory" / name: {"memory.limit_in_bytes": str(2 << 30)}}
    made = []
    try:
        for folder, files in wanted.items():
            folder.mkdir()
            made.append(folder)
            for file, value in files.items():
                (folder / file).write_text(value)
        return made
    except OSError as error:
        print(f"no control group: {error}", file=sys.stderr)
        for folder in made:
            folder.rmdir()
        return []


@contextlib.contextmanager
def control_groups():
    folders = make_control_groups()
    try:
        yield folders
    finally:
        for folder in folders:
            eventually(lambda: (folder.rmdir(), True)[1], within=10, about=f"{folder} has no process")


@pytest.fixture(scope="module")
def trouble_host(logs):
    with control_groups() as groups:
        enter = "".join(f'echo $$ >"{folder}/cgroup.procs" || exit; ' for folder in groups)
        with serving("sh", "-c", enter + 'exec "$@"', "sh", host_program(), "trouble", log=logs / "trouble_host") as program:
            program.has_control_group = bool(groups)
            # The first answer reads symbols, which a scrape every second has no time for.
            requests.get(program.url + "/metrics", timeout=120)
            # Two scans make a verdict.
            scan = lambda: requests.get(program.url + "/debug/leaks?format=json", timeout=60)
            program.has_leak_scans = scan().status_code != 404
            if program.has_leak_scans:
                eventually(lambda: scan().json()["leaks"], within=60, about="a leak scan finds who is blocked for ever")
            yield program


@pytest.fixture(scope="module")
def prometheus(trouble_host, expvar_host, tmp_path_factory):
    folder = tmp_path_factory.mktemp("dashboards")
    # What is wrong here has not been so for hours.
    rules, count = re.subn(r"( for:) \w+\n", r"\1 0s\n", (DASHBOARDS / "prometheus-rules.yml").read_text())
    assert count == len([rule for rule in RULES if "for" in rule])
    (folder / "rules.yml").write_text(rules)
    port = free_port()
    (folder / "prometheus.yml").write_text(CONFIGURATION.format(
        rules=folder / "rules.yml", trouble=trouble_host.port, healthy=expvar_host.port))
    requests.get(expvar_host.url + "/metrics", timeout=120)
    requests.get(expvar_host.url + "/debug/leaks", timeout=60)  # so that it says 0
    with running(
        DEBIAN / "usr/bin/prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}", log=folder / "log",
    ):
        started = Prometheus(f"http://127.0.0.1:{port}")
        eventually(lambda: requests.get(started.url + "/-/ready", timeout=2).status_code == 200, within=30, about="Prometheus is ready")
        yield started


def needs(host, query):
    """Skips what this machine or this build cannot have."""
    if re.search("swift_cgroup_cpu_(throttled|periods)|swift_cgroup_memory_limit|swift:(throttled|memory_limit)", query) \
            and not host.has_control_group:
        pytest.skip("no control group can be made here")
    if re.search("leaked|leaks_", query) and not host.has_leak_scans:
        pytest.skip("this build has no /debug/leaks")


def run(*command):
    done = subprocess.run(list(map(str, command)), cwd=DASHBOARDS, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_promtool_accepts_the_rules_and_every_alert_fires_as_its_test_says():
    assert "SUCCESS: 14 rules found" in run(PROMTOOL, "check", "rules", "prometheus-rules.yml")
    assert "SUCCESS" in run(PROMTOOL, "test", "rules", "prometheus-rules-test.yml")
    tested = re.findall(r"alertname: (\w+)", (DASHBOARDS / "prometheus-rules-test.yml").read_text())
    assert set(tested) == {rule["alert"] for rule in RULES if "alert" in rule}


def test_the_dashboards_are_what_their_script_writes():
    run(sys.executable, "generate.py", "--check")


@pytest.mark.parametrize("query", QUERIES)
def test_prometheus_answers_the_query_of_a_panel(prometheus, trouble_host, query):
    needs(trouble_host, query)
    answered = lambda: prometheus.api("query", query=query)["result"]
    eventually(lambda: any(one["metric"].get("job") == "trouble" for one in answered()), within=30, about=query)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.get("record") or rule["alert"])
def test_prometheus_computes_what_a_rule_compares(prometheus, trouble_host, rule):
    figure = rule["expr"].split(" > ")[0]
    needs(trouble_host, figure)
    eventually(lambda: prometheus.api("query", query=figure)["result"], within=30, about=figure)


def firing(prometheus):
    return {(alert["labels"]["alertname"], alert["labels"]["job"]) for alert in prometheus.api("alerts")["alerts"]
            if alert["state"] == "firing"}


@pytest.mark.parametrize("alert", [
    "SwiftWaitersLeaked", "SwiftThrottled", "SwiftHeapGrows", "SwiftDescriptorsNearlyExhausted", "SwiftVariablesHaveProblems",
])
def test_the_alert_fires_for_the_service_in_trouble_only(prometheus, trouble_host, alert):
    needs(trouble_host, {"SwiftWaitersLeaked": "leaked", "SwiftThrottled": "swift:throttled"}.get(alert, ""))
    eventually(lambda: (alert, "trouble") in firing(prometheus), within=60, about=f"{alert} fires")
    assert (alert, "healthy") not in firing(prometheus)
