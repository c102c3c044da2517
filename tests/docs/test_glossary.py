"""`docs/glossary.md`: every term once, and every name in it is in the code."""

import re
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest

from wbcray.core.config import AXES
from wbcray.metrics.scores import Convention
from wbcray.store.study_contents import TrialState

PAGE = Path(__file__).resolve().parents[2] / "docs" / "glossary.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| term ")
]
NAMES = sorted({row[2].strip("`") for row in ROWS})


def terms() -> list[str]:
    return [row[0] for row in ROWS]


def fields_of(kind: type) -> set[str]:
    """Names annotated in the class body; slots hide plain dataclass fields from `getattr`."""
    return set(getattr(kind, "__annotations__", {}))


def test_every_row_has_a_term_a_meaning_a_place_and_its_names_elsewhere():
    assert {len(row) for row in ROWS} == {4}
    assert all(row[0] and row[1] and re.fullmatch(r"`[\w.]+`", row[2]) for row in ROWS)


def test_every_term_has_one_meaning():
    assert len(terms()) == len(set(terms()))
    assert len({row[1] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_the_glossary_is_in_the_code(name: str):
    words = name.split(".")
    # packages and modules are in lower case, and within modules only classes are told apart further
    depth = next((i for i, word in enumerate(words) if word[0].isupper()), len(words) - 1)
    found = getattr(import_module("wbcray." + ".".join(words[:depth])), words[depth])
    for attribute in words[depth + 1 :]:
        assert hasattr(found, attribute) or attribute in fields_of(found)


def test_the_axes_are_those_of_the_code():
    (meaning,) = [row[1] for row in ROWS if row[0] == "axis"]
    assert tuple(re.findall(r"`(\w+)`", meaning)) == AXES


def test_every_state_of_a_trial_is_explained():
    assert {state.lower() for state in get_args(TrialState)} <= set(terms())


def test_all_conventions_of_macro_f1_are_explained():
    (plain,) = [row[1] for row in ROWS if row[0] == "macro F1"]
    named = {term.removeprefix("macro F1, ") for term in terms() if term.startswith("macro F1, ")}
    assert named | set(re.findall(r"\*(\w+)\*", plain)) == set(get_args(Convention))
