# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# The JSON of /debug/threads and /debug/tasks against the schemas of openapi.yaml, and against a process whose waits are known.

import copy

import jsonschema
import pytest
import requests
import yaml

from conftest import ROOT


def get(host, path, **parameters):
    answer = requests.get(f"{host.url}/debug/{path}", params=parameters, headers={"Accept": "application/json"}, timeout=30)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json; charset=utf-8"), answer.text
    return answer.json()


@pytest.fixture(scope="module")
def validators():
    """path -> what its answers must be."""
    components = yaml.safe_load((ROOT / "openapi.yaml").read_text())["components"]
    return {
        name.lower(): jsonschema.Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": components})
        for name in ["Threads", "Tasks"]
    }


BOTH = [{}, {"limit": 1}, {"limit": 0}, {"state": "any"}, {"state": "running"}, {"name": "*e*"}, {"id": 0}]


@pytest.mark.parametrize(
    "path, parameters",
    [("threads", query) for query in [*BOTH, {"state": "waiting"}]] + [("tasks", query) for query in [*BOTH, {"state": "suspended"}]])
def test_the_json_is_as_the_contract_says(validators, work_host, metrics_host, path, parameters):
    for host in [work_host, metrics_host]:
        assert [error.message for error in validators[path].iter_errors(get(host, path, **parameters))] == []


@pytest.mark.parametrize("path", ["threads", "tasks"])
def test_the_schemas_would_refuse_other_documents(validators, work_host, path):
    right = get(work_host, path)
    assert validators[path].is_valid(right)

    def changed(change):
        document = copy.deepcopy(right)
        change(document)
        return document

    wrong = [
        changed(lambda document: document.pop("totals")),
        changed(lambda document: document[path][0].update(state="asleep")),
        changed(lambda document: document[path][0].pop("waiting_on")),
        changed(lambda document: document[path][0]["stack"][0].update(line="12")),
        changed(lambda document: document["totals"].update(all=-1)),
    ]
    assert not any(map(validators[path].is_valid, wrong))


def test_threads_wait_for_what_they_were_made_to_wait_for(work_host):
    document = get(work_host, "threads")
    named = {thread["name"]: thread for thread in document["threads"]}
    expected = {
        "lock-waiter-1": "pthread_mutex_t", "semaphore": "sem_t", "condition": "pthread_cond_t", "dispatch-sem": "DispatchSemaphore"}
    assert {name: named[name]["waiting_on"]["primitive"] for name in expected} == expected
    holder = {"id": named["lock-holder"]["id"], "name": "lock-holder"}
    assert [named[f"lock-waiter-{number}"]["holder"] for number in range(1, 4)] == [holder] * 3
    assert (named["lock-holder"]["state"], named["lock-holder"]["system_call"]) == ("sleeping", "clock_nanosleep")
    assert named["InteropHost"]["role"] == "main"
    assert 'say "hi"\\;x y' in named
    assert document["matched"] == len(document["threads"]) == sum(document["totals"].values())


def test_tasks_wait_for_what_they_were_made_to_wait_for(work_host):
    document = get(work_host, "tasks")
    named = {task["name"]: task for task in document["tasks"] if task["name"]}
    expected = {
        "first in the queue": "continuation", "waits for a task": "task", "sleeper 1": "sleep", "parent": "group", "stream": "stream"}
    assert {name: named[name]["waiting_on"]["kind"] for name in expected} == expected
    assert named["waits for a task"]["waiting_on"]["id"] == named["first in the queue"]["id"]
    children = {task["id"] for task in document["tasks"] if task["parent"] == named["parent"]["id"]}
    assert len(children) == 4 and set(named["parent"]["children"]) == children
    assert {task["origin"] for task in document["tasks"] if task["id"] in children} == {"group_child"}
    functions = [frame["function"] for frame in named["first in the queue"]["stack"]]
    assert functions.index("innerWaitForACallback()") < functions.index("waitForACallback()")
    assert document["matched"] == len(document["tasks"]) == sum(document["totals"].values())


def test_a_wait_seen_twice_has_a_length(work_host):
    first = get(work_host, "threads", name="semaphore")["threads"][0]
    second = get(work_host, "threads", name="semaphore")["threads"][0]
    assert first["waiting_seconds"] is not None and second["waiting_seconds"] > first["waiting_seconds"] >= 0
    assert get(work_host, "threads", name="semaphore", min_seconds="1000000")["matched"] == 0
