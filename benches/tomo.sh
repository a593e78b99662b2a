#!/bin/sh
# Measures tomography beside ASTRA; arguments go to `litho-benches tomo` (see --help).
# The peer gets a virtual environment of its own in .tools/ at the repository's root.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
tools=$root/.tools
venv=$tools/bench-tomo
packages="numpy astra-toolbox"
mkdir -p "$tools"
if [ "$(cat "$venv/installed" 2>/dev/null)" != "$packages" ]; then
    echo "installing $packages into $venv" >&2
    # shellcheck disable=SC2086
    if { python3 -m venv "$venv" && "$venv/bin/python" -m pip install --quiet $packages; } >"$venv.log" 2>&1; then
        echo "$packages" >"$venv/installed"
        rm "$venv.log"
    else
        echo "not installed: see $venv.log" >&2
    fi
fi
cd "$root"
exec cargo run --quiet --release --package litho-benches -- tomo --environments "$tools" "$@"
