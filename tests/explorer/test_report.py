"""The report as a file: whole, self-contained, escaped, and honest on its face."""

import re
from html.parser import HTMLParser

import pytest

from wbcray.core.errors import ResourceError
from wbcray.explorer.choice import Choice
from wbcray.explorer.drawing import draw_all
from wbcray.explorer.report import write_report

MOST_BYTES = 10_000_000
HOME = {"home": [[10, 0, 0], [0, 10, 0], [0, 0, 10]]}
ATTACK = "<script>alert(1)</script>"


class Page(HTMLParser):
    """Elements and attributes of a page."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def report(realistic, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(realistic, path)
    return path.read_text(encoding="utf-8")


def written(tables, tmp_path):
    write_report(tables, tmp_path / "r.html")
    return (tmp_path / "r.html").read_text(encoding="utf-8")


def without_scripts(text):
    return re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)


def test_it_is_under_ten_megabytes(report):
    assert len(report.encode()) < MOST_BYTES


def test_nothing_is_loaded_from_elsewhere(report):
    loading = [
        attrs.get("src") or attrs.get("href")
        for tag, attrs in Page(report).elements
        if attrs.get("src") or (tag in {"link", "a", "base"} and attrs.get("href"))
    ]
    assert [address for address in loading if not address.startswith("#")] == []


def test_plotly_is_embedded_once(report):
    assert report.count("plotly.js v") == 1


def test_every_link_of_the_navigation_leads_somewhere(report):
    elements = Page(report).elements
    places = {attrs.get("id") for _, attrs in elements}
    links = [attrs["href"][1:] for tag, attrs in elements if tag == "a"]
    assert links
    assert set(links) <= places


def test_every_panel_has_a_question_and_its_numbers(report, realistic):
    found = draw_all(realistic, Choice())
    assert len(found) >= 9
    assert all(view.panel.question.endswith("?") for view in found)
    assert report.count("The numbers behind it") == sum(len(view.figures) for view in found)


def test_synthetic_images_are_announced(report):
    assert 'role="alert">SYNTHETIC' in report


def test_real_images_are_not(builder, tmp_path):
    tables = builder().cell("erm", "away", 0, validation=HOME).build()
    assert "SYNTHETIC" not in written(tables, tmp_path)


def test_oracle_selection_is_announced(builder, tmp_path):
    tables = builder(oracle=True).cell("erm", "away", 0, validation=HOME).build()
    assert 'role="alert">ORACLE' in written(tables, tmp_path)


@pytest.mark.parametrize(
    "fact",
    [
        "d" * 16,
        "5" * 16,
        "highest mean validation macro F1",
        "torch 2.14.0",
        "held-out counts of 3 configurations have been opened in this run",
        "not finite",
    ],
)
def test_the_protocol_card_shows_the_fact(report, fact):
    assert fact in without_scripts(report)


def test_scores_are_in_the_tables_without_javascript(report, realistic):
    text = without_scripts(report)
    assert "0.76 ± 0.02" in text
    assert "sealed" in text


def test_names_are_escaped_everywhere(builder, tmp_path):
    run = builder(classes=[ATTACK, "b", "c"], domains=["home", f"away{ATTACK}"], run=ATTACK)
    for fold in (0, 1, 2):
        for method in ("erm", f"m{ATTACK}"):
            hits = 5 + fold
            unseen = [[hits, 10 - hits, 0], [0, 0, 0], [0, 0, 0]]
            run.cell(method, f"away{ATTACK}", fold, validation=HOME, unseen=unseen)
            run.curve(method, f"away{ATTACK}", fold, [0.1, 0.2])
    for trial in (0, 1):
        run.trial(f"m{ATTACK}", f"away{ATTACK}", trial, 0.5, **{ATTACK: f"{trial}{ATTACK}"})
    text = written(run.build(), tmp_path)
    assert ATTACK not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_a_run_without_results_still_has_a_report(builder, tmp_path):
    assert "What could not be measured" in written(builder().build(), tmp_path)


def test_a_run_with_one_sealed_cell_has_a_report(builder, tmp_path):
    text = written(builder().cell("erm", "away", 0, validation=HOME).build(), tmp_path)
    assert "still sealed for erm" in text


def test_an_older_report_is_replaced_and_nothing_is_left_beside_it(builder, tmp_path):
    (tmp_path / "r.html").write_text("old", encoding="utf-8")
    assert written(builder().build(), tmp_path) != "old"
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]


def test_a_place_that_cannot_be_written_is_said_and_leaves_nothing(builder, tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(ResourceError, match="cannot be written") as caught:
        write_report(builder().build(), tmp_path / "folder")
    assert caught.value.where.endswith("folder")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
