"""`wbcray store`: check the records of a run, and make everything else anew from them."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, print_table, say, warn
from wbcray.cli.runs import find_place, find_run

if TYPE_CHECKING:
    from wbcray.explorer.reading.verification import Verification
    from wbcray.store.place import Place

app = typer.Typer(
    help="Check the records of a run, or rebuild what is made from them.",
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
    """Recompute every hash and every score; exit 4 if a record is corrupt or a score is wrong."""
    from wbcray.explorer.reading.verification import verify as look

    folder = find_run(run, project, networks=True)
    found = look(folder)
    if json:
        print_json(found.as_json())
    else:
        _show(folder, found)
    return 0 if found.is_sound else 4


def _show(folder: Path, found: "Verification") -> None:
    numbers = found.audit.as_json()
    rows = [(name, str(value)) for name, value in numbers.items()]
    print_table(f"records of {folder.name}", ("records", "number"), rows)
    for problem in found.audit.problems:
        say(f"corrupt: {problem.path}: {problem.concerns}\n  then: {problem.then}")
    for problem in found.wrong:
        say(f"wrong: {problem.path}: {problem.concerns}: {problem.what}\n  then: {problem.then}")
    for name in found.unchecked:
        say(f"not checked: {name}")
    for name in found.stale:
        say(f"stale cache: {name}\n  then: wbcray store rebuild {folder.name}")
    say(
        f"checked: {found.cells} results of cells, {found.scores} scores of trials, "
        f"{found.weights} checkpoints; {len(found.wrong)} wrong"
    )


@app.command("rebuild")
def rebuild(
    run: opt.RunArgument = None,
    *,
    project: opt.Project = opt.DEFAULT_PROJECT,
    json: opt.Json = False,
) -> None:
    """Make the tables and the Optuna study of a run anew from its records; drop Ray's folder."""
    from wbcray.explorer.reading.rebuild import rebuild as make
    from wbcray.store.local_copy import pulled

    place = find_place(run, project)
    folder = pulled(place)
    tables = make(folder)
    studies = _rebuild_caches(place)
    sizes = {
        name: len(getattr(tables, name)) for name in ("cells", "confusion", "curves", "trials")
    }
    if json:
        print_json({"run": str(folder), "rows": sizes, "studies": studies})
        return
    rows = [(name, str(value)) for name, value in sizes.items()]
    print_table(f"tables of {folder.name}", ("table", "rows"), rows)
    if studies:
        say(f"Optuna: {studies} {'study' if studies == 1 else 'studies'} made anew")


def _rebuild_caches(place: "Place") -> int | None:
    """Optuna's and Ray's files, unless a process works with them; the number of studies."""
    from wbcray.cluster.ray_folder import clear_ray_folder
    from wbcray.core.errors import StoreError
    from wbcray.store.driver import driving
    from wbcray.store.local_copy import folder_of
    from wbcray.store.studies import remarks_of, studies_of

    for remark in remarks_of(place):
        warn(remark)
    if not studies_of(place) and not (folder_of(place) / "ray").exists():
        return 0
    try:
        with driving(place):
            clear_ray_folder(place)
            return _rebuild_optuna(place)
    except StoreError as error:
        warn(f"{error.what}: the Optuna study and Ray's folder are left as they are")
        return None


def _rebuild_optuna(place: "Place") -> int | None:
    from wbcray.cluster.optuna_cache import open_cache, rebuild_studies

    storage = open_cache(place, None, warn)
    return None if storage is None else rebuild_studies(place, storage, warn)
