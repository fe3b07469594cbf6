# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# /debug/vars against Netdata's go_expvar collector, run by its own plugin and speaking the plugin's protocol on standard output.

import pytest
import requests

from conftest import DEBIAN, VENV, running

CONFIGURATION = """
interop:
  name: interop
  update_every: 1
  url: 'http://127.0.0.1:{port}/debug/vars'
  collect_memstats: true
  extra_charts:
    - id: interop
      options: {{name: interop, title: Interop, units: things, family: interop, context: interop.things, chart_type: line}}
      lines:
        - {{expvar_key: interop_jobs_total, expvar_type: int, id: jobs}}
        - {{expvar_key: interop_queue_depth, expvar_type: float, id: depth}}
        - {{expvar_key: interop_requests_total./users.200, expvar_type: int, id: users}}
        - {{expvar_key: interop_cache.hits, expvar_type: int, id: hits}}
"""


@pytest.fixture(scope="module")
def collected(metrics_host, tmp_path_factory):
    """chart -> dimension -> value, of the collector's first round."""
    folder = tmp_path_factory.mktemp("netdata")
    (folder / "python.d").mkdir()
    (folder / "python.d.conf").write_text("go_expvar: yes\n")
    (folder / "python.d" / "go_expvar.conf").write_text(CONFIGURATION.format(port=metrics_host.port))
    environment = {
        "NETDATA_USER_CONFIG_DIR": str(folder),
        "NETDATA_STOCK_CONFIG_DIR": str(DEBIAN / "usr/lib/netdata/conf.d"),
        "NETDATA_LIB_DIR": str(folder),
        "NETDATA_LOCK_DIR": str(folder),
    }
    charts, chart = {}, None
    with running(
        VENV / "bin/python", DEBIAN / "usr/lib/netdata/plugins.d/python.d.plugin", "go_expvar", "1",
        environment=environment, log=folder / "log",
    ) as plugin:
        # BEGIN type.chart microseconds; SET 'dimension' = value; END
        for line in plugin.each_line(within=20):
            match line.split():
                case ["DISABLE"]:
                    pytest.fail((folder / "log").read_text())
                case ["BEGIN", name, *_]:
                    chart = name.strip("'").rpartition(".")[2]
                case ["SET", dimension, "=", value]:
                    charts.setdefault(chart, {})[dimension.strip("'")] = int(value)
            if {"interop", "memstats_gc_pauses"} <= charts.keys() and line == "END":
                return charts


def test_netdata_reads_custom_variables_exactly(collected):
    # The collector multiplies floats by 100 and tells Netdata to divide by as much.
    assert collected["interop"] == {"jobs": 42, "depth": -250, "users": 7, "hits": 12}


def test_netdata_finds_every_memstats_key_it_charts(collected, metrics_host):
    now = requests.get(metrics_host.url + "/debug/vars", timeout=10).json()["memstats"]
    assert collected.keys() >= {f"memstats_{name}" for name in ("heap", "stack", "mspan", "mcache", "sys", "live_objects", "gc_pauses")}
    assert collected["memstats_gc_pauses"] == {"memstats_gc_pauses": 0}
    assert collected["memstats_mspan"] == {"memstats_mspan_inuse": now["MSpanInuse"]}
    # Memory moves between two looks, but not by orders of magnitude.
    heap = collected["memstats_heap"]
    assert now["HeapAlloc"] / 4 < heap["memstats_heap_alloc"] < now["HeapAlloc"] * 4
    assert heap["memstats_heap_inuse"] > 0 and collected["memstats_sys"]["memstats_sys"] > 0
