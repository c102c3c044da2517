#!/usr/bin/env bash
# Set up a virtual environment with wbcray, its tools, and the tested versions of everything.
# Uses uv where it is on PATH or can be installed by pip (seconds), else pip alone (minutes).
#   PYTHON  interpreter to start from (default python3)     VENV  folder to make (default .venv)
set -euo pipefail
cd "$(dirname "$0")/.."
python="${PYTHON:-python3}"
venv="${VENV:-.venv}"

"$python" - <<'CHECK'
import sys
if sys.version_info < (3, 11):
    sys.exit(f"error: wbcray needs Python 3.11 or newer, this is {sys.version.split()[0]}\n"
             "  fix: make setup PYTHON=python3.11")
CHECK

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"

uv="$(command -v uv || true)"
if [ -z "$uv" ] || ! "$uv" --version >/dev/null 2>&1; then
  uv=""
  if "$venv/bin/python" -m pip install --quiet uv; then uv="$venv/bin/uv"; fi
fi

if [ -n "$uv" ]; then
  "$uv" pip install --quiet --python "$venv/bin/python" --constraint constraints.txt \
    --editable . --group dev
else
  "$venv/bin/python" -m pip install --quiet --constraint constraints.txt --editable .
  # pip older than 25.1 does not know dependency groups: read ours from pyproject.toml.
  "$venv/bin/python" - <<'GROUP' | xargs -0 "$venv/bin/python" -m pip install --quiet --constraint constraints.txt
import sys, tomllib
with open("pyproject.toml", "rb") as file:
    sys.stdout.write("\0".join(tomllib.load(file)["dependency-groups"]["dev"]))
GROUP
fi
echo "ready: $("$venv/bin/wbcray" --version 2>/dev/null || echo "wbcray in $venv")" >&2
