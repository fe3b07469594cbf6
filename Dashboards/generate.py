#!/usr/bin/env python3
# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
"""Writes grafana.json and datadog.json beside this file, from one table of panels; --check only compares.

A panel names runtime metrics as RuntimeMetrics does; how Prometheus and Datadog call them is a rule (RuntimeMetrics'
prometheusName, and Datadog's own rule for Go). Where a query is more than one metric, both forms are written out.
"""

import json
import pathlib
import re
import sys

FOLDER = pathlib.Path(__file__).resolve().parent

# The names that Prometheus' own guidelines fix.
STANDARD = {
    "/cpu/total:cpu-seconds": "process_cpu_seconds_total",
    "/files/limit:descriptors": "process_max_fds",
    "/files/open:descriptors": "process_open_fds",
    "/memory/resident:bytes": "process_resident_memory_bytes",
    "/net/received:bytes": "process_network_receive_bytes_total",
    "/net/sent:bytes": "process_network_transmit_bytes_total",
    "/process/start-time:seconds": "process_start_time_seconds",
    "/sched/threads/total:threads": "process_threads",
}
SELECTOR = '{job=~"$job",instance=~"$instance"}'
WINDOW = "[$__rate_interval]"


def prometheus(name, cumulative=False):
    if name in STANDARD:
        return STANDARD[name]
    path, unit = name.lstrip("/").split(":")
    path, unit = (re.sub("[/-]", "_", part) for part in (path, unit))
    return "swift_" + path + ("" if path.endswith("_" + unit) or path == unit else "_" + unit) + ("_total" if cumulative else "")


def datadog(name):
    path, unit = name.lstrip("/").split(":")
    return "runtime.swift.metrics." + re.sub("[^a-zA-Z0-9._]", "_", path) + "." + re.sub("[^a-zA-Z0-9._]", "_", unit)


class Line:
    """One line of a panel: its legend, the PromQL, and what Datadog is asked; None where Datadog has no such metric."""

    def __init__(self, legend, promql, query):
        self.legend, self.promql, self.query = legend, promql, query


def level(name, legend):
    return Line(legend, prometheus(name) + SELECTOR, f"avg:{datadog(name)}{{$service,$env}} by {{host}}")


def rate(name, legend):
    return Line(legend, f"rate({prometheus(name, True)}{SELECTOR}{WINDOW})",
                f"sum:{datadog(name)}{{$service,$env}} by {{host}}.as_rate()")


def share(part, whole, legend, cumulative):
    (first, second) = (rate(part, ""), rate(whole, "")) if cumulative else (level(part, ""), level(whole, ""))
    return Line(legend, f"{first.promql} / {second.promql}", f"{first.query} / {second.query}")


def quantile(name, fraction, legend):
    return Line(
        legend,
        f"histogram_quantile({fraction / 100:g}, sum by (job, instance, le) (rate({prometheus(name)}_bucket{SELECTOR}{WINDOW})))",
        f"p{fraction}:{datadog(name)}{{$service,$env}} by {{host}}")


def variable(name, legend):
    """A variable of the endpoint, which Datadog gets by scraping /metrics."""
    return Line(legend, name + SELECTOR, None)


