"""The command line as a user has it: a folder, text and exit codes.

In a process of its own, or in this one where no Ray is started and nobody kills it: a process of
its own imports for seconds.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
import warnings

from wbcray.cli.main import run


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


def call_here(folder, *words, code=0):
    """Run a command in this process; what it printed on stdout and stderr."""
    out, remarks = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(remarks),
        warnings.catch_warnings(action="ignore"),
    ):
        found = run(list(words))
    assert found == code, f"exit {found}\n{out.getvalue()}\n{remarks.getvalue()}"
    return out.getvalue(), remarks.getvalue()


def call_json_here(folder, *words, code=0):
    """Run a command in this process with --json; its one object."""
    return json.loads(call_here(folder, *words, "--json", code=code)[0])
