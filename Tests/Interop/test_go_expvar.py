# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# /debug/vars against Go's own expvar with the same values.

import json

import pytest
import requests


def fetch(program, method="GET"):
    return requests.request(method, program.url + "/debug/vars", timeout=10)


def lines_without_process_facts(body):
    """The body's lines but for `cmdline`, `memstats` and our `runtime`, which differ in every process, and what scans found."""
    lines = [line for line in body.split(b"\n") if not line.startswith((b'"debug_endpoint_leaked_', b'"debug_endpoint_last_scan_'))]
    kept = [line for line in lines if not line.startswith((b'"cmdline": ', b'"memstats": ', b'"runtime": '))]
    assert len(lines) - len(kept) in (2, 3), "expected one cmdline and one memstats line, and at most one runtime line"
    return kept


def test_expvar_bodies_are_byte_identical_after_dropping_process_facts(expvar_host, oracle):
    ours = lines_without_process_facts(fetch(expvar_host).content)
    gos = lines_without_process_facts(fetch(oracle).content)
    differences = [f"ours: {line!r}" for line in ours if line not in gos] + [f"Go's: {line!r}" for line in gos if line not in ours]
    assert not differences, "\n".join(differences)
    assert b"\n".join(ours) == b"\n".join(gos)


def test_the_comparison_would_notice_one_changed_byte(oracle):
    lines = lines_without_process_facts(fetch(oracle).content)
    assert b'"interop_level_1e6": 1e+06,' in lines
    assert b"\n".join(lines) != b"\n".join(lines).replace(b"1e+06", b"1e+6")


def test_cmdline_is_an_array_of_strings_and_memstats_has_every_field_of_gos_with_integers_where_go_has_them(expvar_host, oracle):
    ours, gos = fetch(expvar_host).json(), fetch(oracle).json()
    assert ours["cmdline"][1:] == ["expvar"] and ours["cmdline"][0].endswith("InteropHost")
    assert set(gos["memstats"]) <= set(ours["memstats"])

    def shape(value):
        if isinstance(value, list):
            return [len(value), shape(value[0])]
        if isinstance(value, dict):
            return {key: shape(inner) for key, inner in value.items()}
        return type(value)

    for name, value in gos["memstats"].items():
        # Go writes 0 for a float that is 0, so only its integers tell the type.
        if name == "GCCPUFraction":
            assert isinstance(ours["memstats"][name], (int, float))
        else:
            assert (name, shape(ours["memstats"][name])) == (name, shape(value))


def test_the_body_is_strict_json_without_repeated_keys(any_host):
    def without_repeats(pairs):
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys)), f"repeated key in {sorted(keys)}"
        return dict(pairs)

    def refuse(constant):
        pytest.fail(f"{constant} is no JSON")

    json.loads(fetch(any_host).content.decode("utf-8"), object_pairs_hook=without_repeats, parse_constant=refuse)


def test_content_type_is_gos(expvar_host, oracle):
    assert fetch(expvar_host).headers["Content-Type"] == fetch(oracle).headers["Content-Type"]


def test_head_answers_like_get_without_a_body(expvar_host, oracle):
    for program in (expvar_host, oracle):
        reply = fetch(program, "HEAD")
        assert (reply.status_code, reply.headers["Content-Type"], reply.content) == (200, "application/json; charset=utf-8", b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused_with_gos_status_and_allow(expvar_host, oracle, method):
    replies = [fetch(program, method) for program in (expvar_host, oracle)]
    assert [(reply.status_code, reply.headers["Allow"]) for reply in replies] == [(405, "GET, HEAD")] * 2
