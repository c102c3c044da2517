"""Find a run by name, by path, by URL, or the newest; one in a bucket is copied to be read."""

from pathlib import Path
from typing import TYPE_CHECKING

from wbcray.cli.options import DEFAULT_PROJECT
from wbcray.core.errors import StoreError

if TYPE_CHECKING:
    from wbcray.store.place import Place


def find_run(given: str | None, project: Path = DEFAULT_PROJECT, *, networks: bool = False) -> Path:
    """The run's folder; where the run lies in a bucket, an up-to-date copy of it.

    `networks`: Copy the checkpoints, too.

    Raises:
        StoreError: When there is none.
        ResourceError: When its bucket does not answer.
    """
    from wbcray.store.local_copy import pulled

    return pulled(find_place(given, project), networks=networks)


def find_place(given: str | None, project: Path = DEFAULT_PROJECT) -> "Place":
    """Where the run lies.

    Raises:
        StoreError: When there is none.
        ResourceError: When its bucket does not answer.
    """
    from wbcray.store.place import place_of, reached

    # A path or URL first: the project's own bucket need not answer for it.
    named = None if given is None else reached(place_of(given))
    if named is not None and (named / "run.json").exists():
        return named
    runs = reached(place_of(_runs(project)))
    if given is None:
        return _newest(runs)
    if isinstance(named, Path) and (runs / given / "run.json").exists():
        return runs / given
    known = ", ".join(place.name for place in _all(runs))
    raise StoreError(
        f"there is no run '{given}'",
        where=str(runs),
        fix=f"known runs: {known or 'none'}; `wbcray tune` begins one",
    )


def _newest(runs: "Place") -> "Place":
    found = _all(runs)
    if not found:
        raise StoreError("there is no run yet", where=str(runs), fix="begin one with `wbcray tune`")
    return max(found, key=_last_driven)


def _all(runs: "Place") -> "list[Place]":
    from wbcray.store.place import listed

    return [place for place in listed(runs, "*") if (place / "run.json").exists()]


def _last_driven(run: "Place") -> float:
    """When a command last wrote to the run, seconds since 1970 by what keeps it."""
    if isinstance(run, Path):
        lock = run / "driver.lock"
        return (lock if lock.exists() else run / "run.json").stat().st_mtime
    return max((found.changed for found in (run / "drivers").listing()), default=0.0)


def _runs(project: Path) -> str:
    if project == DEFAULT_PROJECT and not project.exists():
        return "runs"
    from wbcray.core.project import load_project

    return load_project(project).runs
