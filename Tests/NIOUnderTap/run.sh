#!/usr/bin/env bash
# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# Runs swift-nio's own tests, all of them and unchanged, with the allocation tap preloaded. A test that fails then must fail without
# the tap as well; and when the process ends, the map must hold exactly the blocks that were allocated and not freed.
# NIO_CACHE names the folder for the clone and its build. Some 5 minutes on two processors the first time, then 2.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=$(realpath -m "${NIO_CACHE:-$root/.build/nio}")
version=2.101.2

mkdir -p "$cache"
if [[ ! -d $cache/$version ]]; then
  rm -rf "$cache/clone"
  git -c advice.detachedHead=false clone --quiet --depth 1 --branch "$version" https://github.com/apple/swift-nio "$cache/clone"
  mv "$cache/clone" "$cache/$version"
fi

clang=$(swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')/../../bin/clang
shared=("$clang" -std=gnu11 -O2 -Wall -Wextra -Werror -Wno-nullability-extension -shared -fPIC
  "-I$root/Sources/CAllocationTap/include")
"${shared[@]}" -DALLOCATION_TAP "$root"/Sources/CAllocationTap/*.c -o "$cache/libtap.so"
"${shared[@]}" "$here/report.c" -Wl,--allow-shlib-undefined -o "$cache/libreport.so"

cd "$cache/$version"
build=(swift build --build-tests -Xswiftc -gnone)
"${build[@]}" --quiet
tests=$("${build[@]}" --show-bin-path)/swift-nioPackageTests.xctest

run() { # report, output, tests that are selected or nothing for all
  local report=$1 output=$2
  shift 2
  rm -f "$report"
  TAP_REPORT=$report LD_PRELOAD=$cache/libtap.so:$cache/libreport.so timeout 600 "$tests" "$@" >"$output" 2>&1
}
failed() { # output; as the test binary wants them selected
  sed -n "s/^Test Case '\(.*\)\.\(.*\)' failed.*/\1\/\2/p" "$1" | sort -u | while read -r name; do
    grep -xE "[^.]+\.$name" "$cache/list" || echo "$name"
  done
}

"$tests" --list-tests >"$cache/list" 2>/dev/null
status=0
run "$cache/report" "$cache/output" || status=$?
grep -E 'Executed [0-9]+ tests' "$cache/output" | tail -1 || {
  echo "swift-nio's tests did not end under the tap (status $status):" >&2
  tail -20 "$cache/output" >&2
  exit 1
}
failures=0
for name in $(failed "$cache/output"); do
  if ! "$tests" "$name" >"$cache/again" 2>&1; then
    echo "fails without the tap too: $name"
  elif run "$cache/again-report" "$cache/again" "$name" && run "$cache/again-report" "$cache/again" "$name"; then
    echo "failed once, then passed twice under the tap: $name"
  else
    echo "FAILED under the tap only: $name" >&2
    failures=$((failures + 1))
  fi
done

# Every process that ended by itself, children of the tests too.
cat "$cache/report"
awk '
  { for (field = 1; field < NF; field += 2) value[$field] = $(field + 1) }
  value["state"] != 0 || value["unknown_frees"] != 0 || value["unmapped"] != 0 { wrong = 1 }
  value["quiet"] == 1 && value["live"] != value["listed"] { wrong = 1 }
  value["name"] ~ /xctest$/ && value["quiet"] == 1 && value["mallocs"] > 10000000 && value["samples"] > 100 { complete = 1 }
  END { exit wrong || !complete }' "$cache/report" || {
  echo "FAILED: the tap was not active, or its map is not what was allocated and not freed" >&2
  failures=$((failures + 1))
}
exit $((failures > 0))
