"""`wbcray export`: tables, figures, protocol and predictions of a run as files for papers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, say, warn
from wbcray.cli.runs import find_run

_NO_FIGURES = "none"
_DEFAULT_FIGURES = "svg"


def export(
    run: opt.RunArgument = None,
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write.")] = Path("export"),
    format: Annotated[  # noqa: A002  # the option's name
        str, typer.Option("--format", help="Of tables: csv, latex, md, parquet (predictions).")
    ] = "csv,latex,md,parquet",
    figures: Annotated[
        str | None,
        typer.Option(
            help="Formats of figures: svg, pdf, or none. Default: svg where there is a Chrome.",
            show_default=False,
        ),
    ] = None,
    reference: Annotated[str, typer.Option(help="The method to compare with.")] = "erm",
    force: Annotated[
        bool, typer.Option("--force", help="Write into a folder that holds other files, too.")
    ] = False,
    project: opt.Project = opt.DEFAULT_PROJECT,
    json: opt.Json = False,
) -> None:
    """Write a run's tables as CSV, LaTeX and Markdown, its predictions, figures and protocol."""
    from wbcray.explorer.exports.drawn_figures import FORMATS as FIGURE_FORMATS
    from wbcray.explorer.exports.run_export import FORMATS, ExportOrder, export_run
    from wbcray.explorer.reading.rebuild import rebuild

    order = ExportOrder(
        formats=_known(opt.names([format]), FORMATS, "--format"),
        figures=_figures(figures, FIGURE_FORMATS),
        insist=figures is not None,
        reference=opt.reference_of(reference),
        force=force,
    )
    folder = find_run(run, project)
    done = export_run(rebuild(folder), out, order)
    if json:
        print_json(
            {
                "run": str(folder),
                "folder": str(out),
                "files": list(done.files),
                "left_out": list(done.left_out),
            }
        )
    else:
        say(f"wrote {len(done.files)} files into {out}")
    for sentence in done.left_out:
        warn(sentence)


def _figures(given: str | None, known: Sequence[str]) -> tuple[str, ...]:
    if given == _NO_FIGURES:
        return ()
    return _known(opt.names([given or _DEFAULT_FIGURES]), known, "--figures")


def _known(given: tuple[str, ...], known: Sequence[str], where: str) -> tuple[str, ...]:
    from wbcray.core.errors import unknown_name

    for name in given:
        if name not in known:
            raise unknown_name("format", name, known, where=where)
    return given
