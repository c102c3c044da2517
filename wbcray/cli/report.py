"""`wbcray report`: one HTML file with everything that was found."""

import webbrowser
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, say, shown_path, warn
from wbcray.cli.runs import find_run


def report(
    run: opt.RunArgument = None,
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")] = Path(
        "report.html"
    ),
    reference: Annotated[str, typer.Option(help="The method to compare with.")] = "erm",
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    show_names: Annotated[
        bool,
        typer.Option("--show-names", help="Call images by their files, which may name patients."),
    ] = False,
    project: opt.Project = opt.DEFAULT_PROJECT,
    json: opt.Json = False,
) -> None:
    """Write one self-contained HTML file: leaderboard, confusions, curves, protocol."""
    from wbcray.explorer.reading.rebuild import rebuild
    from wbcray.explorer.report.writing import write_report
    from wbcray.store.audit import audit

    reference = opt.reference_of(reference)
    folder = find_run(run, project)
    tables = rebuild(folder)
    if show_names and tables.audit is not None:
        from wbcray.data.image_files import files_of_run

        tables = replace(tables, audit=tables.audit.with_files(files_of_run(folder)))
    write_report(tables, out, reference=reference)
    if json:
        print_json({"run": str(folder), "report": str(out)})
    else:
        say(f"wrote {out}")
    corrupt = audit(folder).corrupt
    if corrupt:
        warn(
            f"{corrupt} {'record' if corrupt == 1 else 'records'} of this run cannot be read and "
            f"count for nothing here: `wbcray store verify {shown_path(folder)}` says which"
        )
    if show:
        webbrowser.open(out.absolute().as_uri())