# (row, [(title, Grafana's unit, stacked, description, lines)])
ROWS = [
    ("Leaks and problems", [
        ("Blocked for ever", "short", False,
         "Threads and tasks that nobody alive can ever wake, by the last leak scan. /debug/leaks names them.", [
             variable("debug_endpoint_leaked_threads", "threads"),
             variable("debug_endpoint_leaked_tasks", "tasks"),
             Line("both", prometheus("/leaks/leaked:waiters") + SELECTOR,
                  f"max:{datadog('/leaks/leaked:waiters')}{{$service,$env}} by {{host}}"),
         ]),
        ("Not judged by the last leak scan", "short", False, "Waiters whose state the scan could not know.", [
            level("/leaks/unknown:waiters", "unknown"), level("/leaks/examined:waiters", "examined"),
        ]),
        ("Variables with problems", "short", False, "/debug/vars names them in debug_endpoint_problems.", [
            variable("debug_endpoint_problems", "problems"),
        ]),
    ]),
    ("Processor", [
        ("Processor time", "short", False, "Processors in use, against what the affinity and the control groups allow.", [
            rate("/cpu/user:cpu-seconds", "own code"), rate("/cpu/system:cpu-seconds", "kernel"),
            level("/cpu/limit:processors", "limit"),
        ]),
        ("Waiting for a processor", "short", False, "Threads that are ready and wait, and time in which the quota held them.", [
            rate("/sched/run-queue-wait:seconds", "ready"), rate("/cgroup/cpu/throttled:seconds", "throttled"),
        ]),
        ("Throttled periods", "percentunit", False, "Share of the quota's periods in which it was used up.", [
            share("/cgroup/cpu/throttled:periods", "/cgroup/cpu/periods:periods", "throttled", True),
        ]),
        ("Switches", "ops", False, "Voluntary: a thread had to wait. Involuntary: it was taken off its processor.", [
            rate("/sched/switches/voluntary:switches", "voluntary"),
            rate("/sched/switches/involuntary:switches", "involuntary"),
        ]),
    ]),
    ("Memory", [
        ("Resident memory by class", "bytes", True, "The classes add up to the resident memory.", [
            level(f"/memory/classes/{name}:bytes", name.replace("-", " "))
            for name in ("heap", "stacks", "files", "image-data", "debug-endpoint", "other")
        ]),
        ("Heap", "bytes", False, "What the program has, and what the allocator keeps besides.", [
            level("/memory/heap/in-use:bytes", "in use"), level("/memory/heap/idle:bytes", "idle"),
            level("/memory/heap/committed:bytes", "committed"),
        ]),
        ("Allocations", "Bps", False, "Bytes asked for in a second, counted by the allocation tap.", [
            rate("/memory/heap/allocs:bytes", "allocated"),
        ]),
        ("Live blocks", "short", False, "Blocks allocated and not freed, counted by the allocation tap.", [
            level("/memory/heap/objects:objects", "blocks"),
        ]),
        ("Control group", "bytes", False, "Memory of all processes in the control group, page cache included.", [
            level("/cgroup/memory/used:bytes", "used"), level("/cgroup/memory/peak:bytes", "peak"),
            level("/cgroup/memory/limit:bytes", "limit"),
        ]),
        ("Page faults", "ops", False, "Major ones had to wait for a disk.", [
            rate("/memory/faults/major:faults", "major"), rate("/memory/faults/minor:faults", "minor"),
        ]),
    ]),
    ("Threads and tasks", [
        ("Threads by state", "short", True, "Uninterruptible: mostly waiting for a disk.", [
            level(f"/sched/threads/{name}:threads", name) for name in ("running", "waiting", "uninterruptible", "stopped")
        ]),
        ("Dispatch workers", "short", False, "They run Swift's tasks too. All busy and tasks enqueued: the pool is the bottleneck.", [
            level("/sched/threads/dispatch-workers:threads", "all"),
            level("/sched/threads/dispatch-workers-busy:threads", "busy"),
        ]),
        ("Tasks by state", "short", True, "Swift tasks at the last look.", [
            level(f"/sched/tasks/{name}:tasks", name) for name in ("running", "enqueued", "suspended")
        ]),
    ]),
    ("Latency of scheduling (needs schedulingProbe)", [
        (f"{title}", "s", False, "How long a tiny job waited until it ran, and how long the one now has.", [
            quantile(f"/sched/latencies/{name}:seconds", 50, "median"),
            quantile(f"/sched/latencies/{name}:seconds", 99, "99 %"),
            level(f"/sched/latencies/{name}-pending:seconds", "pending"),
        ]) for name, title in (("pool", "Task pool"), ("main-queue", "Main queue"), ("global-queue", "Global queue"))
    ]),
    ("Files and network", [
        ("File descriptors", "short", False, "At the limit, accept and open fail.", [
            level("/files/open:descriptors", "open"), level("/files/limit:descriptors", "limit"),
        ]),
        ("Read and written", "Bps", False, "By calls of the read and write families.", [
            rate("/io/read:bytes", "read"), rate("/io/written:bytes", "written"),
        ]),
        ("Network namespace", "Bps", False, "Of all processes in the network namespace.", [
            rate("/net/received:bytes", "received"), rate("/net/sent:bytes", "sent"),
        ]),
    ]),
]


