"""The dashboard in a real browser: every page, its filters, a live update, hostile names."""

import re
from types import SimpleNamespace

import pytest
from chromium import chromium

from wbcray.core.errors import StoreError
from wbcray.explorer.choice import Choice
from wbcray.explorer.pages import PAGES

pytestmark = pytest.mark.browser

SETTLED = """() => {
  if (location.pathname === "/") {
    return !document.querySelector("#first-sight") && document.querySelector("#main .leaderboard");
  }
  const panels = [...document.querySelectorAll("section.panel:not(.plain)")];
  return panels.length && panels.every((panel) => {
    const box = panel.getBoundingClientRect();
    const seen = box.bottom > 0 && box.top < innerHeight;
    return !seen || panel.dataset.drawn || panel.querySelector(".scroll.empty");
  });
}"""
TYPES = "id => (document.querySelector(`#${id} .js-plotly-plot`)._fullData || []).map(t => t.type)"
RANGE = "id => document.querySelector(`#${id} .js-plotly-plot`)._fullLayout.xaxis.range"
# what has the focus, by its name, and whether that can be seen
FOCUSED = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const name = one.getAttribute("aria-label") || one.labels?.[0]?.textContent || one.textContent;
  const seen = [style, getComputedStyle(one.parentElement)].some(
    (s) => s.outlineStyle !== "none" || s.borderColor === style.outlineColor);
  return [name.trim(), seen || one.matches("input")];
}"""
SEEN_VERSION = "n => document.querySelector('#status').textContent.includes(n)"


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def window(browser, served):
    """One window for all tests, with what it said and what it asked for."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.complaints, page.requests = [], []
    page.on("console", lambda m: page.complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("request", lambda request: page.requests.append(request.url))
    yield page
    page.close()


@pytest.fixture
def page(window, served, realistic):
    """The window, of the run with everything in it; what it complains of fails the test."""
    served.show(realistic)
    window.complaints.clear()
    window.requests.clear()
    yield window
    assert window.complaints == []
    outside = [url for url in window.requests if not url.startswith((served.address, "data:"))]
    assert outside == []


def opened(page, served, path):
    page.goto(served.address + path)
    page.wait_for_function(SETTLED)


@pytest.mark.parametrize("path", ["/", *(one.path for one in PAGES)])
def test_every_view_of_a_page_draws_its_traces_or_says_what_is_missing(page, served, path):
    opened(page, served, path)
    views = next((one.views for one in PAGES if one.path == path), ())
    for view in views:
        page.locator(f"#{view.anchor}").scroll_into_view_if_needed()
        page.wait_for_function(SETTLED)
        panel = view.build(served.live.snapshot().tables, Choice())
        told = page.locator(f"#{view.anchor} h2 span").text_content()
        assert told == panel.question
        if panel.variants:
            wanted = [trace.type for trace in panel.variants[0].draw().figure.data]
            assert page.evaluate(TYPES, view.anchor) == wanted
        else:
            assert panel.lacking in page.locator(f"#{view.anchor} .message").text_content()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def leaderboard(page):
    return page.locator(".board tbody tr").all_inner_texts()


def test_the_overview_is_in_the_page_before_any_program_of_it(browser, page, served):
    plain = browser.new_page(java_script_enabled=False)
    plain.goto(served.address + "/?held_out=bccd")
    before = leaderboard(plain)
    plain.close()
    opened(page, served, "/?held_out=bccd")
    assert [row.split("\t")[-9] for row in before] == ["boda", "coral", "erm", "dann"]
    assert before[0].startswith("bccd")
    assert leaderboard(page) == before


def test_a_filter_changes_the_overview(page, served):
    opened(page, served, "/")
    both = len(leaderboard(page))
    page.locator("#filter-held_out").click()
    page.get_by_role("option", name="bccd").click()
    page.wait_for_function(f"document.querySelectorAll('.board tbody tr').length < {both}")
    assert page.locator(".board tbody th").all_inner_texts() == ["bccd"]


def test_a_long_how_to_read_shows_its_first_lines_until_asked_for_more(page, served):
    opened(page, served, "/methods")
    text, more = (page.locator(f"#differences .reading {tag}") for tag in ("p", "button"))
    lines = text.bounding_box()["height"]
    page.wait_for_function("!document.querySelector('#differences .reading button').hidden")
    more.click()
    assert text.bounding_box()["height"] > 2 * lines
    assert more.get_attribute("aria-expanded") == "true"
    more.click()
    assert text.bounding_box()["height"] == lines


def test_filters_survive_a_reload_another_page_and_the_way_back(page, served):
    opened(page, served, "/methods")
    page.locator("#filter-held_out").click()
    page.get_by_role("option", name="bccd").click()
    page.wait_for_url("**/methods?held_out=bccd")
    page.reload()
    page.wait_for_function(SETTLED)
    assert "bccd" in page.locator("#filters").text_content()
    page.get_by_role("link", name="Search").click()
    page.wait_for_url("**/search?held_out=bccd")
    page.go_back()
    page.wait_for_url("**/methods?held_out=bccd")
    page.go_back()
    page.wait_for_url(re.compile("/methods$"))
    page.wait_for_function("!document.querySelector('#filters').textContent.includes('bccd')")


def test_a_filter_changes_the_figure(page, served):
    opened(page, served, "/methods?held_out=bccd")
    titles = (
        "document.querySelector('#differences .js-plotly-plot').layout.annotations.map(a => a.text)"
    )
    assert page.evaluate(titles) == ["held out: bccd"]


def test_zoom_survives_a_live_update(page, served, builder):
    def run(folds):
        made = builder(folds=folds)
        right = [[90, 10, 0], [20, 80, 0], [5, 5, 40]]
        for fold in range(folds):
            for method in ("erm", "coral"):
                table = [[90 + fold, 10, 0], *right[1:]] if method == "erm" else right
                made.cell(method, "away", fold, validation={"home": right}, unseen=table)
        return made.build()

    served.show(run(3))
    opened(page, served, "/methods")
    box = page.locator("#differences .nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    page.wait_for_function("document.querySelector('#differences .js-plotly-plot').dataset.zoomed")
    zoomed = page.evaluate(RANGE, "differences")
    served.show(run(4))
    page.wait_for_function(SEEN_VERSION, arg="8 cells")
    page.wait_for_function("document.querySelector('#differences').textContent.includes('4 folds')")
    assert page.evaluate(RANGE, "differences") == pytest.approx(zoomed)


def test_hostile_names_stay_text(page, served, builder):
    payload = "<img src=x onerror=window.hacked=1>"
    run = builder(run=payload, classes=[payload, "b"], domains=["home", payload])
    for fold in (0, 1):
        for method in ("erm", f"coral+{payload}"):
            table = [[9, 1], [2, 8]]
            run.cell(method, payload, fold, validation={"home": table}, unseen=table)
        run.trial("erm", payload, fold, 0.5, **{payload: fold / 2})
    served.show(run.build())
    for path in ("/", *(one.path for one in PAGES)):
        opened(page, served, path)
        for panel in page.query_selector_all("section.panel:not(.plain)"):
            panel.scroll_into_view_if_needed()
            page.wait_for_function(SETTLED)
    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src=x]").count() == 0


def test_a_click_on_a_confusion_asks_for_its_images(page, served):
    opened(page, served, "/classes?held_out=bccd")
    figure = page.locator("#confusions .js-plotly-plot")
    figure.scroll_into_view_if_needed()
    page.wait_for_function(SETTLED)
    square = page.locator("#confusions .nsewdrag").first.bounding_box()
    page.mouse.move(square["x"] + 5, square["y"] + 5)  # the first true class, as the first
    page.wait_for_selector("#confusions .hoverlayer .hovertext")
    page.mouse.click(square["x"] + 5, square["y"] + 5)
    page.wait_for_url("**/hematology?held_out=bccd&true=*&predicted=*#gallery")
    page.wait_for_selector("#gallery .message:not(:empty)")  # no outputs are kept of this run


def test_the_keyboard_reaches_pages_filters_and_panels_in_this_order(page, served):
    opened(page, served, "/methods")
    page.evaluate("document.activeElement.blur()")
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
        if reached[-1][0] == "The numbers behind it":
            break
    names = [name for name, _ in reached]
    wanted = ["Skip to the results", "Overview", "Images", "Light or dark", "Score"]
    wanted.append("The numbers behind it")
    places = [names.index(name) for name in wanted]
    assert places == sorted(places)
    assert all(seen for _, seen in reached)


def test_the_searches_are_linked_where_optuna_dashboard_is_served(page, served):
    studies = {"boda--bccd": "http://127.0.0.1:1/dashboard/studies/0"}
    served.searches.link = SimpleNamespace(studies=studies)
    opened(page, served, "/search")
    served.searches.link = None
    link = page.locator(".searches a")
    assert link.get_attribute("href") == studies["boda--bccd"]
    opened(page, served, "/search")
    assert page.locator(".searches").count() == 0


def test_the_dark_switch_gives_light_letters(page, served):
    opened(page, served, "/methods")
    color = "document.querySelector('#differences .js-plotly-plot')._fullLayout.font.color"
    before = page.evaluate(color)
    page.get_by_role("button", name="Light or dark").click()
    page.wait_for_function(f"{color} !== '{before}'")
    assert {before, page.evaluate(color)} == {"#1c2430", "#e4e8ec"}
    page.locator("#scheme").click()
    page.wait_for_function(f"{color} === '{before}'")


def test_the_numbers_behind_a_figure_open_below_it(page, served):
    opened(page, served, "/methods")
    page.locator("#differences").get_by_role("button", name="The numbers behind it").click()
    page.wait_for_selector("#differences .ag-row")
    assert page.locator("#differences .ag-header-cell").count() > 3


def test_a_run_that_breaks_is_told_and_what_was_read_stays(page, served, realistic):
    opened(page, served, "/methods")
    problem = StoreError("the record is corrupt", where="run.json", fix="restore it")
    served.show(realistic, problem=problem)
    page.wait_for_selector("#problem .problem")
    assert "restore it" in page.locator("#problem").text_content()
    assert page.evaluate(TYPES, "differences") != []
