#!/bin/sh
# Measures ptychography beside NumPy, PtyLab and phaser; arguments go to `litho-benches ptycho` (see --help).
# Each peer gets a virtual environment of its own in .tools/ at the repository's root; one that cannot be installed
# is reported with the last line of its log, and the others are measured.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
tools=$root/.tools
mkdir -p "$tools"

# environment NAME PACKAGE...
environment() {
    venv=$tools/bench-$1
    shift
    [ -e "$venv/installed" ] && return
    echo "installing $* into $venv" >&2
    if { python3 -m venv "$venv" && "$venv/bin/python" -m pip install --quiet "$@"; } >"$venv.log" 2>&1; then
        touch "$venv/installed"
        rm "$venv.log"
    else
        echo "not installed: $*; see $venv.log" >&2
    fi
}

environment numpy numpy scipy h5py
# The versions whose interfaces peers/ptylab_engines.py and peers/phaser_engines.py use.
environment ptylab ptylab==0.3.7
environment phaser phaserEM==0.3.1
cd "$root"
exec cargo run --quiet --release --package litho-benches -- ptycho --environments "$tools" "$@"
