"""`docs/configuration.md` names every key, variable and default that the code has, and no other."""

import ast
import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest
from configuration_page import (
    HEADER,
    MEANINGS,
    NEEDED,
    PAGE,
    ROOT,
    SPECIAL,
    WITHOUT,
    make_tables,
    table_names,
    with_tables,
)

from wbcray.cluster.spaces import load_space
from wbcray.core.config import SECTIONS
from wbcray.core.errors import UsageError
from wbcray.core.label_space import LABEL_SPACES
from wbcray.core.project import Project, load_project
from wbcray.core.project_schema import (
    ColumnsSection,
    DomainSection,
    GuardRail,
    ImageSection,
    ProjectFile,
    TrainingSection,
)
from wbcray.search import dimension_file, grid, layers, optuna_space, settings_file, space_file
from wbcray.search.space import SearchSettings

AGAIN = "run `python tests/docs/configuration_page.py` to put the tables of today into the page"
TEXT = PAGE.read_text()
SMALLEST = "classes: [a]\ndomains: {x: {path: x}}\n"


def part(heading):
    """The page from a heading to the next one of its level or above."""
    level = heading.partition(" ")[0]
    _, _, after = TEXT.partition(f"\n{heading}\n")
    assert after, heading
    return re.split(rf"^#{{2,{len(level)}}} ", after, flags=re.MULTILINE)[0]


def rows(text):
    """The cells of all table lines that begin with code."""
    lines = re.findall(r"^\| (`.*) \|$", text, flags=re.MULTILINE)
    return [re.split(r" (?<!\\)\| ", line) for line in lines]


def first_cells(text):
    return [name for row in rows(text) for name in re.findall(r"`([^`]+)`", row[0])]


def example(heading, number=0):
    return re.findall(r"```yaml\n(.*?)```", part(heading), flags=re.DOTALL)[number]


def keys_of_the_project_file():
    """Every dotted key that the file may hold."""
    schemas = (
        ("", ProjectFile),
        ("domains.NAME.", DomainSection),
        ("domains.NAME.columns.", ColumnsSection),
        ("image.", ImageSection),
        ("training.", TrainingSection),
    )
    found = {prefix + key for prefix, model in schemas for key in model.model_fields}
    sections = {item.name: item.type for item in fields(Project) if item.name in SECTIONS}
    for section, kind in sections.items():
        found |= {f"{section}.{item.name}" for item in fields(kind)}
    return found


