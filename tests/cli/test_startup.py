"""What a command may import before it has anything to do: a fresh process each time."""

import json
import subprocess
import sys

import pytest

from wbcray.cli import main

HEAVY = ("torch", "torchvision", "ray", "optuna", "plotly", "pandas", "numpy", "scipy", "sklearn")
SCRIPT = """
import contextlib, io, json, sys
from wbcray.cli.main import run
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    code = run(sys.argv[1:])
print(json.dumps([code, [name for name in {heavy!r} if name in sys.modules]]))
"""


def imported(folder, *arguments):
    """The exit code of a command in a process of its own, and which heavy packages it imported."""
    said = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(heavy=HEAVY), *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        timeout=120,
    )
    return json.loads(said.stdout)


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("--version",), (), ("tune", "--help"), ("data", "--help"), ("tume",)],
    ids=lambda words: " ".join(words) or "nothing",
)
def test_help_and_typos_import_nothing_heavy(tmp_path, arguments):
    code, heavy = imported(tmp_path, *arguments)
    assert heavy == []
    assert code == (0 if arguments and arguments[0] != "tume" else 2)


@pytest.mark.parametrize(
    "arguments", [("status",), ("data", "describe"), ("tune", "--method", "bodda")], ids=" ".join
)
def test_a_command_that_ends_early_imports_neither_torch_nor_ray(tmp_path, arguments):
    code, heavy = imported(tmp_path, *arguments)
    assert code in (2, 4)
    assert not {"torch", "ray"} & set(heavy)


def test_a_reader_that_stops_reading_is_no_error(tmp_path):
    script = "import sys; from wbcray.cli.main import run; sys.exit(run(['methods']))"
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    ) as process:
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (0, "")


@pytest.mark.parametrize(("said", "code"), [(15, 15), (None, 0), ("why", 1)])
def test_whoever_leaves_for_another_reason_does_so_with_a_code_of_his_own(monkeypatch, said, code):
    def leaves(*args, **options):
        raise SystemExit(said)

    monkeypatch.setattr(main, "app", leaves)
    assert main.run(["methods"]) == code
