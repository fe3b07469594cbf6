#!/usr/bin/env bash
# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# Runs tests as users write them, under both frameworks: those that leak nothing must pass, and each that leaks must fail with one
# issue, at its own line and with the report's text.
set -euo pipefail
cd "$(dirname "$0")"
output=$(mktemp)
trap 'rm -f "$output"' EXIT

fail() {
  echo "FAILED: $1" >&2
  cat "$output" >&2
  exit 1
}
run() { # filter
  swift test --skip-build --no-parallel --filter "$1" >"$output" 2>&1
}
# The line of the call in a test of this name.
line() { awk -v name="$2" 'index($0, "func " name "(") { seen = 1 } seen && /\/\/ here$/ { print NR; exit }' "$1"; }

swift build --build-tests --quiet

run 'SwiftTestingCases.CleanTests' || fail "a test that leaks nothing failed"
grep -q 'Test run with 5 tests in 1 suite passed' "$output" || fail "not all clean tests were run"
run 'XCTestCases.CleanCases' || fail "a case that leaks nothing failed"
grep -q 'Executed 3 tests, with 0 failures' "$output" || fail "not all clean cases were run"

file=Tests/SwiftTestingCases/LeakyTests.swift
tests=$(sed -n 's/.*@Test func \([A-Za-z]*\)(.*/\1/p' "$file")
[[ $(wc -w <<<"$tests") -eq 4 ]] || fail "there are not four leaky tests"
for name in $tests; do
  ! run "SwiftTestingCases.LeakyTests/$name\(" || fail "$name passed"
  grep -q "✘ Test $name() recorded an issue at LeakyTests.swift:$(line "$file" "$name"):" "$output" ||
    fail "$name has no issue at its line"
  grep -qE '↳ [0-9]+ (thread|task)s? will never wake' "$output" || fail "$name does not say who will never wake"
  grep -qE 'Waits.swift:[0-9]+' "$output" || fail "$name does not say where"
  grep -q 'with 1 issue' "$output" || fail "$name has not one issue"
  echo "$name fails as it should"
done

file=Tests/XCTestCases/LeakyCases.swift
tests=$(sed -n 's/.* func \(test[A-Za-z]*\)(.*/\1/p' "$file")
[[ $(wc -w <<<"$tests") -eq 3 ]] || fail "there are not three leaky cases"
for name in $tests; do
  ! run "XCTestCases.LeakyCases/$name" || fail "$name passed"
  grep -qE "LeakyCases.swift:$(line "$file" "$name"): error: LeakyCases.$name : failed - [0-9]+ (thread|task)s? will never wake" "$output" ||
    fail "$name has no failure at its line that says who will never wake"
  grep -qE 'Waits.swift:[0-9]+' "$output" || fail "$name does not say where"
  grep -q 'Executed 1 test, with 1 failure ' "$output" || fail "$name has not one failure"
  echo "$name fails as it should"
done
