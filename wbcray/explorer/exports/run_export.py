"""An export from beginning to end: protocol, tables, predictions, and figures last."""

from dataclasses import dataclass
from pathlib import Path
from typing import final

from wbcray.core.errors import ResourceError
from wbcray.explorer.choice import Choice
from wbcray.explorer.exports.csv_text import tidy_csv, wide_csv
from wbcray.explorer.exports.drawn_figures import write_figures
from wbcray.explorer.exports.folder import MANIFEST, ExportFolder
from wbcray.explorer.exports.latex import latex
from wbcray.explorer.exports.markdown import markdown
from wbcray.explorer.exports.paper_table import PaperTable
from wbcray.explorer.exports.paper_tables import paper_tables
from wbcray.explorer.exports.predictions import write_predictions
from wbcray.explorer.exports.protocol_json import protocol_json
from wbcray.explorer.exports.tidy import tidy_tables
from wbcray.explorer.numbers.watermarks import in_short
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.report.drawing import asked

CSV, LATEX, MARKDOWN, PARQUET = FORMATS = ("csv", "latex", "md", "parquet")
KINDS = ("scores", "comparison", "classes")
"""Of paper tables; each is a LaTeX file of its own."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOrder:
    """What to write.

    Attributes:
        formats: Some of `FORMATS`; the protocol is always written.
        figures: Formats of figures, from `drawn_figures.FORMATS`; empty for none.
        insist: Whether figures that cannot be drawn are an error, or a remark.
        reference: The method that others are compared with.
        force: Whether to write into a folder with other files.
    """

    formats: tuple[str, ...]
    figures: tuple[str, ...]
    insist: bool
    reference: str
    force: bool = False


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written, by names relative to the folder, and what was not, in sentences."""

    files: tuple[str, ...]
    left_out: tuple[str, ...]


def export_run(tables: RunTables, out: Path, order: ExportOrder) -> Exported:
    """Write the export of a run into the folder `out`.

    Raises:
        RefusedError: If `out` has files that no export wrote.
        ResourceError: If something cannot be written, or figures were insisted on and there is
            nothing to draw them with; all else is written by then.
    """
    folder = ExportFolder(out, force=order.force)
    folder.write("protocol.json", protocol_json(tables, reference=order.reference))
    papers = paper_tables(tables, reference=order.reference)
    left_out: list[str] = []
    if CSV in order.formats:
        _write_csv(folder, tables, papers, reference=order.reference)
    if LATEX in order.formats:
        for kind in KINDS:
            shown = tuple(table for table in papers if table.name.startswith(kind))
            folder.write(f"latex/{kind}.tex", latex(shown))
    if MARKDOWN in order.formats:
        folder.write("tables.md", markdown(papers))
    if PARQUET in order.formats:
        left_out += [
            f"predictions ({split}): no network's outputs are kept; `wbcray compare` keeps them"
            for split in write_predictions(folder, tables)
        ]
    if order.figures:
        left_out += _figures(folder, tables, order)
    folder.finish()
    return Exported(files=(*sorted(folder.files), MANIFEST), left_out=tuple(left_out))


def _write_csv(
    folder: ExportFolder, tables: RunTables, papers: tuple[PaperTable, ...], *, reference: str
) -> None:
    for name, frame in tidy_tables(tables, reference=reference).items():
        folder.write(f"csv/{name}.csv", tidy_csv(frame))
    mark = in_short(tables.facts)
    for table in papers:
        if not table.name.startswith("comparison"):  # the tidy leaderboard has all of it
            folder.write(f"csv/wide/{table.name}.csv", wide_csv(table, watermark=mark))


def _figures(folder: ExportFolder, tables: RunTables, order: ExportOrder) -> list[str]:
    views = asked(tables, Choice(reference=order.reference))
    try:
        return list(write_figures(folder, views, tables, order.figures))
    except ResourceError as error:
        if order.insist:
            folder.finish()
            raise
        return [f"figures: {error.what}; {error.fix}"]