def grafana():
    panels, y = [], 0
    for row, content in ROWS:
        panels.append({"id": len(panels) + 1, "type": "row", "title": row, "collapsed": False, "panels": [],
                       "gridPos": {"h": 1, "w": 24, "x": 0, "y": y}})
        y += 1
        for index, (title, unit, stacked, description, lines) in enumerate(content):
            x = index % 3 * 8
            panels.append({
                "id": len(panels) + 1, "type": "timeseries", "title": title, "description": description,
                "datasource": {"type": "prometheus", "uid": "${datasource}"},
                "gridPos": {"h": 8, "w": 8, "x": x, "y": y + index // 3 * 8},
                "fieldConfig": {"defaults": {"unit": unit, "min": 0, "custom": {
                    "fillOpacity": 20 if stacked else 0, "stacking": {"mode": "normal" if stacked else "none", "group": "A"}}},
                    "overrides": []},
                "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
                "targets": [
                    {"refId": chr(65 + number), "expr": line.promql, "legendFormat": f"{{{{instance}}}} {line.legend}"}
                    for number, line in enumerate(lines)
                ],
            })
        y += (len(content) + 2) // 3 * 8

    def choice(name, query):
        return {"name": name, "type": "query", "datasource": {"type": "prometheus", "uid": "${datasource}"},
                "query": {"query": query, "refId": name}, "refresh": 2, "includeAll": True, "multi": True, "allValue": ".+",
                "current": {"selected": True, "text": ["All"], "value": ["$__all"]}}

    return {
        "uid": "swift-debug-endpoint", "title": "Swift services", "tags": ["swift"], "schemaVersion": 38, "version": 1,
        "editable": True, "refresh": "30s", "time": {"from": "now-3h", "to": "now"}, "timezone": "browser",
        "templating": {"list": [
            {"name": "datasource", "type": "datasource", "query": "prometheus", "refresh": 1},
            choice("job", "label_values(swift_memory_heap_in_use_bytes, job)"),
            choice("instance", 'label_values(swift_memory_heap_in_use_bytes{job=~"$job"}, instance)'),
        ]},
        "panels": panels,
    }


def datadog_dashboard():
    groups = []
    for row, content in ROWS:
        widgets = []
        for title, _, stacked, description, lines in content:
            requests = []
            for line in lines:
                if line.query is None:
                    continue
                parts = re.split(r" / ", line.query)
                names = [f"query{number}" for number in range(1, len(parts) + 1)]
                requests.append({
                    "response_format": "timeseries", "display_type": "area" if stacked else "line",
                    "queries": [{"name": name, "data_source": "metrics", "query": part} for name, part in zip(names, parts)],
                    "formulas": [{"formula": " / ".join(names), "alias": line.legend}],
                })
            if requests:
                widgets.append({"definition": {"type": "timeseries", "title": f"{title}: {description}", "show_legend": True,
                                               "requests": requests}})
        if widgets:
            groups.append({"definition": {"type": "group", "layout_type": "ordered", "title": row, "widgets": widgets}})
    return {
        "title": "Swift services", "description": "Runtime metrics that swift-debug-endpoint sends by DogStatsD.",
        "layout_type": "ordered", "reflow_type": "auto", "widgets": groups,
        "template_variables": [{"name": name, "prefix": name, "available_values": [], "defaults": ["*"]}
                               for name in ("service", "env")],
    }


def main():
    stale = []
    for name, content in (("grafana.json", grafana()), ("datadog.json", datadog_dashboard())):
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        if sys.argv[1:] != ["--check"]:
            (FOLDER / name).write_text(text)
        elif (FOLDER / name).read_text() != text:
            stale.append(name)
    if stale:
        sys.exit(f"{', '.join(stale)}: not what generate.py writes; run it")


if __name__ == "__main__":
    main()
