# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# /debug/vars against collectd's curl_json, which writes what it read to CSV files.

import pytest

from conftest import COLLECTD, DEBIAN, eventually, running

CONFIGURATION = COLLECTD + """
LoadPlugin csv
<Plugin csv>
  # Relative to BaseDir: the plugin refuses a path with a component that begins with a dot.
  DataDir "csv"
</Plugin>
LoadPlugin curl_json
<Plugin curl_json>
  <URL "http://127.0.0.1:{port}/debug/vars">
    Instance "swift"
    <Key "interop_jobs_total">
      Type "derive"
    </Key>
    <Key "interop_queue_depth">
      Type "gauge"
    </Key>
    <Key "interop_cache/*">
      Type "gauge"
    </Key>
    <Key "memstats/HeapAlloc">
      Type "bytes"
    </Key>
    <Key "memstats/PauseNs/0">
      Type "gauge"
      Instance "pause"
    </Key>
    <Key "runtime/process_threads">
      Type "threads"
    </Key>
  </URL>
</Plugin>
"""


@pytest.fixture(scope="module")
def collected(metrics_host, tmp_path_factory):
    """file name without its date -> last value, once every expected file has two rounds."""
    folder = tmp_path_factory.mktemp("collectd")
    (folder / "collectd.conf").write_text(CONFIGURATION.format(folder=folder, debian=DEBIAN, port=metrics_host.port))
    libraries = next(DEBIAN.glob("usr/lib/*/libyajl.so.2")).parent

    def values():
        files = {path.name[: -len("-2026-01-01")]: path.read_text().split() for path in folder.glob("csv/interop/curl_json-swift/*")}
        return {name: row[-1].partition(",")[2] for name, row in files.items() if len(row) >= 3}

    with running(
        DEBIAN / "usr/sbin/collectd", "-f", "-C", folder / "collectd.conf",
        environment={"LD_LIBRARY_PATH": str(libraries)}, log=folder / "log",
    ):
        eventually(lambda: len(values()) >= 7 and values(), within=20, about="collectd has written seven files")
        return values()


def test_collectd_reads_custom_variables_exactly(collected):
    assert int(collected["derive-interop_jobs_total"]) == 42
    assert float(collected["gauge-interop_queue_depth"]) == -2.5
    assert float(collected["gauge-interop_cache-hits"]) == 12
    assert float(collected["gauge-interop_cache-ratio"]) == 0.75


def test_collectd_reads_memstats_and_into_its_arrays(collected):
    assert float(collected["bytes-memstats-HeapAlloc"]) > 0
    assert float(collected["gauge-pause"]) == 0


def test_collectd_reaches_runtime_metrics_by_name(collected):
    assert float(collected["threads-runtime-process_threads"]) >= 2
