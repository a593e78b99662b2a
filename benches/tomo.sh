#!/bin/sh
# Measures tomography beside ASTRA; arguments go to `litho-benches tomo` (see --help).
# The peer gets a virtual environment of its own in .tools/ at the repository's root.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
tools=$root/.tools
. "$root/benches/environment.sh"
environment "$tools/bench-tomo" numpy astra-toolbox
cd "$root"
exec cargo run --quiet --release --package litho-benches -- tomo --environments "$tools" "$@"