def variables_read():
    """Names that `wbcray/` asks its environment for, by themselves or as a constant beside it."""
    found = set()
    for path in (ROOT / "wbcray").rglob("*.py"):
        source = path.read_text()
        if "environ" not in source and "WBCRAY_" not in source:
            continue
        tree = ast.parse(source)
        constants = {
            target.id: node.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        asked = [
            node.args[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and ast.unparse(node.func) in ("os.environ.get", "os.getenv")
        ]
        asked += [
            node.slice
            for node in ast.walk(tree)
            if isinstance(node, ast.Subscript)
            and isinstance(node.ctx, ast.Load)
            and ast.unparse(node.value) == "os.environ"
        ]
        found |= {node.value for node in asked if isinstance(node, ast.Constant)}
        found |= {constants[node.id] for node in asked if ast.unparse(node) in constants}
        found |= set(re.findall(r"WBCRAY_[A-Z_]+", source))
    return found


def test_the_tables_are_those_of_today():
    assert with_tables(TEXT) == TEXT, AGAIN


def test_every_table_that_is_made_has_one_place():
    assert sorted(table_names(TEXT)) == sorted(make_tables())


def test_every_key_of_the_project_file_is_on_the_page_once_and_no_other():
    assert sorted(first_cells(part("## `wbcray.yaml`"))) == sorted(
        [*keys_of_the_project_file(), *get_args(GuardRail), *LABEL_SPACES]
    )


def test_no_meaning_is_left_of_a_key_that_is_gone():
    known = keys_of_the_project_file() | {f"search.{item.name}" for item in fields(SearchSettings)}
    assert {*MEANINGS, *WITHOUT, *SPECIAL} <= known


def test_every_default_of_the_page_is_what_a_file_without_the_key_gets(tmp_path):
    path = tmp_path / "wbcray.yaml"
    path.write_text(SMALLEST)
    got = load_project(path)
    values = {}
    for section in ("training", *SECTIONS):
        config = getattr(got, section)
        values |= {f"{section}.{item.name}": getattr(config, item.name) for item in fields(config)}
    values |= {"image.size": got.image_size, "cache": got.cache.name, "runs": Path(got.runs).name}
    said = {row[0].strip("`"): row[2].strip("`") for row in rows(TEXT) if len(row) == len(HEADER)}
    assert {key: type(value)(said[key]) for key, value in values.items()} == values
    assert said["image.field_of_view"] == "native"
    assert got.field_of_view is None


def test_keys_that_are_needed_are_those_without_which_a_file_is_refused(tmp_path):
    needed = [row[0].strip("`") for row in rows(part("## `wbcray.yaml`")) if NEEDED in row]
    assert needed == ["classes", "domains", "domains.NAME.path"]
    path = tmp_path / "wbcray.yaml"
    for text, key in (
        ("domains: {x: {path: x}}", "classes"),
        ("classes: [a]", "domains"),
        ("classes: [a]\ndomains: {x: {}}", "domains.x.path"),
    ):
        path.write_text(text)
        with pytest.raises(UsageError, match=f"'{key}' is missing"):
            load_project(path)


@pytest.mark.parametrize("number", [0, 1])
def test_the_examples_of_project_files_can_be_loaded(tmp_path, number):
    path = tmp_path / "wbcray.yaml"
    path.write_text(example("## `wbcray.yaml`", number))
    assert len(load_project(path).domains) > 1


def test_the_long_example_shows_every_key_at_the_top():
    text = example("## `wbcray.yaml`", 1)
    assert set(re.findall(r"^(\w+):", text, flags=re.MULTILINE)) == set(ProjectFile.model_fields)


def test_every_key_of_a_search_space_is_on_the_page_and_no_other():
    at_the_top = rows(part("## Search spaces").partition("### ")[0])
    assert [row[0].strip("`") for row in at_the_top] == list(space_file.KEYS)
    assert first_cells(part("### `params`")) == list(dimension_file.KEYS)
    settings = [
        name.removeprefix("search.") for name in first_cells(part("### Samplers and scheduler"))
    ]
    assert settings == list(settings_file.KEYS)


def test_the_example_of_a_search_space_does_what_its_comments_say(tmp_path):
    (tmp_path / "boda.yaml").write_text(example("## Search spaces"))
    space = load_space("boda", tmp_path)
    found = {item.name: item for item in space.dimensions}
    assert "optimizer.weight_decay" in found  # of base.yaml
    assert (found["optimizer.lr"].high, found["optimizer.lr"].log) == (1e-3, True)
    assert found["penalty.nu"].step == 0.25
    assert found["sampler.exponent"].when == (("sampler", ("balanced",)),)
    assert space.objective == "val/balanced_accuracy"
    assert space.settings == SearchSettings(sampler="random", grace_epochs=5)


@pytest.mark.parametrize(
    ("key", "low", "high"), [("grace_epochs", 1, 100_000), ("reduction_factor", 2, 100)]
)
def test_the_limits_of_a_whole_number_of_the_search_are_those_of_the_page(tmp_path, key, low, high):
    assert f"`search.{key}` | a whole number {low} .. {high:,} |" in TEXT
    path = tmp_path / "erm.yaml"
    for value in (low, high):
        path.write_text(f"method: erm\nextends: base.yaml\nsearch: {{{key}: {value}}}\n")
        assert getattr(load_space("erm", tmp_path).settings, key) == value
    for value in (low - 1, high + 1):
        path.write_text(f"method: erm\nextends: base.yaml\nsearch: {{{key}: {value}}}\n")
        with pytest.raises(UsageError, match=f"search.{key} must be"):
            load_space("erm", tmp_path)


def test_numbers_in_the_text_are_those_of_the_code():
    assert f"{dimension_file.MAX_STEPS:,} steps" in TEXT
    assert f"{grid.MAX_POINTS:,}" in part("### Samplers and scheduler")
    assert grid.POINTS == 5
    assert f"{layers.MAX_LAYERS} files may extend" in TEXT
    assert f"{optuna_space.STARTUP_TRIALS} random trials" in TEXT


def test_every_variable_that_the_code_reads_is_on_the_page():
    assert {name for name in variables_read() if name not in first_cells(TEXT)} == set()


def test_every_variable_on_the_page_is_in_the_code():
    source = "".join(path.read_text() for path in (ROOT / "wbcray").rglob("*.py"))
    listed = first_cells(part("## Environment variables"))
    assert listed
    assert {name for name in listed if name not in source} == set()


def test_every_link_of_the_page_leads_somewhere():
    links = re.findall(r"\]\(([^)]+)\)", TEXT)
    titles = re.findall(r"^#+ (.+)$", TEXT, flags=re.MULTILINE)
    anchors = {"#" + re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
    assert {link for link in links if link.startswith("#")} <= anchors
    files = {link for link in links if not link.startswith("#")}
    assert files
    assert all((PAGE.parent / link).exists() for link in files)


def test_every_table_has_as_many_cells_in_each_row():
    tables = re.findall(r"(?:^\|.*\|$\n)+", TEXT, flags=re.MULTILINE)
    widths = [{len(re.findall(r"(?<!\\)\|", line)) for line in t.splitlines()} for t in tables]
    assert len(tables) > len(make_tables())
    assert all(len(width) == 1 for width in widths)
