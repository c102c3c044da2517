"""`docs/architecture.md` names the modules and layers that there are."""

import re
import tomllib

from module_tree import LAYERS, PAGE, ROOT, modules, paths_of, tree_of_the_page

AGAIN = "run `python tests/docs/module_tree.py` to put the tree of today into the page"


def test_the_tree_names_every_module_once_and_no_other():
    assert sorted(paths_of(tree_of_the_page())) == sorted(modules()), AGAIN


def test_every_line_of_the_tree_is_the_module_s_own():
    shown = [re.sub(r"^\s*\S+\s*", "", line) for line in tree_of_the_page().splitlines()]
    strange = set(shown) - {*modules().values()}
    assert {text for text in strange if not text.endswith(".py")} == set(), AGAIN


def test_every_package_has_a_place_among_the_layers():
    packages = {path.parent.name for path in (ROOT / "wbcray").glob("*/__init__.py")}
    assert packages == set(LAYERS)


def test_the_page_shows_the_layers_that_the_build_enforces():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (layers,) = [c["layers"] for c in contracts["contracts"] if c["type"] == "layers"]
    assert " > ".join(layers) in PAGE.read_text()


def test_every_path_in_the_page_s_text_exists():
    text = PAGE.read_text().replace(tree_of_the_page(), "")
    named = set(re.findall(r"`((?:wbcray|docs|tests|search_spaces)/[\w./]+)`", text))
    assert named
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_every_module_in_the_page_s_text_exists():
    text = PAGE.read_text().replace(tree_of_the_page(), "")
    named = set(re.findall(rf"`((?:{'|'.join(LAYERS)})/[\w/]+\.py)`", text))
    assert named
    assert {name for name in named if not (ROOT / "wbcray" / name).exists()} == set()
