# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# /metrics against the strict OpenMetrics parser of prometheus-client, and against what that parser lets pass.

import math
import re
from collections import Counter
from decimal import Decimal

import pytest
import requests
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from values import METADATA, ODD_ROUTE

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


def fetch(program, accept=OPENMETRICS):
    return requests.get(program.url + "/metrics", headers={"Accept": accept}, timeout=10)


def families(program):
    return list(text_string_to_metric_families(fetch(program).content.decode("utf-8")))


def canonical(number):
    """OpenMetrics' canonical form of a bound: Go's shortest %g, and a point or an exponent in any case."""
    if math.isinf(number):
        return "+Inf" if number > 0 else "-Inf"
    shortest = Decimal(repr(number)).normalize()
    exponent = shortest.adjusted()
    if -4 <= exponent < 6 or number == 0:
        plain = format(shortest, "f")
        return plain if "." in plain else plain + ".0"
    mantissa = format(shortest.scaleb(-exponent), "f")
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"


SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})? ')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')


def samples(text):
    """(name, labels) of every sample line; read from the text because the parser keeps one of two equal samples."""
    lines = [line for line in text.split("\n") if line and not line.startswith("#")]
    return [(found[1], frozenset(LABEL.findall(found[2] or ""))) for found in map(SAMPLE.match, lines)]


def samples_that_repeat(text):
    return [sample for sample, times in Counter(samples(text)).items() if times > 1]


def bounds_not_canonical(text):
    bounds = {value for _, labels in samples(text) for label, value in labels if label == "le"}
    return sorted(bound for bound in bounds if bound != canonical(float(bound)))


@pytest.mark.parametrize(
    "accept",
    [
        OPENMETRICS,
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
        "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        "text/plain;q=0.2, application/openmetrics-text; version=1.0.0; charset=utf-8; q=0.8",
    ],
)
def test_the_strict_parser_accepts_what_openmetrics_scrapers_get(any_host, accept):
    reply = fetch(any_host, accept)
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "application/openmetrics-text; version=1.0.0; charset=utf-8")
    assert len(list(text_string_to_metric_families(reply.content.decode("utf-8")))) > 5


def test_no_sample_is_given_twice(any_host):
    repeated = samples_that_repeat(fetch(any_host).text)
    assert not repeated, repeated


def test_every_bound_is_a_canonical_float(metrics_host):
    assert bounds_not_canonical(fetch(metrics_host).text) == []


def test_our_own_checks_see_what_the_parser_lets_pass():
    wrong = '# TYPE a histogram\na_bucket{le="1"} 1\na_bucket{le="+Inf"} 1\na_count 1\na_sum 1\n# TYPE b gauge\nb 1\nb 1\n# EOF\n'
    assert list(text_string_to_metric_families(wrong))
    assert samples_that_repeat(wrong) == [("b", frozenset())]
    assert bounds_not_canonical(wrong) == ["1"]


@pytest.mark.parametrize(
    "number, written",
    [(1, "1.0"), (0, "0.0"), (0.25, "0.25"), (1e-5, "1e-05"), (0.0001, "0.0001"), (1e6, "1e+06"), (100000, "100000.0"),
     (1234567.5, "1.2345675e+06"), (-2.5, "-2.5"), (math.inf, "+Inf")],
)
def test_the_canonical_form_is_gos(number, written):
    assert canonical(float(number)) == written


@pytest.mark.parametrize("name", METADATA)
def test_type_unit_and_help_survive(metrics_host, name):
    (family,) = [family for family in families(metrics_host) if family.name == name]
    assert (family.type, family.unit, family.documentation) == METADATA[name]


def test_label_values_survive_their_escapes(metrics_host):
    (family,) = [family for family in families(metrics_host) if family.name == "interop_requests"]
    found = {(sample.labels["route"], sample.labels["status"]): sample.value for sample in family.samples if sample.name.endswith("_total")}
    assert found == {("/users", "200"): 7, ("/users", "404"): 1, (ODD_ROUTE, "200"): 3}


def test_the_exemplar_sits_on_the_bucket_it_fell_in(metrics_host):
    (family,) = [family for family in families(metrics_host) if family.name == "interop_latency_seconds"]
    found = [(sample.labels.get("le"), sample.exemplar.labels, sample.exemplar.value) for sample in family.samples if sample.exemplar]
    assert found == [("1.0", {"trace_id": "4bf92f3577b34da6"}, 0.5)]


def test_counters_keep_every_digit(expvar_host):
    body = fetch(expvar_host).text
    assert re.search(r"^interop_beyond_double_total 9007199254740993(\.0)?$", body, re.M)
    assert re.search(r"^interop_largest_total 9223372036854775807(\.0)?$", body, re.M)


def test_labels_that_differ_in_bytes_only_stay_apart(expvar_host):
    (family,) = [family for family in families(expvar_host) if family.name == "interop_requests"]
    found = {sample.labels["route"]: sample.value for sample in family.samples if sample.name.endswith("_total")}
    assert (found["\u00e9"], found["e\u0301"], found["K"], found["\u212a"], found["\r\n"]) == (4, 5, 6, 7, 13)
    assert len(found) == 21
