"""The report of a run: one HTML file that needs no network, no server and no other file."""

from pathlib import Path

from wbcray.explorer.choice import Choice
from wbcray.explorer.numbers.leaderboard import across_domains, leaderboard
from wbcray.explorer.reading.tables import DEFAULT_REFERENCE, VALIDATION, RunTables
from wbcray.explorer.report.drawing import asked, foremost
from wbcray.explorer.report.page import page
from wbcray.explorer.report.page_file import write_page


def write_report(tables: RunTables, out: Path, *, reference: str = DEFAULT_REFERENCE) -> None:
    """Write the report to `out`, under 10 MB; a reader never sees half a file.

    Raises:
        ResourceError: If `out` cannot be written.
    """
    views = foremost(asked(tables, Choice(reference=reference)), _by_validation(tables, reference))
    write_page(out, page(tables, views, reference=reference))


def _by_validation(tables: RunTables, reference: str) -> tuple[str, ...]:
    """The reference, then the others by what they were chosen by: held-out scores take no part."""
    board = across_domains(leaderboard(tables, VALIDATION, reference=reference))
    return tuple(dict.fromkeys((reference, *map(str, board["method"]))))
