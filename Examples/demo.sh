#!/usr/bin/env bash
# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# Runs HelloCounters on this repository's own text, looks at it with curl, and checks its counts against wc.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
  echo "demo: $*" >&2
  exit 1
}

heading() {
  printf '\n== %s\n' "$*"
}

# Ends what was started, whatever happens.
pid=
output=$(mktemp)
cleanup() {
  [[ -z $pid ]] || kill -KILL "$pid" 2>/dev/null || true
  rm -f "$output"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

.ci/packages.sh libmicrohttpd-dev zlib1g-dev pkg-config curl

heading "Building Examples/HelloCounters"
build=(swift build --package-path Examples/HelloCounters)
"${build[@]}" || fail "the example does not build"
program=$("${build[@]}" --show-bin-path)/HelloCounters

files=()
while IFS= read -r -d '' file; do
  [[ -f $file ]] && files+=("$file")
done < <(git ls-files -z '*.swift' '*.md')
[[ ${#files[@]} -gt 0 ]] || fail "git lists no Swift or Markdown file here: run it in a clone of the repository"

heading "HelloCounters *.swift *.md   (${#files[@]} files of this repository)"
# Any free port. --linger ends it should this script be killed.
env -u DEBUG_ENDPOINT_TOKEN DEBUG_ENDPOINT=127.0.0.1:0 "$program" --linger 60 "${files[@]}" >"$output" &
pid=$!
deadline=$((SECONDS + 30))
until grep -q '^done: ' "$output"; do
  kill -0 "$pid" 2>/dev/null || fail "HelloCounters ended before its input did"
  [[ $SECONDS -lt $deadline ]] || fail "HelloCounters did not come to the end of its input within 30 s"
  sleep 0.1
done
cat "$output"
read -r url <"$output"

get() {
  curl --silent --show-error --fail --noproxy '*' --max-time 10 "$@" || fail "curl $* failed"
}

heading "curl $url"
get "$url"

heading "curl '${url}vars?match=hello_*'"
variables=$(get "${url}vars?match=hello_*")
echo "$variables"

heading "curl ${url%/debug/}/metrics | grep ^hello_"
metrics=$(get "${url%/debug/}/metrics")
grep '^hello_' <<<"$metrics" || fail "/metrics shows no hello_ metric"

heading "The same counted by wc"
check() {
  local name=$1 expected=$2 counted
  counted=$(sed -n "s/.*\"hello_${name}_total\": *\([0-9]*\).*/\1/p" <<<"$variables")
  [[ $counted == "$expected" ]] || fail "$name $counted, but wc says $expected"
  echo "$name $counted = wc $expected ok"
}
# In the C locale, wc of Debian 12 counts no word without an ASCII character, such as a dash.
read -r lines words bytes _ < <(LC_ALL=C.UTF-8 wc "${files[@]}" | tail -n 1)
check lines "$lines"
check words "$words"
check bytes "$bytes"

heading "kill -TERM"
kill -TERM "$pid"
status=0
wait "$pid" || status=$?
pid=
[[ $status -eq 0 ]] || fail "HelloCounters ended with status $status after SIGTERM"
echo "HelloCounters ended with status 0"
