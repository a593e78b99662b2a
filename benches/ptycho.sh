#!/bin/sh
# Measures ptychography beside plain NumPy; arguments go to `litho-benches ptycho` (--iterations, --rounds, --json).
# Python's packages go to a virtual environment of their own in .tools/ at the repository's root.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
venv=$root/.tools/bench-venv
if ! "$venv/bin/python" -c 'import numpy, scipy, h5py' 2>/dev/null; then
    python3 -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet numpy scipy h5py
fi
cd "$root"
exec cargo run --quiet --release --package litho-benches -- ptycho --python "$venv/bin/python" "$@"
