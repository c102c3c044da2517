"""The report's page: header, protocol, tables, panels and limits put into one template."""

from collections.abc import Iterable
from importlib import resources
from string import Template

from plotly.offline import get_plotlyjs

from wbcray.explorer.look.style import looks
from wbcray.explorer.numbers.coverage import could_not_measure
from wbcray.explorer.numbers.findings import findings, findings_across
from wbcray.explorer.numbers.leaderboard import leaderboard
from wbcray.explorer.numbers.watermarks import watermarks
from wbcray.explorer.pages import PAGES, Page
from wbcray.explorer.reading.tables import UNSEEN, VALIDATION, RunTables
from wbcray.explorer.report.budgets import budget_table
from wbcray.explorer.report.data_panels import Section, data_sections
from wbcray.explorer.report.drawing import AskedView
from wbcray.explorer.report.markup import bullets, facts_list, text
from wbcray.explorer.report.panels import ReportPanel, report_panels
from wbcray.explorer.report.protocol import protocol
from wbcray.explorer.report.score_tables import score_table
from wbcray.explorer.view import View
from wbcray.explorer.wording import many

MOST_BYTES = 10_000_000
"""Of the whole file: what mail and review systems take."""
FEW_SENTENCES = 8
_SEARCH, _DATA = "/search", "/data"


def page(tables: RunTables, views: tuple[AskedView, ...], *, reference: str) -> str:
    """The whole report as one HTML text without any outside reference."""
    parts = _parts(tables, reference=reference) | _lacking(views)
    sections = _sections(tables)
    template = Template(_asset("report.html"))
    rest = sum(len(part.encode()) for part in (*parts.values(), template.template))
    rest += sum(len(section.html.encode()) for group in sections.values() for section in group)
    answered = tuple(one for one in views if one.panel.variants)
    # half of the room for words around figures is ample; non-ASCII letters count more than once
    panels = report_panels(answered, tables, room=MOST_BYTES - rest - 500_000)
    return template.substitute(
        parts,
        navigation=_navigation(panels, sections),
        panels="".join(_page_html(one, panels, sections.get(one.path, ())) for one in PAGES),
        figures="".join(panel.data for panel in panels),
    )


def _parts(tables: RunTables, *, reference: str) -> dict[str, str]:
    """Everything of the page that has no figures, by its place in the template."""
    away, home = (leaderboard(tables, s, reference=reference) for s in (UNSEEN, VALIDATION))
    look = looks(tables.coloured, reference=reference)
    return {
        "title": text(tables.facts.run),
        "style": _asset("report.css"),
        "script": _asset("report.js"),
        "plotly": get_plotlyjs(),
        "banners": "".join(
            f'<div class="banner" role="alert">{text(line)}</div>'
            for line in watermarks(tables.facts)
        ),
        "findings": bullets(findings(away, reference=reference))
        + _folded(findings_across(away, reference=reference)),
        "protocol": facts_list(protocol(tables)),
        "reference": text(reference),
        "validation": score_table(tables, home, look, split=VALIDATION),
        "unseen": score_table(tables, away, look, split=UNSEEN),
        "limits": bullets(could_not_measure(tables)),
    }


def _folded(sentences: tuple[str, ...]) -> str:
    """Sentences about each method, behind a heading where there are many methods."""
    if len(sentences) <= FEW_SENTENCES:
        return bullets(sentences) if sentences else ""
    head = f"Means over held-out domains of {many(len(sentences), 'method')}"
    return f"<details><summary>{head}</summary>{bullets(sentences)}</details>"


def _asset(name: str) -> str:
    return (resources.files("wbcray.explorer.report") / "assets" / name).read_text(encoding="utf-8")


def _lacking(views: tuple[AskedView, ...]) -> dict[str, str]:
    """Which questions the run cannot answer yet, and what would let it."""
    closed = [one for one in views if not one.panel.variants]
    if not closed:
        return {"lacking": ""}
    listed = bullets(f"{one.panel.question} {one.panel.lacking}" for one in closed)
    heading = "<h3>Questions that this run has no answer to yet</h3>"
    return {"lacking": f'<div id="lacking">{heading}{listed}</div>'}


def _sections(tables: RunTables) -> dict[str, tuple[Section, ...]]:
    """Parts without figures, by the page that they end."""
    budgets = Section(
        anchor="budgets",
        short="Budgets",
        html="<h3>Was every method tuned equally hard?</h3>"
        '<p class="how"><b>How to read:</b> one row per study. Fair comparisons spend like numbers '
        "of epochs and trials on every method, the reference included. Pruned trials were stopped "
        f"early and are never ranked.</p>{budget_table(tables)}",
    )
    return {_SEARCH: (budgets,), _DATA: data_sections(tables.overview, tables.audit)}


def _page_html(one: Page, panels: tuple[ReportPanel, ...], sections: Iterable[Section]) -> str:
    shown = [panel.html for panel in panels if panel.asked.page is one]
    shown += [f'<section id="{s.anchor}">{s.html}</section>' for s in sections]
    return f'<h2 class="page">{text(one.title)}</h2>{"".join(shown)}' if shown else ""


def _navigation(panels: tuple[ReportPanel, ...], sections: dict[str, tuple[Section, ...]]) -> str:
    found = []
    for one in PAGES:
        parts: list[View | Section] = [
            *(panel.asked.view for panel in panels if panel.asked.page is one),
            *sections.get(one.path, ()),
        ]
        links = "".join(f'<a href="#{part.anchor}">{text(part.short)}</a>' for part in parts)
        found.append(f"<b>{text(one.title)}</b>{links}" if links else "")
    return "".join(found)
