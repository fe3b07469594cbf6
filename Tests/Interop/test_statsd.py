# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# What the reporter sends, as Netdata's statsd server takes it in DogStatsD's form and collectd's in the plain one.

import getpass
import re
import socket

import pytest
import requests

from conftest import COLLECTD, DEBIAN, eventually, free_port, host_program, running

NETDATA = """
[global]
  run as user = {user}
[directories]
  config = {folder}/etc
  stock config = {debian}/usr/lib/netdata/conf.d
  log = {folder}/log
  cache = {folder}/cache
  lib = {folder}/lib
  lock = {folder}/lib
  home = {folder}
  web = {debian}/usr/share/netdata/web
  plugins = {folder}/plugins
[db]
  mode = ram
  update every = 1
[web]
  bind to = 127.0.0.1:{web}
[ml]
  enabled = no
[health]
  enabled = no
[plugins]
  enable running new plugins = no
  proc = no
  diskspace = no
  cgroups = no
  tc = no
  idlejitter = no
  timex = no
  netdata monitoring = no
  netdata monitoring extended = no
  profile = no
  checks = no
[statsd]
  bind to = udp:127.0.0.1:{statsd}
"""

STATSD_OF_COLLECTD = COLLECTD + """
LoadPlugin csv
<Plugin csv>
  DataDir "csv"
  StoreRates false
</Plugin>
LoadPlugin statsd
<Plugin statsd>
  Host "127.0.0.1"
  Port "{statsd}"
</Plugin>
"""


def free_udp_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def reporting(address, dialect, log):
    # Only what the test sets: a machine with an agent has these variables.
    names = ["ENV", "SERVICE", "VERSION", "TAGS", "ENTITY_ID", "EXTERNAL_ENV", "CARDINALITY"]
    environment = {f"DD_{name}": "" for name in names} | {"DD_ENV": "interop", "DD_TAGS": "team:a,b", "DD_CARDINALITY": "low"}
    return running(host_program(), "report", address, dialect, environment=environment, log=log)


class Netdata:
    def __init__(self, web):
        self.url = f"http://127.0.0.1:{web}/api/v1/allmetrics?format=prometheus&source=as-collected"

    def values(self):
        """name with its kind -> value, as the last line had it or as all of them add up."""
        lines = re.findall(r'^netdata_statsd_(\w+){.*dimension="(gauge|counter)"} (\S+)', requests.get(self.url, timeout=5).text, re.M)
        # Gauges are kept in thousandths.
        return {name: float(value) / (1000 if kind == "gauge" else 1) for name, kind, value in lines}


@pytest.fixture(scope="module")
def netdata(tmp_path_factory):
    folder = tmp_path_factory.mktemp("netdata_statsd")
    for name in ["etc", "log", "cache", "lib", "plugins"]:
        (folder / name).mkdir()
    web, statsd = free_port(), free_udp_port()
    configuration = folder / "netdata.conf"
    configuration.write_text(NETDATA.format(user=getpass.getuser(), folder=folder, debian=DEBIAN, web=web, statsd=statsd))
    libraries = next(DEBIAN.glob("usr/lib/*/libuv.so.1")).parent
    with running(
        DEBIAN / "usr/sbin/netdata", "-D", "-c", configuration,
        environment={"LD_LIBRARY_PATH": str(libraries), "DO_NOT_TRACK": "1"}, log=folder / "log" / "program",
    ):
        server = Netdata(web)
        eventually(lambda: requests.get(server.url, timeout=5).ok, within=30, about="Netdata answers")
        with reporting(f"127.0.0.1:{statsd}", "dogstatsd", folder / "log" / "host") as host:
            url = host.line(within=20).removesuffix("/debug/")
            server.host, server.host_url, server.log = host, url, folder / "log"
            eventually(lambda: server.values().get("interop_jobs_total_counter_total"), within=20, about="Netdata has a counter")
            yield server
            assert host.end_input() == 0


