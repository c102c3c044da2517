"""The report as a file: whole, self-contained, escaped, and honest on its face."""

import json
import re
from base64 import b64decode, b64encode
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from wbcray.core.errors import ResourceError
from wbcray.explorer.choice import Choice
from wbcray.explorer.pages import PAGES
from wbcray.explorer.report.budgets import duration
from wbcray.explorer.report.drawing import MOST_FIGURES, AskedView, asked, foremost
from wbcray.explorer.report.packing import figure_json, inflated, numbers_json
from wbcray.explorer.report.panels import report_panels
from wbcray.explorer.report.protocol import origins
from wbcray.explorer.report.writing import write_report
from wbcray.explorer.view import Drawn, Panel, Variant, View
from wbcray.explorer.wording import MISSING

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


def packed(report, kind):
    """What a report holds of figures (`f`) or numbers (`n`), by key, parsed."""
    found = {}
    for media, key, content in re.findall(
        rf'<script type="application/(json|zlib)" id="{kind}-([^"]+)">(.*?)</script>', report
    ):
        found[key] = json.loads(content if media == "json" else inflated(content))
    return found


def test_every_panel_has_a_question_and_every_figure_its_numbers(report, realistic):
    views = [one for one in asked(realistic, Choice()) if one.panel.variants]
    assert len(views) >= 9
    assert all(one.panel.question.endswith("?") for one in views)
    assert report.count("The numbers behind it") == len(views)
    kept = packed(report, "f")
    assert list(kept) == list(packed(report, "n"))
    assert {key.rpartition("-")[0] for key in kept} == {one.view.anchor for one in views}
    assert len(kept) <= MOST_FIGURES


def test_a_panel_s_first_figure_is_there_without_unpacking_for_those_who_print_at_once(report):
    plain = re.findall('<script type="application/json" id="f-([^"]+)">', report)
    assert plain == re.findall('data-first="([^"]+)"', report)


def test_numbers_are_cut_at_300_rows_and_say_where_the_rest_is():
    told = json.loads(numbers_json(pd.DataFrame({"a_b": range(301)})))
    assert told["columns"] == ["a b"]
    assert [row for (row,) in told["rows"]] == [str(n) for n in range(300)]
    assert told["cut"] == (
        "the first 300 of 301 rows; `wbcray export` writes the run's tables whole"
    )
    assert json.loads(numbers_json(pd.DataFrame({"a": range(300)})))["cut"] == ""


def test_coordinates_are_in_single_precision_and_what_hovering_prints_is_exact():
    exact = [0.1234567890123, 2.0]
    figure = go.Figure(
        go.Scatter(x=np.array(exact), y=exact, customdata=np.array([exact]), text=["<b>"])
    )
    trace = json.loads(figure_json(figure))["data"][0]
    assert trace["x"] == {"dtype": "f4", "bdata": b64encode(np.float32(exact).tobytes()).decode()}
    assert trace["y"] == [0.123457, 2.0]
    assert np.frombuffer(b64decode(trace["customdata"]["bdata"])).tolist() == exact
    assert trace["text"] == ["<b>"]


def test_values_that_are_not_numbers_are_null_in_a_figure():
    trace = json.loads(figure_json(go.Figure(go.Scatter(y=[np.nan, np.inf, 1]))))["data"][0]
    assert trace["y"] == [None, None, 1]


def made_up(anchor, count, size=1):
    """A view with `count` figures, each with `size` random bytes in its title."""
    rng = np.random.default_rng(0)

    def drawn(number):
        figure = go.Figure(layout_title_text=rng.bytes(size).hex())
        return Drawn(figure=figure, numbers=pd.DataFrame({"number": [number]}))

    variants = tuple(
        Variant(label=f"{anchor} {number}", draw=partial(drawn, number)) for number in range(count)
    )
    panel = Panel(question="Why?", how_to_read="So.", n="1 image", variants=variants, lacking="No.")
    view = View(anchor=anchor, short=anchor, build=lambda _tables, _choice: panel)
    return AskedView(page=PAGES[0], view=view, panel=panel)


