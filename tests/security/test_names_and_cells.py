"""No name leads out of its folder, and no cell of a table is a formula."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbcray.core.errors import RefusedError, UsageError
from wbcray.core.project import load_project
from wbcray.core.sample import Catalog, Sample
from wbcray.core.spreadsheet import safe_cell
from wbcray.data.audit.duplicates import Link
from wbcray.data.audit.guard import refuse_leakage
from wbcray.data.audit.leakage import Leakage
from wbcray.store.run import check_name
from wbcray.store.studies import StudyStore

PIECES = [*"aZ09._-/\\\0\n\r\t ~$%&;|'\"<>*?:+=", "..", "../", "%2e", "erm", "coral", "\u202e"]
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=70).map("".join)
NAMES = st.one_of(HOSTILE, st.text(max_size=70), st.from_regex(r"[A-Za-z0-9][\w.-]{0,63}"))


def stays_inside(folder, path):
    inside = path.resolve()
    return inside.parent == folder.resolve() and "\0" not in str(path)


@given(name=NAMES)
def test_a_run_s_name_leads_nowhere_else(tmp_path_factory, name):
    runs = tmp_path_factory.getbasetemp()
    try:
        folder = runs / check_name(name)
    except UsageError:
        return
    assert stays_inside(runs, folder)
    assert folder.name == name


@given(name=NAMES)
def test_a_domain_s_name_leads_nowhere_else(tmp_path_factory, name):
    from wbcray.core.project_schema import _folder_name

    runs = tmp_path_factory.getbasetemp()
    try:
        folder = StudyStore(runs, "erm", _folder_name(name)).folder
    except ValueError:
        return
    assert stays_inside(runs / "studies", folder)


@given(method=NAMES)
def test_what_is_no_method_never_becomes_a_folder(tmp_path_factory, method):
    from wbcray.cli.options import methods_of

    runs = tmp_path_factory.getbasetemp()
    try:
        named = methods_of((method,))
    except UsageError:
        return
    assert all(stays_inside(runs / "studies", StudyStore(runs, m, "a").folder) for m in named)


@pytest.mark.parametrize("name", ["../up", "a/b", ".hidden", "a\nb", "", "x" * 65])
def test_a_project_with_such_a_domain_is_refused(tmp_path, name):
    import yaml

    path = tmp_path / "wbcray.yaml"
    domains = {name: {"path": "."}, "ok": {"path": "."}}
    path.write_text(yaml.safe_dump({"classes": ["a", "b"], "domains": domains}))
    with pytest.raises(UsageError, match="domain name"):
        load_project(path)


@given(text=st.text())
def test_no_cell_is_a_formula_and_none_loses_its_text(text):
    cell = safe_cell(text)
    assert cell in (text, f"'{text}")
    if cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        float(cell)  # a number with its sign


@given(number=st.one_of(st.integers(), st.floats(allow_nan=False)))
def test_numbers_stay_numbers(number):
    assert float(safe_cell(str(number))) == float(number)


def test_the_list_of_leaking_images_has_no_formulas(tmp_path):
    bad = ["=cmd|' /C calc'!A0", "@SUM(1)", "+1+1", "-2+3", "\tx"]
    samples = tuple(Sample(path=path, label=path, domain="north") for path in bad)
    catalog = Catalog(samples=samples, classes=tuple(bad), domains=("north",))
    links = tuple(Link(first=i, second=0, likeness=1.0, exact=True) for i in range(1, 5))
    leaks = Leakage(folds=links, domains=(), patients=(("north", "=1+1"),))
    listing = tmp_path / "leakage.csv"
    with pytest.raises(RefusedError):
        refuse_leakage(catalog, leaks, listing)
    with listing.open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))] == []
    assert f"'{bad[0]}" in cells
