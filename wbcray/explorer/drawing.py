"""The views of a run with all their figures drawn, and the oracle's note where it belongs."""

from dataclasses import dataclass

from wbcray.explorer.choice import Choice
from wbcray.explorer.pages import PAGES
from wbcray.explorer.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, View
from wbcray.explorer.wording import ORACLE_NOTE
from wbcray.store.selections import ORACLE_MARK


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawnView:
    """A view, its panel for a run, and the figure of each of the panel's variants by label."""

    view: View
    panel: Panel
    figures: tuple[tuple[str, Drawn], ...]


def draw_all(tables: RunTables, choice: Choice) -> tuple[DrawnView, ...]:
    """Every view that the run has an answer for, in reading order."""
    views = [view for page in PAGES for view in page.views]
    panels = [(view, view.build(tables, choice)) for view in views]
    return tuple(
        DrawnView(
            view=view,
            panel=panel,
            figures=tuple((one.label, watermarked(one.draw(), tables)) for one in panel.variants),
        )
        for view, panel in panels
        if panel.variants
    )


def watermarked(drawn: Drawn, tables: RunTables) -> Drawn:
    """The figure with the oracle's note in its title where it shows what the oracle chose."""
    if tables.oracle and ORACLE_MARK in str(drawn.figure.to_json()):
        title = drawn.figure.layout.title.text
        drawn.figure.update_layout(title_text=f"{title}<br><sup>{ORACLE_NOTE}</sup>")
    return drawn
