"""The report of a run: one HTML file that needs no network, no server and no other file."""

from pathlib import Path

from wbcray.explorer.choice import Choice
from wbcray.explorer.drawing import draw_all
from wbcray.explorer.page_file import write_page
from wbcray.explorer.report_page import page
from wbcray.explorer.tables import DEFAULT_REFERENCE, RunTables


def write_report(tables: RunTables, out: Path, *, reference: str = DEFAULT_REFERENCE) -> None:
    """Write the report to `out`; a reader never sees half a file.

    Raises:
        ResourceError: If `out` cannot be written.
    """
    views = draw_all(tables, Choice(reference=reference))
    write_page(out, page(tables, views, reference=reference))
