#!/usr/bin/env bash
# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# Builds the allocation tap in the ways that the tests do not run in, and holds what it says of itself against what is true:
# left out, under sanitizers, fully static, without room, loaded late, preloaded, with a static Swift library. Half a
# minute.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
tap=(Sources/CAllocationTap/*.c)
# The clang that SwiftPM takes, beside the Swift compiler.
swift_libraries=$(swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
clang=$swift_libraries/../../bin/clang
strict=(-std=gnu11 -O2 -Wall -Wextra -Werror -Wno-nullability-extension -ISources/CAllocationTap/include)

expect() { # what, expected, found
  if [[ $3 == "$2" ]]; then
    echo "ok: $1: $2"
  else
    echo "FAILED: $1: expected '$2', found '$3'" >&2
    failures=$((failures + 1))
  fi
}

state() { # what, expected, flags...
  local what=$1 expected=$2
  shift 2
  "$clang" -fuse-ld=lld "${strict[@]}" "${tap[@]}" Tests/AllocationBuilds/state.c "$@" -o "$work/state"
  expect "$what" "$expected" "$("$work/state")"
}

nothing='in the map 0, counts 0, after free 0'
state 'as it is' 'state 0, in the map 1, counts 1, after free 0' -DALLOCATION_TAP
state 'without the trait' "state 1, $nothing"
state 'address sanitizer' "state 2, $nothing" -DALLOCATION_TAP -fsanitize=address
state 'thread sanitizer' "state 2, $nothing" -DALLOCATION_TAP -fsanitize=thread \
  -L"$swift_libraries/linux" -Wl,-rpath,"$swift_libraries/linux" -ldispatch -lBlocksRuntime  # its clang's runtime wants them
state 'fully static' "state 4, $nothing" -DALLOCATION_TAP -static

"$clang" "${strict[@]}" -DALLOCATION_TAP "${tap[@]}" Tests/AllocationBuilds/state.c -o "$work/state"
expect 'no room for its tables' "state 5, $nothing" "$(ulimit -v 40000 && "$work/state")"

# Defines nothing but its own functions where it is left out; the build with the trait is the control.
definitions() { # flags...
  local source
  for source in "${tap[@]}"; do
    "$clang" "${strict[@]}" "$@" -c "$source" -o "$work/object.o"
    nm --defined-only "$work/object.o"
  done | awk '$3 !~ /alloctap_/' | grep -cE ' (malloc|free|posix_memalign|tap_[a-z_]+)$' || true
}
expect 'definitions without the trait' 0 "$(definitions)"
expect 'definitions under a sanitizer' 0 "$(definitions -DALLOCATION_TAP -fsanitize=address)"
expect 'definitions with the trait, more than 30' 1 "$(($(definitions -DALLOCATION_TAP) > 30))"

"$clang" "${strict[@]}" -DALLOCATION_TAP -shared -fPIC "${tap[@]}" -o "$work/libtap.so"
"$clang" "${strict[@]}" -DLOADS_TAP Tests/AllocationBuilds/state.c -o "$work/loader"
expect 'loaded by dlopen' 'state 4' "$("$work/loader" "$work/libtap.so")"
expect 'preloaded' 'state 0' "$(LD_PRELOAD=$work/libtap.so "$work/loader" "$work/libtap.so")"

# The host of the tests, with Swift's library in the executable.
mkdir "$work/modules" "$work/objects"
echo "module CAllocationTap { header \"$root/Sources/CAllocationTap/include/CAllocationTap.h\" export * }" \
  >"$work/modules/module.modulemap"
for source in "${tap[@]}"; do
  "$clang" "${strict[@]}" -DALLOCATION_TAP -c "$source" -o "$work/objects/$(basename "$source").o"
done
swift_host() { # flags...
  swiftc -O -swift-version 6 -parse-as-library -module-name AllocationHost -I "$work/modules" -I Sources/CGlibc "$@" \
    Tests/AllocationHost/*.swift "$work"/objects/*.o -o "$work/host" >"$work/log" 2>&1 || { cat "$work/log" >&2; return 1; }
}
swift_host -static-stdlib
expect 'static Swift library: links no libswiftCore' '' "$(ldd "$work/host" | grep libswiftCore || true)"
expect 'static Swift library' 'state 0' "$("$work/host" state | grep '^state')"
"$work/host" mix 42 5000 1000 >"$work/mix"
expect 'static Swift library: the map is the truth' 'missing 0 surplus 0 wrong 0' \
  "$(grep -E '^(missing|surplus|wrong) ' "$work/mix" | paste -sd' ')"
swift_host -static-executable
expect 'fully static, in Swift' 'state 4' "$("$work/host" state | grep '^state')"

# The trait as SwiftPM passes it on.
scratch=.build/without-tap
swift build --quiet --disable-default-traits --scratch-path "$scratch" --product AllocationHost
host=$(swift build --disable-default-traits --scratch-path "$scratch" --show-bin-path)/AllocationHost
expect 'package without its traits' 'state 1' "$("$host" state | grep '^state')"

exit $((failures > 0))
