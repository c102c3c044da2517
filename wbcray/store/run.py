"""A run folder: one set of data and splits, and everything that was found on it."""

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from wbcray.core.digest import canonical_json
from wbcray.core.errors import RefusedError, StoreError, UsageError
from wbcray.core.split import Fold, Split
from wbcray.store.commit import commit
from wbcray.store.intact import read_intact
from wbcray.store.place import Place

Explanations = Mapping[str, Callable[[], str]]
"""By the name of a field: what to say behind its two values, asked only where they differ."""

_WIDTH = 60
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def check_name(name: str) -> str:
    """`name` if it can be a run's folder.

    Raises:
        UsageError: For anything that is not a plain name.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"'{name}' cannot be a run's name",
            where="--run",
            fix="at most 64 letters, digits, '.', '_' and '-', beginning with a letter or digit",
        )
    return name


def identity_of(run: Place) -> dict[str, Any]:
    """What the run was begun with.

    Raises:
        StoreError: When there is no run in this folder, or what it was begun with is damaged.
    """
    path = run / "run.json"
    found = read_intact(path, "run")
    if found is not None:
        return found
    if path.exists() or _is_used(run):
        raise _without_identity(path)
    raise StoreError(
        f"there is no run '{run.name}'",
        where=str(run),
        fix="`wbcray tune` or `wbcray compare` begins one; `--run NAME` names it",
    )


def begin_or_resume(
    run: Place, identity: Mapping[str, Any], explanations: Explanations | None = None
) -> None:
    """Begin the run, or make sure that it is the same one.

    Raises:
        RefusedError: When data, splits or settings differ, with every difference named.
        StoreError: When what it was begun with is damaged, or gone while results are there.
    """
    path = run / "run.json"
    if path.exists() or _is_used(run) or not commit(path, "run", identity):
        what = f"run '{run.name}'"
        refuse_changes(
            identity_of(run), identity, what=what, where=str(run), explanations=explanations
        )


def _is_used(run: Place) -> bool:
    """Whether results lie in the folder."""
    return any((run / name).is_dir() for name in ("cells", "studies", "openings"))


def _without_identity(path: Place) -> StoreError:
    cells = len({found.parent for found in path.parent.glob("cells/*/*/attempt-*.json")})
    return StoreError(
        f"what the run was begun with {'is corrupt' if path.exists() else 'is gone'}: nobody can "
        "say whether its results are of the same data",
        where=str(path),
        fix=f"restore it from a backup, or begin a new run with --run NAME; {cells} cells remain "
        "readable here",
    )


def refuse_changes(
    before: Mapping[str, Any],
    now: Mapping[str, Any],
    *,
    what: str,
    where: str,
    explanations: Explanations | None = None,
) -> None:
    """Refuse to go on when a field has changed, naming each with both values."""
    # Through JSON, because what was read back has lists where the new value has tuples.
    changes = dict(_differences(dict(before), json.loads(canonical_json(now)), ""))
    for name, explain in (explanations or {}).items():
        if name in changes and (said := explain()):
            changes[name] += f" ({said})"
    if changes:
        told = "; ".join(f"{name}: {change}" for name, change in changes.items())
        raise RefusedError(
            f"{what} was begun with another configuration: {told}",
            where=where,
            fix="give the old values, or begin a new run with --run NAME",
        )


def _differences(before: Any, now: Any, name: str) -> Iterator[tuple[str, str]]:
    """Name and `old -> new` of every leaf that differs."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in sorted({*before, *now}):
            path = f"{name}.{key}" if name else key
            yield from _differences(before.get(key), now.get(key), path)
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for number, (old, new) in enumerate(zip(before, now, strict=True)):
            known = new.get("name", number) if isinstance(new, dict) else number
            yield from _differences(old, new, f"{name}[{known}]")
    elif before != now:
        old, new = json.dumps(before), json.dumps(now)
        alike = len(os.path.commonprefix([old, new]))  # noqa: RUF071  # letters are meant
        yield name, f"{_short(old, alike)} -> {_short(new, alike)}"


def _short(text: str, alike: int) -> str:
    """`text` cut to what fits a terminal, from shortly before the `alike` first letters end."""
    if len(text) <= _WIDTH:
        return text
    start = max(0, alike - _WIDTH // 2)
    tail = "..." if start + _WIDTH < len(text) else ""
    return f"{'...' if start else ''}{text[start : start + _WIDTH]}{tail}"


def save_splits(run: Place, splits: Mapping[str, Split]) -> None:
    """Keep the splits as an artefact; catalog positions, with the run's data fingerprint.

    Raises:
        StoreError: When the run has others, or damaged ones.
    """
    payload = {
        held_out: {
            "sources": list(split.sources),
            "test": list(split.test),
            "folds": [
                {"number": f.number, "train": list(f.train), "validation": list(f.validation)}
                for f in split.folds
            ],
        }
        for held_out, split in splits.items()
    }
    path = run / "splits.json"
    if not commit(path, "splits", payload) and read_intact(path, "splits") != payload:
        raise _without_splits(path)


def load_splits(run: Place) -> dict[str, Split]:
    """The splits that `save_splits` kept.

    Raises:
        StoreError: When they are damaged or gone.
    """
    path = run / "splits.json"
    found = read_intact(path, "splits")
    if found is None:
        raise _without_splits(path)
    return {
        held_out: Split(
            held_out=held_out,
            sources=tuple(data["sources"]),
            test=tuple(data["test"]),
            folds=tuple(
                Fold(
                    number=fold["number"],
                    train=tuple(fold["train"]),
                    validation=tuple(fold["validation"]),
                )
                for fold in data["folds"]
            ),
        )
        for held_out, data in found.items()
    }


def _without_splits(path: Place) -> StoreError:
    return StoreError(
        "the splits of the run are damaged",
        where=str(path),
        fix="delete this file and run the same command again: the splits are made anew from the "
        "same images and must have the digest in run.json",
    )
