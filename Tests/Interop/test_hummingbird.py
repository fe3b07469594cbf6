# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# Examples/BusyService is a Hummingbird service that says MetricsSystem.bootstrap(DebugMetricsFactory(.shared)) and runs the
# endpoint in its ServiceGroup. What Hummingbird's own middleware counts must be there without further code.

import os
import signal
import subprocess

import pytest
import requests

from conftest import eventually, running
from test_promtool import check

ROUTE, METHOD, STATUS = "http_route", "http_request_method", "http_response_status_code"


@pytest.fixture(scope="module")
def service(logs):
    with running(os.environ["INTEROP_BUSY_SERVICE"], "serve", "--port", "0", "--seconds", "300",
                 environment={"DEBUG_ENDPOINT": "127.0.0.1:0"}, log=logs / "busy_service") as program:
        program.service = program.line(within=60).rstrip("/")
        program.url = program.line(within=10).removesuffix("/debug/")
        for _ in range(3):
            assert requests.get(program.service + "/slow?currency=USD", timeout=20).status_code == 200
        assert requests.get(program.service + "/slow?currency=dollars", timeout=20).status_code == 400
        assert requests.post(program.service + "/sum", json={"account": "blue", "numbers": [1, 2]}, timeout=20).status_code == 200
        assert requests.get(program.service + "/nowhere", timeout=20).status_code == 404
        yield program


def variable(service, name):
    return requests.get(service.url + "/debug/vars", params={"match": name}, timeout=20).json()[name]


def test_requests_by_method_status_and_route_are_exact(service):
    # Hummingbird counts after the last byte is written.
    expected = {"GET": {"200": {"/slow": 3}, "400": {"/slow": 1}, "404": {"NotFound": 1}}, "POST": {"200": {"/sum": 1}}}
    eventually(lambda: variable(service, "hb_requests") == expected, within=20, about=f"hb_requests is {expected}")


def test_errors_carry_their_own_dimension(service):
    errors = variable(service, "hb_request_errors")
    # It makes all counters of a route and status together, so those without an error are 0.
    happened = {status: methods for status, methods in errors.items() if any(sum(routes.values()) for routes in methods.values())}
    assert happened == {"400": {"GET": {"/slow": 1}}, "404": {"GET": {"NotFound": 1}}}


def test_durations_are_a_histogram_in_seconds(service):
    series = eventually(
        lambda: [line for line in requests.get(service.url + "/metrics", timeout=20).text.splitlines()
                 if line.startswith("http_server_request_duration_count")], within=20, about="durations")
    assert f'http_server_request_duration_count{{{METHOD}="GET",{STATUS}="200",{ROUTE}="/slow"}} 3' in series
    total = variable(service, "http_server_request_duration")["GET"]["200"]["/slow"]["sum"]
    assert 0.03 < total < 60  # the dependency thinks for 20 ms each


def test_requests_in_flight_go_back_to_none(service):
    eventually(lambda: variable(service, "http_server_active_requests") == {"GET": 0, "POST": 0}, within=20, about="no request is in flight")


def test_hummingbirds_own_agree_with_the_programs(service):
    ours = variable(service, "busy_requests_total")
    assert ours["/slow"]["200"] == 3 and ours["/sum"]["200"] == 1


def test_prometheus_can_read_all_of_it_and_nothing_is_reported(service):
    reply = requests.get(service.url + "/metrics", timeout=20)
    assert check(reply.content).returncode in (0, 3)  # 3: Hummingbird's counters do not end in _total
    assert "debug_endpoint_problems 0" in reply.text.splitlines()


def test_the_endpoint_ends_with_the_service_group(service):
    service.process.send_signal(signal.SIGTERM)
    try:
        assert service.process.wait(timeout=20) == 0
    except subprocess.TimeoutExpired:
        pytest.fail("the service did not end on SIGTERM")
    with pytest.raises(requests.ConnectionError):
        requests.get(service.url + "/debug/", timeout=5)
