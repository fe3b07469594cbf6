# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# A real Prometheus scrapes /metrics for five seconds; then it is asked what it understood.

import time

import pytest
import requests

from conftest import DEBIAN, eventually, free_port, running
from values import EXEMPLAR, EXEMPLAR_SERIES, METADATA, SAMPLES

CONFIGURATION = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: interop
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
  - job_name: others  # only whether it can read them
    static_configs: [{{targets: ["127.0.0.1:{expvar_port}", "127.0.0.1:{misuse_port}"]}}]
    metric_relabel_configs: [{{source_labels: [__name__], action: drop}}]
"""


class Prometheus:
    def __init__(self, url):
        self.url = url

    def api(self, path, **parameters):
        reply = requests.get(f"{self.url}/api/v1/{path}", params=parameters, timeout=5)
        assert reply.status_code == 200, reply.text
        return reply.json()["data"]

    def value(self, query):
        results = self.api("query", query=query)["result"]
        assert len(results) == 1, f"{query}: {results}"
        return results[0]["value"][1]


@pytest.fixture(scope="module")
def prometheus(metrics_host, expvar_host, misuse_host, tmp_path_factory):
    port = free_port()
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "prometheus.yml").write_text(
        CONFIGURATION.format(port=metrics_host.port, expvar_port=expvar_host.port, misuse_port=misuse_host.port))
    with running(
        DEBIAN / "usr/bin/prometheus",
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
        "--enable-feature=exemplar-storage",
        log=folder / "log",
    ):
        started = Prometheus(f"http://127.0.0.1:{port}")
        eventually(lambda: requests.get(started.url + "/-/ready", timeout=2).status_code == 200, within=30, about="Prometheus is ready")
        eventually(lambda: float(started.value("min(count_over_time(up[1m]))")) >= 5, within=30, about="five scrapes")
        yield started


def test_every_target_is_up_without_an_error_in_any_of_five_scrapes(prometheus):
    targets = prometheus.api("targets")["activeTargets"]
    unhappy = [(target["scrapeUrl"], target["lastError"]) for target in targets if (target["health"], target["lastError"]) != ("up", "")]
    assert len(targets) == 3 and not unhappy, unhappy
    assert prometheus.value("min(min_over_time(up[1m]))") == "1"


@pytest.mark.parametrize("query", SAMPLES)
def test_prometheus_stores_exactly_the_value(prometheus, query):
    assert prometheus.value(query) == SAMPLES[query]


@pytest.mark.parametrize("family", METADATA)
def test_prometheus_knows_type_unit_and_help(prometheus, family):
    # OpenMetrics files a counter's metadata under its name without _total.
    (entry,) = prometheus.api("targets/metadata", metric=family, match_target='{job="interop"}')
    assert (entry["type"], entry["unit"], entry["help"]) == METADATA[family]


def test_prometheus_stores_the_exemplar_with_its_bucket(prometheus):
    now = time.time()
    found = prometheus.api("query_exemplars", query="interop_latency_seconds_bucket", start=now - 120, end=now + 60)
    assert len(found) == 1
    (series,) = found
    assert EXEMPLAR_SERIES.items() <= series["seriesLabels"].items()
    assert {(tuple(one["labels"].items()), one["value"]) for one in series["exemplars"]} == {(tuple(EXEMPLAR[0].items()), EXEMPLAR[1])}


def test_prometheus_sees_a_counter_move(prometheus, metrics_host):
    before = float(prometheus.value("interop_input_lines_total"))
    metrics_host.say("one")
    metrics_host.say("two")
    eventually(lambda: float(prometheus.value("interop_input_lines_total")) == before + 2, within=15, about="the counter has moved by 2")


def test_a_scrape_stores_no_series_twice_and_none_under_gos_names(prometheus):
    scraped = prometheus.value('scrape_samples_scraped{job="interop"}')
    assert scraped == prometheus.value('scrape_samples_post_metric_relabeling{job="interop"}')
    assert scraped == prometheus.value('count({job="interop",__name__!~"up|scrape_.*"})')
    assert prometheus.api("query", query='{__name__=~"go_.*"}')["result"] == []


@pytest.mark.parametrize("query", [
    "process_threads", "process_resident_memory_bytes", "process_open_fds", "swift_memory_classes_total_bytes",
    "swift_memory_heap_in_use_bytes", "swift_sched_threads_waiting_threads", "swift_cpu_limit_processors",
    "rate(process_cpu_seconds_total[1m])", "rate(swift_io_read_bytes_total[1m])",
])
def test_prometheus_has_runtime_metrics(prometheus, query):
    assert int(prometheus.value(f"count({query} >= 0)")) == 1


def test_memory_classes_add_up_in_prometheus(prometheus):
    classes = "heap stacks files image_data debug_endpoint other".split()
    total = " + ".join(f"swift_memory_classes_{name}_bytes" for name in classes)
    assert int(prometheus.value(f"count(({total}) == swift_memory_classes_total_bytes)")) == 1
