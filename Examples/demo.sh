#!/usr/bin/env bash
# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# Runs HelloCounters on this repository's own text, looks at it with curl, and checks its counts against wc. Then runs
# GrowingService with each of its mistakes and with none, and checks that /debug/heap tells them apart; at last LeakyService, whose
# five leaks /debug/leaks must find with file and line.
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
services=()
outputs=$(mktemp -d)
output=$outputs/HelloCounters
cleanup() {
  for started in $pid "${services[@]}"; do kill -KILL "$started" 2>/dev/null || true; done
  rm -rf "$outputs"
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

heading "Building Examples/GrowingService"
build=(swift build --package-path Examples/GrowingService)
"${build[@]}" || fail "the example does not build"
program=$("${build[@]}" --show-bin-path)/GrowingService

heading "GrowingService --cycle, --cache, --retention, and without a mistake, at the same time"
declare -A urls=()
for switch in --cycle --cache --retention ''; do
  name=$outputs/GrowingService$switch
  : >"$name"
  env -u DEBUG_ENDPOINT_TOKEN DEBUG_ENDPOINT=127.0.0.1:0 "$program" --seconds 120 $switch >"$name" &
  services+=($!)
  deadline=$((SECONDS + 30))
  until read -r url <"$name"; do
    kill -0 $! 2>/dev/null || fail "GrowingService $switch ended at once"
    [[ $SECONDS -lt $deadline ]] || fail "GrowingService $switch gave no URL within 30 s"
    sleep 0.1
  done
  echo "$url   ${switch:-none}"
  urls[-$switch]=$url
  get "${url}heap" >/dev/null # snapshot 1
done

# Asks again until it is so.
eventually() {
  local sentence=$1 deadline=$((SECONDS + 30))
  shift
  until "$@"; do
    [[ $SECONDS -lt $deadline ]] || fail "$sentence"
    sleep 0.5
  done
}

# By how many blocks a type has grown since snapshot 1.
growth() { # switch, type
  page=$(get "${urls[-$1]}heap?since=1&match=*GrowingService.$2*")
  more=$(awk -v type="GrowingService.$2" '$5 == type { print $2 + 0 }' <<<"$page")
  more=${more:-0}
}
has_grown() { growth "$1" "$2" && [[ $more -ge $3 ]]; }
has_not_grown() { growth "$1" "$2" && [[ $more -le $3 ]]; }

memory() { # switch
  page=$(get "${urls[-$1]}heap?format=json&top=1" | grep '^"memory": ')
  live=$(sed -n 's/.*"live_bytes": *\([0-9]*\).*/\1/p' <<<"$page")
  retained=$(sed -n 's/.*"retained_bytes": *\([0-9]*\).*/\1/p' <<<"$page")
}
retains() { memory "$1" && [[ $retained -gt $((10 << 20)) && $retained -gt $((3 * live)) ]]; }
retains_little() { memory "$1" && [[ $retained -lt $((10 << 20)) && $live -lt $((10 << 20)) ]]; }

show() { sed -n '/^Swift types/,$p' <<<"$page" | sed '/^$/,$d'; }

heading "--cycle: curl '${urls[---cycle]}heap?since=1&match=*GrowingService.Session*'"
eventually "--cycle: no 500 more sessions" has_grown --cycle Session 500
show
grep -q 'closure context (GrowingService.Session' <<<"$page" || fail "--cycle: no closure that holds sessions is shown"

heading "--cache: curl '${urls[---cache]}heap?since=1&match=*GrowingService.RenderedPage*'"
# One that removes pages has at most 1000.
eventually "--cache: no 1500 more pages" has_grown --cache RenderedPage 1500
show

heading "--retention: curl '${urls[---retention]}heap?format=json', live against retained"
eventually "--retention: glibc retains no more than the program uses" retains --retention
echo "$((live >> 10)) KiB live, $((retained >> 10)) KiB retained"

heading "The same without a mistake"
eventually "sessions grow without --cycle" has_not_grown '' Session 100
echo "sessions: $more more"
eventually "pages grow without --cache" has_not_grown '' RenderedPage 1000
echo "pages: $more more"
eventually "memory is retained without --retention" retains_little ''
echo "$((live >> 10)) KiB live, $((retained >> 10)) KiB retained"

kill -TERM "${services[@]}"
for started in "${services[@]}"; do { wait "$started" || true; } 2>/dev/null; done
services=()

heading "Building Examples/LeakyService"
build=(swift build --package-path Examples/LeakyService)
"${build[@]}" || fail "the example does not build"
program=$("${build[@]}" --show-bin-path)/LeakyService

# Where the source says that somebody gets stuck: "// stuck: continuation".
stuck() { # what
  (cd Examples/LeakyService && grep -rnE "// stuck: $1\$" Sources | cut -d: -f1,2)
}
# All five, each with the line where it waits and its verdict.
has_all_leaks() {
  page=$(get "${url}leaks")
  local what verdict place
  for what in continuation stream semaphore locks actor group child; do
    case $what in
      locks) verdict=deadlock ;;
      group | child) verdict=blocked_behind ;;
      *) verdict=orphaned ;;
    esac
    place=$(stuck "$what")
    awk -v verdict="$verdict:" -v place="/LeakyService/$place" '
      /^[a-z_]+: / { current = $1 }
      substr($0, length($0) - length(place) + 1) == place && current == verdict { found = 1 }
      END { exit !found }' <<<"$page" || return 1
  done
}
# A word left over in memory that is in use can hide one: then another process shows it.
heading "LeakyService"
for try in 1 2 3 4; do
  name=$outputs/LeakyService$try
  : >"$name"
  env -u DEBUG_ENDPOINT_TOKEN DEBUG_ENDPOINT=127.0.0.1:0 "$program" >"$name" 2>/dev/null &
  service=$!
  services+=("$service")
  deadline=$((SECONDS + 30))
  until read -r url <"$name"; do
    [[ $SECONDS -lt $deadline ]] || fail "LeakyService gave no URL within 30 s"
    sleep 0.1
  done
  deadline=$((SECONDS + 15))
  until has_all_leaks || [[ $SECONDS -gt $deadline ]]; do sleep 1; done
  ! has_all_leaks || break
  kill -TERM "$service"
  echo "one of the five is hidden in this process: once more"
done
heading "curl ${url}leaks"
has_all_leaks || fail "LeakyService: not all five leaks are found with file and line"
echo "$page"
for what in continuation stream semaphore locks actor group child; do
  echo "$what: $(stuck "$what") ok"
done
# Everybody who is stuck is one of them.
strangers=$(get "${url}leaks?format=json" | grep '^{"kind"' |
  grep -vE '/(PriceList|NewsFeed|ReportCache|Accounts|MailRoom)\.swift"' || true)
[[ -z $strangers ]] || fail "LeakyService: accused without a reason: $strangers"

kill -TERM "${services[@]}"
for started in "${services[@]}"; do { wait "$started" || true; } 2>/dev/null; done
services=()
