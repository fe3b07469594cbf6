# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# Sourced. What every build of the tests is held to; the same everywhere, so that one build serves all.
swift_flags=(-Xswiftc -warnings-as-errors --explicit-target-dependency-import-check error)
