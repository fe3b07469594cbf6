#!/usr/bin/env bash
# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# Judges the endpoint by the programs it is made for. Arguments go to pytest; INTEROP_JUNIT names the report,
# INTEROP_CACHE the folder for what is fetched, INTEROP_HOST and INTEROP_BUSY_SERVICE ready-built programs.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
INTEROP_CACHE=$(realpath -m "${INTEROP_CACHE:-$root/.build/interop}")
export INTEROP_CACHE

"$here/setup.sh"

if [[ -z ${INTEROP_HOST:-} ]]; then
    source "$root/.ci/swift-flags.sh"
    swift build --package-path "$root" "${swift_flags[@]}" --product InteropHost
    INTEROP_HOST=$(swift build --package-path "$root" "${swift_flags[@]}" --show-bin-path)/InteropHost
fi
if [[ -z ${INTEROP_BUSY_SERVICE:-} ]]; then
    busy=(swift build --package-path "$root/Examples/BusyService")
    "${busy[@]}"
    INTEROP_BUSY_SERVICE=$("${busy[@]}" --show-bin-path)/BusyService
fi
export INTEROP_HOST INTEROP_BUSY_SERVICE PYTHONDONTWRITEBYTECODE=1

report=$(realpath -m "${INTEROP_JUNIT:-$INTEROP_CACHE/junit.xml}")

cd "$here"
# INT lets pytest end what it started; --foreground keeps Ctrl-C working.
exec timeout --foreground --signal=INT --kill-after=30 900 \
    "$INTEROP_CACHE/venv/bin/python" -m pytest --basetemp="$INTEROP_CACHE/tmp" --junitxml="$report" "$@"
