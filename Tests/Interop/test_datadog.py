# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# Datadog's own check for OpenMetrics, as the Agent runs it, scrapes /metrics.

import pytest
import requests
from datadog_checks.base import OpenMetricsBaseCheckV2
from datadog_checks.base.stubs import aggregator, datadog_agent


def scrape(url, rounds=1, **options):
    """What the check sends: name -> [(kind, value, tags)]."""
    aggregator.reset()
    datadog_agent.reset()
    instance = {"openmetrics_endpoint": url + "/metrics", "namespace": "swift", "metrics": [".+"], **options}
    check = OpenMetricsBaseCheckV2("swift", {}, [instance])
    check.__NAMESPACE__ = ""
    for _ in range(rounds):
        found = check.run()
        assert found == "", found
    kinds = {number: name for name, number in aggregator.METRIC_ENUM_MAP.items()}
    return {name: [(kinds[stub.type], stub.value, sorted(stub.tags)) for stub in aggregator.metrics(name)]
            for name in aggregator.metric_names}


def values(sent, name, kind):
    return {tuple(tag for tag in tags if not tag.startswith("endpoint:")): value for found, value, tags in sent[name] if found == kind}


@pytest.fixture(scope="module")
def sent(metrics_host):
    return scrape(metrics_host.url, rounds=2)


def test_the_check_finds_the_endpoint_healthy(metrics_host):
    scrape(metrics_host.url)
    (health,) = aggregator.service_checks("swift.openmetrics.health")
    assert health.status == OpenMetricsBaseCheckV2.OK


def test_counters_arrive_as_monotonic_counts(sent):
    assert values(sent, "swift.interop_jobs.count", "monotonic_count") == {(): 42}
    assert values(sent, "swift.interop_requests.count", "monotonic_count")[("route:/users", "status:200")] == 7


def test_gauges_arrive_as_gauges(sent):
    assert values(sent, "swift.interop_queue_depth", "gauge") == {(): -2.5}
    assert values(sent, "swift.interop_reserve_bytes", "gauge") == {(): 1.5e9}


def test_histograms_arrive_with_count_sum_and_buckets(sent):
    assert values(sent, "swift.interop_latency_seconds.count", "monotonic_count") == {(): 4}
    assert values(sent, "swift.interop_latency_seconds.sum", "monotonic_count") == {(): 2000001.625}
    buckets = values(sent, "swift.interop_latency_seconds.bucket", "monotonic_count")
    assert buckets[("upper_bound:0.25",)] == 1 and buckets[("upper_bound:10.0",)] == 3


def test_every_number_of_the_runtime_arrives(sent, metrics_host):
    described = requests.get(metrics_host.url + "/debug/metrics?format=json", timeout=20).json()["metrics"]
    shown = [metric for metric in described if metric["value"] is not None and metric["kind"] != "histogram"]
    assert len(shown) > 40
    for metric in shown:
        name = "swift." + metric["prometheus"]
        name = name.removesuffix("_total") + ".count" if metric["cumulative"] else name
        assert name in sent, name


def test_the_check_would_object(metrics_host):
    with pytest.raises(AssertionError, match="404"):
        scrape(metrics_host.url + "/nothing")
