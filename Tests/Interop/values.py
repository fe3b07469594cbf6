# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# What Host/MetricValues.swift registers, as Prometheus should come to know it.

ODD_ROUTE = '/say "hi"\\\n\u00e9'

# PromQL selector -> value
SAMPLES = {
    "interop_jobs_total": "42",
    "interop_queue_depth": "-2.5",
    "interop_not_a_number": "NaN",
    "interop_endless": "+Inf",
    "interop_reserve_bytes": "1500000000",
    'interop_requests_total{route="/users",status="200"}': "7",
    'interop_requests_total{route="/users",status="404"}': "1",
    'interop_requests_total{route="/say \\"hi\\"\\\\\\n\u00e9",status="200"}': "3",
    "sum(interop_requests_total)": "11",
    "interop_latency_seconds_count": "4",
    "interop_latency_seconds_sum": "2000001.625",
    'interop_latency_seconds_bucket{le="1e-05"}': "0",
    'interop_latency_seconds_bucket{le="0.25"}': "1",
    'interop_latency_seconds_bucket{le="1.0"}': "3",
    'interop_latency_seconds_bucket{le="10.0"}': "3",
    'interop_latency_seconds_bucket{le="1e+06"}': "3",
    'interop_latency_seconds_bucket{le="+Inf"}': "4",
    'interop_reply_size_bytes_count{route="/users"}': "2",
    'interop_reply_size_bytes_bucket{route="/users",le="100.0"}': "1",
    'interop_reply_size_bytes_sum{route="/"}': "500",
}

# family -> (type, unit, help)
METADATA = {
    "interop_jobs": ("counter", "", 'Jobs done, "quoted" with a back\\slash and\na second line.'),
    "interop_queue_depth": ("gauge", "", "Jobs waiting now."),
    "interop_reserve_bytes": ("gauge", "bytes", "A level with a unit."),
    "interop_requests": ("counter", "", "Requests served."),
    "interop_latency_seconds": ("histogram", "seconds", "Time to answer."),
    "interop_reply_size_bytes": ("histogram", "bytes", "Size of replies."),
}

EXEMPLAR_SERIES = {"__name__": "interop_latency_seconds_bucket", "le": "1.0"}
EXEMPLAR = ({"trace_id": "4bf92f3577b34da6"}, "0.5")
