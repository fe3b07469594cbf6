#!/usr/bin/env bash
# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# Installs those of the named Debian packages that are missing:   .ci/packages.sh libmicrohttpd-dev zlib1g-dev
set -euo pipefail

fail() {
  echo "packages.sh: $*" >&2
  exit 1
}

[[ $# -gt 0 ]] || fail "no package is named: give the names of Debian packages"
command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
  fail "this system has no apt: install what it calls $* by hand"

missing=()
for name in "$@"; do
  status=$(dpkg-query --show --showformat '${db:Status-Status}\n' "$name" 2>/dev/null) || status=
  [[ $status == *installed && $status != *not-installed ]] || missing+=("$name")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || fail "${missing[*]} must be installed by root: apt-get install ${missing[*]}"
  as_root=(sudo)
fi
echo "installing ${missing[*]}"
"${as_root[@]}" apt-get update --quiet=2 || fail "apt-get update failed, so ${missing[*]} cannot be installed"
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install --quiet=2 --yes --no-install-recommends "${missing[@]}" >/dev/null ||
  fail "apt-get could not install ${missing[*]}"
