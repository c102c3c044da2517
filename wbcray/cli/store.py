"""`wbcray store`: check the records of a run, and make everything else anew from them."""

import typer

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, print_table, say

app = typer.Typer(
    help="Check the records of a run, or rebuild its tables.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("verify")
def verify(
    run: opt.RunArgument = None,
    *,
    project: opt.Project = opt.DEFAULT_PROJECT,
    json: opt.Json = False,
) -> int:
    """Recompute the hash of every record; exit 4 if one is corrupt."""
    from wbcray.store.audit import audit

    folder = opt.find_run(run, project)
    found = audit(folder)
    if json:
        print_json(found.as_json())
    else:
        rows = [(name, str(value)) for name, value in found.as_json().items()]
        print_table(f"records of {folder.name}", ("records", "number"), rows)
        for path in found.corrupt_paths:
            say(f"corrupt: {path}")
    return 4 if found.corrupt else 0


@app.command("rebuild")
def rebuild(
    run: opt.RunArgument = None,
    *,
    project: opt.Project = opt.DEFAULT_PROJECT,
    json: opt.Json = False,
) -> None:
    """Make the tables of a run anew from its records."""
    from wbcray.explorer.rebuild import rebuild as make

    folder = opt.find_run(run, project)
    tables = make(folder)
    sizes = {
        name: len(getattr(tables, name)) for name in ("cells", "confusion", "curves", "trials")
    }
    if json:
        print_json({"run": str(folder), "rows": sizes})
        return
    rows = [(name, str(value)) for name, value in sizes.items()]
    print_table(f"tables of {folder.name}", ("table", "rows"), rows)
