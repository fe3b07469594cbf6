#!/usr/bin/env bash
# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds with warnings as errors, and runs every test.
set -euo pipefail
cd "$(dirname "$0")/.."

# curl, openssl and gzip are the other side in tests of TLS and compression; the tap is tested over two more allocators.
.ci/packages.sh libmicrohttpd-dev zlib1g-dev pkg-config curl openssl gzip libjemalloc2 libmimalloc2.0

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# What failed, once more at the end, where it is looked for.
fail() {
  grep -aE '^✘ Test .* recorded an issue|error: ' "$log" | sort -u | cut -c 1-400 || true
  exit 1
}

source .ci/swift-flags.sh
swift build "${swift_flags[@]}" --build-tests 2>&1 | tee "$log" || fail
# Optimized, as its some four hundred processes each read their own symbols; and where compilers reuse registers and stacks.
swift build "${swift_flags[@]}" -c release --product LeakCorpus 2>&1 | tee "$log" || fail
LEAK_CORPUS=$(swift build -c release --show-bin-path)/LeakCorpus
export LEAK_CORPUS
# One at a time: tests that look at this process's threads and tasks, or fill its pool, would be in each other's way.
swift test "${swift_flags[@]}" --skip-build --no-parallel 2>&1 | tee "$log" || fail
# swift test ends well when it finds no test at all.
grep -qE 'Test run with [1-9][0-9]* tests' "$log" || { echo "test: no test was run" >&2; exit 1; }
