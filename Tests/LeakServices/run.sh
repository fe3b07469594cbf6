#!/usr/bin/env bash
# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# Has the leak detector look at real services under load, and at what none of them has: leaks. BusyService, a Hummingbird service, and
# a program that asks it by async-http-client are scanned LEAK_SCANS times each, 1000 by default; one accusation fails the run.
# LEAK_SERVICES_CACHE names the folder for what is fetched and built.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=$(realpath -m "${LEAK_SERVICES_CACHE:-$root/.build/leak-services}")

"$root/.ci/packages.sh" libmicrohttpd-dev zlib1g-dev pkg-config curl python3
build=(swift build --configuration release --package-path "$here" --scratch-path "$cache")
"${build[@]}"
exec python3 "$here/scan.py" "$("${build[@]}" --show-bin-path)" "${LEAK_SCANS:-1000}"
