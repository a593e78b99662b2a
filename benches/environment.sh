# Read by the scripts beside it: makes the peers' Python environments.
# environment FOLDER PACKAGE...: a virtual environment with the packages, made anew when they change; one that cannot be
# made is reported, and what needs it is not measured.
environment() {
    venv=$1
    shift
    packages=$*
    [ "$(cat "$venv/installed" 2>/dev/null)" = "$packages" ] && return
    mkdir -p "$(dirname "$venv")"
    echo "installing $packages into $venv" >&2
    if { python3 -m venv "$venv" && "$venv/bin/python" -m pip install --quiet "$@"; } >"$venv.log" 2>&1; then
        echo "$packages" >"$venv/installed"
        rm "$venv.log"
    else
        echo "not installed: $packages; see $venv.log" >&2
    fi
}
