#!/bin/sh
# Measures spectroscopy beside SciPy and lmfit; arguments go to `litho-benches spectro` (see --help).
# The peers get a virtual environment of their own in .tools/ at the repository's root.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
tools=$root/.tools
venv=$tools/bench-spectro
mkdir -p "$tools"
if [ ! -e "$venv/installed" ]; then
    echo "installing numpy scipy lmfit into $venv" >&2
    if { python3 -m venv "$venv" && "$venv/bin/python" -m pip install --quiet numpy scipy lmfit; } >"$venv.log" 2>&1; then
        touch "$venv/installed"
        rm "$venv.log"
    else
        echo "not installed: see $venv.log" >&2
    fi
fi
cd "$root"
exec cargo run --quiet --release --package litho-benches -- spectro --environments "$tools" "$@"
