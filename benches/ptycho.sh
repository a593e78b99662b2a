#!/bin/sh
# Measures ptychography beside NumPy, PtyLab and phaser; arguments go to `litho-benches ptycho` (see --help).
# Each peer gets a virtual environment of its own in .tools/ at the repository's root; one that cannot be installed
# is reported with the last line of its log, and the others are measured.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
tools=$root/.tools
. "$root/benches/environment.sh"
environment "$tools/bench-numpy" numpy scipy h5py
# The versions whose interfaces peers/ptylab_engines.py and peers/phaser_engines.py use.
environment "$tools/bench-ptylab" ptylab==0.3.7
environment "$tools/bench-phaser" phaserEM==0.3.1
cd "$root"
exec cargo run --quiet --release --package litho-benches -- ptycho --environments "$tools" "$@"
