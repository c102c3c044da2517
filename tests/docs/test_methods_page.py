"""`docs/methods.md` says what the code says, and reads well as Markdown."""

import re
from itertools import pairwise

import pytest
from methods_page import IN_A_STEP, PAGE, ROOT, TITLES, make_page

from wbcray.core.config import AXES
from wbcray.methods.parts import PARTS
from wbcray.methods.presets import PRESETS

AGAIN = "run `python tests/docs/methods_page.py` to write the page of today"
PARTS_BY_AXIS = {f"{axis}={name}" for axis, table in PARTS.items() for name in table}


@pytest.fixture(scope="module")
def page():
    return PAGE.read_text()


@pytest.fixture(scope="module")
def prose(page):
    """The page without what is shown as it is typed: blocks of code and spans."""
    fenced = re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)
    indented = re.sub(r"^ {4}.*$", "", fenced, flags=re.MULTILINE)
    return re.sub(r"`(?:[^`\n]|\n(?!\n))+`", "code", indented)


def headings(page):
    return re.findall(r"^(#+) (.+)$", page, flags=re.MULTILINE)


def anchors(page):
    """The addresses that GitHub gives the headings."""
    plain = [re.sub(r"[^\w\- ]", "", title.lower()) for _, title in headings(page)]
    return [text.replace(" ", "-") for text in plain]


def test_the_page_is_that_of_today(page):
    assert page == make_page(), AGAIN


def test_every_part_has_a_heading_and_every_preset_a_row(page):
    found = {title.strip("`") for level, title in headings(page) if level == "###"}
    assert found == PARTS_BY_AXIS
    assert set(PRESETS) <= set(re.findall(r"^\| `(\w+)` \|", page, flags=re.MULTILINE))


def test_headings_are_unique_and_skip_no_level(page):
    levels = [len(level) for level, _ in headings(page)]
    assert len(set(anchors(page))) == len(levels)
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_link_within_the_page_leads_somewhere(page):
    wanted = set(re.findall(r"\]\(#([^)]+)\)", page))
    assert wanted
    assert wanted <= set(anchors(page))


def test_every_link_to_a_file_leads_somewhere(page):
    wanted = set(re.findall(r"\]\((?!https://|#)([^)]+)\)", page))
    assert wanted
    assert all((PAGE.parent / path).exists() for path in wanted)


def test_every_table_has_as_many_cells_in_each_row(page):
    tables = re.findall(r"(?:^\|.*\|$\n)+", page, flags=re.MULTILINE)
    widths = [
        {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()} for table in tables
    ]
    assert len(tables) > len(AXES)
    assert all(len(width) == 1 for width in widths)


def test_every_line_that_begins_like_a_table_is_one(page):
    assert not re.findall(r"^\|.*[^|\n]$", page, flags=re.MULTILINE)


def test_there_is_no_markup_that_github_does_not_know(page):
    assert not re.findall(r":\w+:`|(?<!`)``(?!`)|^\.\. ", page, flags=re.MULTILINE)


def test_nothing_vanishes_as_an_html_tag(prose):
    kept = prose.replace("<br>", "")
    assert re.findall(r"<[A-Za-z/][^>\n]*>", kept) == []


def test_no_spans_of_code_are_left_open(prose):
    assert "`" not in prose


def test_fences_come_in_pairs(page):
    assert len(re.findall(r"^```", page, flags=re.MULTILINE)) % 2 == 0


def test_every_axis_has_a_title_and_a_place_in_the_step():
    assert set(TITLES) == set(IN_A_STEP) == set(AXES)


def test_the_page_knows_how_it_was_made(page):
    (maker,) = re.findall(r"Made by (\S+)", page)
    assert (ROOT / maker).exists()
