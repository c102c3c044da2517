"""The report of a run: one HTML file that needs no network, no server and no other file."""

from pathlib import Path

from wbcray.explorer.leaderboard import leaderboard
from wbcray.explorer.page_file import write_page
from wbcray.explorer.panel import SPLITS, Panel
from wbcray.explorer.panels_classes import classes_panel, confusions_panel, images_panel
from wbcray.explorer.panels_methods import coverage_panel, forest_panel, shift_panel
from wbcray.explorer.panels_trials import curves_panel, parallel_panel, slices_panel
from wbcray.explorer.report_page import page
from wbcray.explorer.tables import DEFAULT_REFERENCE, RunTables
from wbcray.explorer.wording import ORACLE_NOTE
from wbcray.store.selections import ORACLE_MARK


def write_report(tables: RunTables, out: Path, *, reference: str = DEFAULT_REFERENCE) -> None:
    """Write the report to `out`; a reader never sees half a file.

    Raises:
        ResourceError: If `out` cannot be written.
    """
    content = page(tables, panels(tables, reference=reference), reference=reference)
    write_page(out, content)


def panels(tables: RunTables, *, reference: str = DEFAULT_REFERENCE) -> tuple[Panel, ...]:
    """All panels that the run has numbers for, in reading order."""
    boards = {split: leaderboard(tables, split, reference=reference) for split in SPLITS}
    found = (
        forest_panel(tables, boards, reference=reference),
        shift_panel(tables, boards, reference=reference),
        classes_panel(tables),
        confusions_panel(tables, boards, reference=reference),
        images_panel(tables),
        coverage_panel(tables),
        curves_panel(tables, reference=reference),
        slices_panel(tables),
        parallel_panel(tables),
    )
    return tuple(_watermarked(panel, tables) for panel in found if panel.variants)


def _watermarked(panel: Panel, tables: RunTables) -> Panel:
    """The panel with the oracle's note in the title of every figure that shows what it chose."""
    if not tables.oracle:
        return panel
    for variant in panel.variants:
        if ORACLE_MARK in str(variant.figure.to_json()):
            title = variant.figure.layout.title.text
            variant.figure.update_layout(title_text=f"{title}<br><sup>{ORACLE_NOTE}</sup>")
    return panel