def test_of_a_view_with_25_figures_a_file_has_the_first_12_and_says_so(realistic):
    (panel,) = report_panels((made_up("many", 25),), realistic, room=10**6)
    assert list(packed(panel.data, "f")) == [f"many-{n}" for n in range(12)]
    assert "12 of 25 figures are in this file, `wbcray explore` has all" in panel.html
    assert "many 11" in panel.html
    assert "many 12" not in panel.html


def test_figures_of_single_methods_stand_in_the_order_of_the_methods():
    one = made_up("m", 4)
    labels = ("apart", "arm, home", "arm, away", "boda")
    variants = tuple(
        replace(v, label=label) for v, label in zip(one.panel.variants, labels, strict=True)
    )
    one = replace(one, panel=replace(one.panel, variants=variants))
    (found,) = foremost((one,), ("erm", "boda", "arm"))
    assert [v.label for v in found.panel.variants] == ["apart", "boda", "arm, home", "arm, away"]


def test_a_file_has_72_figures_in_all_the_first_of_each_view_before_any_second(realistic):
    views = tuple(made_up(f"view{number}", 9) for number in range(10))
    panels = report_panels(views, realistic, room=10**6)
    counts = [len(packed(panel.data, "f")) for panel in panels]
    assert counts == [8, 8, 7, 7, 7, 7, 7, 7, 7, 7]
    assert "8 of 9 figures" in panels[0].html


def test_where_figures_do_not_fit_the_last_of_the_longest_view_are_left_out(realistic):
    views = (made_up("long", 9, size=5000), made_up("short", 1, size=5000))
    long, short = report_panels(views, realistic, room=45_000)
    assert len(packed(short.data, "f")) == 1
    kept = len(packed(long.data, "f"))
    assert 1 <= kept < 9
    assert f"{kept} of 9 figures" in long.html
    assert len(long.data) + len(short.data) <= 45_000


def test_a_view_that_does_not_fit_at_all_says_where_it_is_drawn(realistic):
    (panel,) = report_panels((made_up("huge", 1, size=5000),), realistic, room=1000)
    assert panel.data == ""
    assert "`wbcray explore` draws them" in panel.html
    assert 'class="panel"' not in panel.html


def test_questions_without_an_answer_stand_together_and_say_what_would_answer_them(
    builder, tmp_path
):
    text = written(builder().cell("erm", "away", 0, validation=HOME).build(), tmp_path)
    place = text.index('id="lacking"')
    told = "What is lost on the way to an unseen domain? The held-out domains are still sealed"
    assert text.index(told) > place
    assert 'id="shift"' not in text


def test_the_navigation_is_grouped_by_page(report):
    groups = re.findall("<b>([^<]+)</b>", report[report.index("<nav") : report.index("</nav>")])
    titles = [page.title for page in PAGES]
    assert [title for title in groups if title in titles] == [t for t in titles if t in groups]
    assert len(set(groups) & set(titles)) >= 4


def test_configurations_are_named_with_their_domains(builder):
    run = builder(domains=["home", "away", "far"])
    for method, held_out, origin in (
        ("boda", "away", "tuned"),
        ("erm", "away", "default"),
        ("erm", "home", "default"),
        ("coral", "away", "tuned"),
    ):
        run.cell(method, held_out, 0, validation=HOME, origin=origin)
    assert origins(run.build()) == (
        "default for all 2 held-out domains: erm; tuned for away: boda, coral"
    )


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (16.9978, "17 s"),
        (24.5686, "25 s"),
        (95.0, "2 min"),
        (3590.0, "1 h 00 min"),
        (11_100.0, "3 h 05 min"),
        (float("nan"), MISSING),
    ],
)
def test_times_are_in_hours_and_minutes(seconds, told):
    assert duration(seconds) == told


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
