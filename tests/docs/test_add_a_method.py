"""`docs/add_a_method.md` is carried out, block by block, in a copy of the repository."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "add_a_method.md"
COPIED = (
    *("wbcray", "search_spaces", "tests/methods", "tests/search"),
    *("tests/conftest.py", "tests/compiled_modules.py", "tests/generated_cells.py"),
    *("pyproject.toml", "CITATION.bib"),
)
FENCE = re.compile(r"(?ms)^```(?P<kind>\w+) ?(?P<path>\S*)\n(?P<text>.*?)^```$")
PART, TABLE = "wbcray/methods/penalties/ddc.py", "wbcray/methods/parts.py"

# All `wbcray` commands in one process, because importing torch takes most of their time.
DRIVER = """
import json, shlex, sys
from pathlib import Path
import wbcray
from wbcray.cli.main import run
assert Path(wbcray.__file__).is_relative_to(Path.cwd()), wbcray.__file__
for line in json.loads(sys.argv[1]):
    assert run(shlex.split(line)[1:]) == 0, line
    project = Path("wbcray.yaml")
    if project.exists():  # smaller than the page's, to be fast
        project.write_text(project.read_text().replace("size: 64", "size: 32"))
"""

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Block:
    kind: str
    path: str
    text: str


def blocks() -> list[Block]:
    return [Block(**found.groupdict()) for found in FENCE.finditer(PAGE.read_text())]


def commands(program: str) -> list[str]:
    """The page's command lines that begin with `program`."""
    shown = [block.text for block in blocks() if block.kind == "console"]
    lines = [line.removeprefix("$ ") for text in shown for line in text.splitlines()]
    return [line for line in lines if line.split()[0] == program]


def apply(block: Block, tree: Path) -> None:
    """Write the file, or replace the lines of a diff's context by context and additions."""
    path = tree / block.path
    if block.kind != "diff":
        assert not path.exists(), f"{block.path} is not new"
        path.write_text(block.text)
        return
    lines = block.text.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if line[0] == " ")
    after = "".join(line[1:] for line in lines if line[0] in " +")
    whole = path.read_text()
    assert whole.count(before) == 1, f"the context of the diff for {block.path} is not unique"
    path.write_text(whole.replace(before, after))


def execute(tree: Path, *arguments: str) -> str:
    """Run this Python with `tree` in front; what it printed."""
    path = os.pathsep.join(map(str, (tree, ROOT)))
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """A copy of the repository in which the page's steps were done."""
    copy = tmp_path_factory.mktemp("repository")
    for name in COPIED:
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, target)
    for block in blocks():
        if block.path:
            apply(block, copy)
    return copy


@pytest.fixture(scope="module")
def said(tree) -> str:
    """What the page's `wbcray` commands print."""
    return execute(tree, "-c", DRIVER, json.dumps(commands("wbcray")))


def test_the_part_is_one_file_of_at_most_sixty_lines():
    (part,) = [block.text for block in blocks() if block.path == PART]
    assert len(part.splitlines()) <= 60


def test_the_table_of_parts_grows_by_one_line(tree):
    before, after = ((root / TABLE).read_text().splitlines() for root in (ROOT, tree))
    assert len(after) == len(before) + 1


def test_the_command_line_describes_the_new_method(said):
    assert "ddc: Deep domain confusion" in said
    assert "weight of the distance of the means" in said
    assert "0.0001 .. 10000" in said


def test_its_search_space_is_searched(said):
    assert re.search(r"penalty\.weight\s+float\s+0\.01 \.\. 10", said)


def test_a_short_training_records_the_new_loss(tree, said):
    assert re.search(r"epoch 1: total [\d.]+, risk [\d.]+, ddc [\d.]+;", said)
    (record,) = (tree / "runs" / "main" / "cells").glob("*/*/attempt-001.json")
    (report,) = json.loads(record.read_text())["payload"]["reports"]
    losses = report["losses"]
    assert losses["ddc"] > 0
    assert losses["total"] == pytest.approx(losses["risk"] + losses["ddc"], rel=1e-5)


def test_its_own_test_and_the_contract_tests_pass(tree):
    (line,) = commands("python")
    printed = execute(tree, *line.split()[1:])
    passed = re.search(r"(\d+) passed", printed)
    assert passed is not None
    assert int(passed.group(1)) > 40
    assert "failed" not in printed


def test_the_part_holds_the_contract_in_a_package_of_its_own(tmp_path):
    (part,) = [block.text for block in blocks() if block.path == PART]
    (declared,) = [block.text for block in blocks() if block.kind == "toml"]
    (contract,) = [block.text for block in blocks() if block.kind == "python" and not block.path]
    entries = tomllib.loads(declared)["project"]["entry-points"]["wbcray.parts"]
    info, package = tmp_path / "my_package-1.0.dist-info", tmp_path / "my_package"
    info.mkdir()
    package.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 1.0\n")
    lines = [f"{name} = {place}" for name, place in entries.items()]
    (info / "entry_points.txt").write_text("\n".join(["[wbcray.parts]", *lines, ""]))
    (package / "__init__.py").touch()
    (package / "ddc.py").write_text(part)
    (tmp_path / "test_ddc.py").write_text(contract)
    printed = execute(tmp_path, "-m", "pytest", "-q", "test_ddc.py")
    passed = re.search(r"(\d+) passed", printed)
    assert passed is not None
    assert int(passed.group(1)) > 15


def test_the_new_code_keeps_the_house_style(tree):
    files = [block.path for block in blocks() if block.path.endswith(".py")]
    execute(tree, "-m", "ruff", "check", "--no-cache", *files)
    execute(tree, "-m", "ruff", "format", "--no-cache", "--check", *files)