def test_netdata_receives_the_registry_in_the_form_of_dogstatsd(netdata):
    expected = {
        "interop_jobs_total_counter_total": 42,
        "interop_requests_total_counter_total": 7,
        "interop_latency_seconds_count_counter_total": 4,
        "interop_queue_depth_gauge": 2.5,
        "interop_reserve_bytes_gauge": 1.5e9,
        "interop_cache_hits_gauge": 12,
        "interop_cache_ratio_gauge": 0.75,
    }
    values = netdata.values()
    assert {name: values.get(name) for name in expected} == expected


def test_netdata_adds_counts_up_to_what_the_counter_has(netdata):
    for _ in range(5):
        netdata.host.say("line")
    counted = lambda: netdata.values().get("interop_input_lines_total_counter_total") == 5
    eventually(counted, within=20, about="Netdata has counted five lines")


def test_netdata_receives_every_runtime_metric(netdata):
    described = requests.get(netdata.host_url + "/debug/metrics?format=json", timeout=10).json()["metrics"]
    present = [metric for metric in described if metric["value"] is not None and metric["kind"] != "histogram"]
    assert len(present) > 40
    names = {re.sub(r"[^a-zA-Z0-9]", "_", "runtime.swift.metrics." + metric["name"][1:]) + "_gauge" for metric in present}
    missing = lambda: sorted(names - netdata.values().keys())
    eventually(lambda: not missing(), within=20, about="all runtime metrics are at Netdata")
    resident = netdata.values()["runtime_swift_metrics_memory_resident_bytes_gauge"]
    pid = netdata.host.process.pid
    pages = int(open(f"/proc/{pid}/statm").read().split()[1]) * 4096
    assert 0.5 < resident / pages < 2


@pytest.fixture(scope="module")
def collectd(tmp_path_factory):
    """type-name -> last value written."""
    folder = tmp_path_factory.mktemp("collectd_statsd")
    statsd = free_udp_port()
    (folder / "collectd.conf").write_text(STATSD_OF_COLLECTD.format(folder=folder, debian=DEBIAN, statsd=statsd))

    def values():
        files = {path.name[: -len("-2026-01-01")]: path.read_text().split() for path in folder.glob("csv/interop/statsd/*")}
        return {name: float(row[-1].partition(",")[2]) for name, row in files.items() if len(row) >= 3}

    with running(DEBIAN / "usr/sbin/collectd", "-f", "-C", folder / "collectd.conf", log=folder / "log"):
        # It has bound its port once it has written that it is up; until then lines would be lost.
        eventually(lambda: "Initialization complete" in (folder / "log").read_text(), within=20, about="collectd is up")
        eventually(lambda: receives(statsd), within=20, about="collectd's statsd has its port")
        with reporting(f"127.0.0.1:{statsd}", "plain", folder / "host") as host:
            host.line(within=20)
            wanted = ["derive-interop_jobs_total", "gauge-interop_below_zero", "gauge-runtime.swift.metrics.memory_resident.bytes"]
            eventually(lambda: all(name in values() for name in wanted), within=20, about="collectd has written its files")
            for _ in range(3):
                host.say("line")
            eventually(lambda: values().get("derive-interop_input_lines_total") == 3, within=20, about="three lines are counted")
            yield values()
            assert host.end_input() == 0
    assert "Unable to parse" not in (folder / "log").read_text()


def receives(port):
    """Whether somebody has the UDP port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False


def test_collectd_receives_the_plain_dialect(collectd):
    expected = {
        "derive-interop_jobs_total": 42,
        "derive-interop_requests_total._users.200": 7,
        "derive-interop_latency_seconds.count": 4,
        "gauge-interop_latency_seconds.sum": 3.125,
        "gauge-interop_queue_depth": 2.5,
        "gauge-interop_below_zero": -7.5,
        "gauge-interop_cache.ratio": 0.75,
    }
    assert {name: collectd.get(name) for name in expected} == expected


def test_collectd_receives_runtime_metrics(collectd):
    assert collectd["gauge-runtime.swift.metrics.enabled"] == 1
    assert collectd["gauge-runtime.swift.metrics.memory_resident.bytes"] > 1e6
    assert collectd["derive-runtime.swift.metrics.memory_faults_minor.faults"] > 0
