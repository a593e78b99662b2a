#!/bin/sh
# Measures spectroscopy beside SciPy, lmfit, scikit-learn and NumPy; arguments go to `litho-benches spectro` (see --help).
# The peers get a virtual environment of their own in .tools/ at the repository's root.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
tools=$root/.tools
. "$root/benches/environment.sh"
environment "$tools/bench-spectro" numpy scipy lmfit scikit-learn
cd "$root"
exec cargo run --quiet --release --package litho-benches -- spectro --environments "$tools" "$@"
