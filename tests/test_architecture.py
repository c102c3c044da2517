"""Rules about the code itself that no linter knows."""

import ast
from pathlib import Path

import pytest

from wbcray.core.config import AXES
from wbcray.methods.parts import part_names
from wbcray.methods.presets import PRESETS

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "wbcray"
MODULES = sorted(PACKAGE.rglob("*.py"))

# One word that is also something else: "none" and "mean" are values of many options, "domain",
# "instance" and "balanced" plain English in messages, "resample" a verb; the last four are settings
# of the network too.
COMMON_WORDS = {
    *("none", "mean", "domain", "instance", "balanced", "resample"),
    *("network", "batch", "frozen", "group"),
}
# Where a default has to name a method: the reference of comparisons, the demo's and help texts.
NAMED_IN = {"explorer/reading/tables.py", "cli"}


def texts_of(path):
    """Every string literal of a module that is no docstring."""
    tree = ast.parse(path.read_text())
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
    }


def test_no_method_is_known_by_name_outside_methods():
    names = {*PRESETS, *(name for axis in AXES for name in part_names(axis))} - COMMON_WORDS
    for path in MODULES:
        place = path.relative_to(PACKAGE).as_posix()
        if place.startswith("methods/") or place in NAMED_IN or place.split("/")[0] in NAMED_IN:
            continue
        assert not names & texts_of(path), place


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_holds_one_idea(path):
    assert len(path.read_text().splitlines()) <= 260


def test_no_penalty_imports_another():
    for path in (PACKAGE / "methods" / "penalties").glob("*.py"):
        text = path.read_text()
        assert "from wbcray.methods.penalties" not in text


def test_nothing_is_unpickled():
    for path in MODULES:
        text = path.read_text()
        assert "pickle.load" not in text
        assert "weights_only=False" not in text


def test_only_the_store_reveals_sealed_counts():
    revealing = {
        path.relative_to(PACKAGE).as_posix() for path in MODULES if ".reveal()" in path.read_text()
    }
    assert revealing == {"store/leases.py", "store/openings.py"}


def test_the_readme_names_every_command():
    from wbcray.cli.main import app

    readme = (ROOT / "README.md").read_text()
    for command in app.registered_commands:
        assert f"wbcray {command.name}" in readme, command.name


def test_every_method_has_a_search_space_and_every_search_space_a_method():
    files = {path.stem for path in (ROOT / "search_spaces").glob("*.yaml")}
    assert files - {"base", "sampler"} == set(PRESETS)
