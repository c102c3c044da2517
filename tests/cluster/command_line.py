"""The command line as a user has it: another process, a folder, text and exit codes."""

import json
import os
import subprocess
import sys


def start(folder, *words):
    """Begin a command in `folder`; its own process group, so that it can be killed whole."""
    return subprocess.Popen(
        [sys.executable, "-m", "wbcray", *words],
        cwd=folder,
        env=os.environ | {"PYTHONWARNINGS": "ignore", "RAY_ADDRESS": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def call(folder, *words, code=0):
    """Run a command to its end; what it printed on stdout and stderr."""
    process = start(folder, *words)
    out, remarks = process.communicate(timeout=280)
    assert process.returncode == code, f"exit {process.returncode}\n{out}\n{remarks}"
    return out, remarks


def call_json(folder, *words, code=0):
    """Run a command with --json; its one object."""
    return json.loads(call(folder, *words, "--json", code=code)[0])
