"""The report in a real browser: every figure drawn as asked, no errors, no requests."""

import json

import pytest
from chromium import chromium

from wbcray.explorer.report.packing import inflated
from wbcray.explorer.report.writing import write_report

pytestmark = pytest.mark.browser

DRAWN = "id => document.getElementById(id).dataset.drawn === 'yes'"
TYPES = "id => document.querySelector(`#${id} .figure`)._fullData.map(t => [t.type, t.visible])"
ALL_DRAWN = "[...document.querySelectorAll('.panel')].every(p => p.dataset.drawn === 'yes')"
FIGURES = """[...document.querySelectorAll('script[id^="f-"]')].map(
  s => [s.type.split("/")[1], s.id.slice(2), s.textContent])"""
CHOOSE = """([id, key]) => {
  const panel = document.getElementById(id);
  const select = panel.querySelector("select");
  if (select) { select.value = key; select.dispatchEvent(new Event("change")); }
  const button = panel.querySelector(`button[value="${key}"]`);
  if (button) button.click();
}"""


@pytest.fixture(scope="module")
def report(realistic, tmp_path_factory):
    path = tmp_path_factory.mktemp("browser") / "report.html"
    write_report(realistic, path)
    return path


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser, report):
    """The open report, with what it said and what it asked for."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.complaints, page.requests = [], []
    page.on("console", lambda m: page.complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("request", lambda request: page.requests.append(request.url))
    page.goto(report.as_uri())
    yield page
    page.close()


def shown_types(page, panel, key):
    page.evaluate(CHOOSE, [panel, key])
    page.wait_for_function(DRAWN, arg=panel)
    return page.evaluate(TYPES, panel)


def test_every_figure_is_drawn_as_asked_without_errors_or_requests(page, report):
    figures = {
        key: json.loads(content if media == "json" else inflated(content))
        for media, key, content in page.evaluate(FIGURES)
    }
    page.wait_for_function(ALL_DRAWN)  # also those that nobody has scrolled to
    wanted = {
        key: [[trace["type"], trace.get("visible", True)] for trace in figure["data"]]
        for key, figure in figures.items()
    }
    found = {key: shown_types(page, key.rpartition("-")[0], key) for key in figures}
    assert found == wanted
    assert page.complaints == []
    assert page.requests == [report.as_uri()]


def test_choosing_another_place_shows_its_numbers(page):
    page.locator("#classes .chooser button").nth(1).click()
    page.locator("#classes summary").click()
    shown = page.locator("#classes .numbers .scroll[data-variant='classes-1'] table")
    shown.wait_for()
    assert shown.locator("thead th").first.text_content() == "method"
    page.locator("#classes .chooser button").nth(0).click()
    page.locator("#classes .numbers .scroll[data-variant='classes-0'] table").wait_for()


def test_on_paper_letters_are_dark_also_from_a_dark_screen(page):
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(ALL_DRAWN)
    inks = """[...document.querySelectorAll('.figure')].map(f => f._fullLayout.font.color)"""
    assert set(page.evaluate(inks)) == {"#e4e8ec"}
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_function(ALL_DRAWN)
    assert set(page.evaluate(inks)) == {"#1c2430"}
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.wait_for_function(ALL_DRAWN)
    assert set(page.evaluate(inks)) == {"#e4e8ec"}


def test_a_dark_screen_gets_light_letters(page):
    page.emulate_media(color_scheme="dark")
    page.locator("#differences").scroll_into_view_if_needed()
    page.wait_for_function(DRAWN, arg="differences")
    color = page.evaluate("document.querySelector('#differences .figure')._fullLayout.font.color")
    assert color == "#e4e8ec"


def test_nothing_is_wider_than_a_phone_but_what_scrolls_by_itself(page):
    page.set_viewport_size({"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
