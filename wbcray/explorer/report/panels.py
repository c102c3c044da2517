"""The panels of a report: each view's words, its chooser, and its figures as packed data."""

from dataclasses import dataclass

from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.report.drawing import AskedView, in_rounds
from wbcray.explorer.report.markup import text
from wbcray.explorer.report.packing import deflated, figure_json, numbers_json

FEW_VARIANTS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPanel:
    """A view's part of the page.

    Attributes:
        asked: The view and its panel.
        html: What the reader sees before any figure is drawn.
        data: Script elements with its figures and numbers, which run nothing.
    """

    asked: AskedView
    html: str
    data: str


def report_panels(
    views: tuple[AskedView, ...], tables: RunTables, *, room: int
) -> tuple[ReportPanel, ...]:
    """The panels of views that have variants, their figures in `room` bytes altogether.

    Figures are taken in rounds, so that what does not fit is the last of the longest views.
    """
    packed: dict[str, list[tuple[str, str]]] = {one.view.anchor: [] for one in views}
    full: set[str] = set()
    for one, label, drawn in in_rounds(views, tables):
        anchor = one.view.anchor
        kept = packed[anchor]
        data = _data(f"{anchor}-{len(kept)}", figure_json(drawn.figure), first=not kept)
        data += _packed("n", f"{anchor}-{len(kept)}", numbers_json(drawn.numbers))
        if anchor in full or len(data) > room:
            full.add(anchor)  # the ones before stay the first ones, without a gap
            continue
        room -= len(data)
        kept.append((label, data))
    return tuple(
        ReportPanel(
            asked=one,
            html=_html(one, [label for label, _ in kept]),
            data="".join(data for _, data in kept),
        )
        for one in views
        for kept in [packed[one.view.anchor]]
    )


def _data(key: str, figure: str, *, first: bool) -> str:
    """A view's first figure as it is, so that printing need not wait for it; the others packed."""
    if not first:
        return _packed("f", key, figure)
    safe = figure.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return f'<script type="application/json" id="f-{key}">{safe}</script>'


def _packed(kind: str, key: str, content: str) -> str:
    return f'<script type="application/zlib" id="{kind}-{key}">{deflated(content)}</script>'


def _html(one: AskedView, labels: list[str]) -> str:
    anchor, panel = one.view.anchor, one.panel
    if not labels:
        return (
            f'<section id="{anchor}"><h3>{text(panel.question)}</h3>'
            '<p class="n">Its figures do not fit into this file; `wbcray explore` draws them.</p>'
            "</section>"
        )
    shown = [(f"{anchor}-{number}", label) for number, label in enumerate(labels)]
    part = one.kept(len(labels))
    left_out = f"; {part} figures are in this file, `wbcray explore` has all" if part else ""
    return (
        f'<section class="panel" id="{anchor}" data-first="{shown[0][0]}">'
        f"<h3>{text(panel.question)}</h3>"
        f'<p class="how"><b>How to read:</b> {text(panel.how_to_read)}</p>'
        f'<p class="n">n: {text(panel.n)}{left_out}</p>{_chooser(one.view.short, shown)}'
        '<div class="scroll"><div class="figure"></div></div>'
        '<details class="numbers"><summary>The numbers behind it</summary>'
        '<div class="scroll"></div></details></section>'
    )


def _chooser(name: str, pairs: list[tuple[str, str]]) -> str:
    """A row of buttons, or a list to choose from when there are many; nothing for one variant."""
    if len(pairs) == 1:
        return ""
    if len(pairs) <= FEW_VARIANTS:
        buttons = "".join(
            f'<button type="button" value="{key}" aria-pressed="false">{text(label)}</button>'
            for key, label in pairs
        )
        return f'<div class="chooser" role="group" aria-label="{text(name)}">{buttons}</div>'
    options = "".join(f'<option value="{key}">{text(label)}</option>' for key, label in pairs)
    return f'<div class="chooser"><select aria-label="{text(name)}">{options}</select></div>'
