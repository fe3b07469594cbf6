# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
"""What a counter of swift-metrics costs over a registry, against the registry's own and against swift-prometheus."""

from measuring import Samples, Table, figures

TITLE = "swift-metrics"
NOTES = """\
One thread increments a kept counter of each kind, 100 000 times in a slice, and the kinds take turns slice by slice in one
process, so that whatever else runs on the machine meets them all. A round's figure is the median of its slices. Made again: a
`Counter` with two dimensions is made, incremented and dropped, as some libraries do for every event.
"""


class Bridge:
    def __init__(self, options):
        self.options = options
        self.table = Table("what", "goal", "reached", "met", "over the registry: median (min to max)",
                           "against: median (min to max)")

    def run(self):
        found = {}
        for _ in range(self.options.rounds):
            for name, value in figures(self.options.swift / "bridge", self.options.bridge_slices).items():
                found.setdefault(name, Samples("ns", 2)).values.append(value)
        bridged = found["bridged"]

        def row(what, goal, factor, other):
            ratio = bridged.median / other.median
            self.table.add(what, goal, f"{ratio:.2f}x", ratio <= factor, bridged, other)

        row("increment of a `Counter` of swift-metrics, vs `CounterVariable`", "at most 1.5x its time", 1.5, found["bare"])
        if "prometheus" in found:
            row("the same, vs swift-prometheus", "at most 0.5x", 0.5, found["prometheus"])
        self.table.add("making a `Counter` again and incrementing it", "", "", None, found["made_again"], "")
