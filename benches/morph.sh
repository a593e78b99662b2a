#!/bin/sh
# Measures morphology beside edt, connected-components-3d, scikit-image and SciPy; arguments go to `litho-benches morph`
# (see --help). The peers get a virtual environment of their own in .tools/ at the repository's root.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
tools=$root/.tools
. "$root/benches/environment.sh"
environment "$tools/bench-morph" numpy edt connected-components-3d scikit-image scipy
cd "$root"
exec cargo run --quiet --release --package litho-benches -- morph --environments "$tools" "$@"
