"""A run folder: one set of data and splits, and everything that was found on it."""

import fcntl
import json
import os
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wbcray.core.digest import canonical_json
from wbcray.core.errors import RefusedError, StoreError, UsageError
from wbcray.core.split import Fold, Split
from wbcray.store.commit import commit, read

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


def identity_of(run: Path) -> dict[str, Any]:
    """What the run was begun with.

    Raises:
        StoreError: When there is no run in this folder.
    """
    path = run / "run.json"
    if not path.exists():
        raise StoreError(
            f"there is no run '{run.name}'",
            where=str(run),
            fix="`wbcray tune` or `wbcray compare` begins one; `--run NAME` names it",
        )
    return read(path, "run")


def begin_or_resume(run: Path, identity: Mapping[str, Any]) -> None:
    """Begin the run, or make sure that it is the same one.

    Raises:
        RefusedError: When data, splits or settings differ, with every difference named.
    """
    if (run / "run.json").exists() or not commit(run / "run.json", "run", identity):
        refuse_changes(identity_of(run), identity, what=f"run '{run.name}'", where=str(run))


def refuse_changes(
    before: Mapping[str, Any], now: Mapping[str, Any], *, what: str, where: str
) -> None:
    """Refuse to go on when a field has changed, naming each with both values."""
    # Through JSON, because what was read back has lists where the new value has tuples.
    changes = list(_differences(dict(before), json.loads(canonical_json(now)), ""))
    if changes:
        raise RefusedError(
            f"{what} was begun with another configuration: {'; '.join(changes)}",
            where=where,
            fix="give the old values, or begin a new run with --run NAME",
        )


def _differences(before: Any, now: Any, name: str) -> Iterator[str]:
    """`name: old -> new` for every leaf that differs."""
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
        yield f"{name}: {_short(old, alike)} -> {_short(new, alike)}"


def _short(text: str, alike: int) -> str:
    """`text` cut to what fits a terminal, from shortly before the `alike` first letters end."""
    if len(text) <= _WIDTH:
        return text
    start = max(0, alike - _WIDTH // 2)
    tail = "..." if start + _WIDTH < len(text) else ""
    return f"{'...' if start else ''}{text[start : start + _WIDTH]}{tail}"


@contextmanager
def driving(run: Path) -> Iterator[None]:
    """Hold the run for writing; the lock dies with the process that holds it.

    Raises:
        StoreError: When another process holds it, saying which.
    """
    run.mkdir(parents=True, exist_ok=True)
    with (run / "driver.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise StoreError(
                f"run '{run.name}' is in use by {lock.read().strip() or 'another process'}",
                where=str(run),
                fix="wait for it, stop it, or use another run with --run NAME",
            ) from error
        lock.truncate(0)
        since = datetime.now(UTC).isoformat(timespec="seconds")
        lock.write(f"process {os.getpid()} on {socket.gethostname()} since {since}")
        lock.flush()
        yield


def save_splits(run: Path, splits: Mapping[str, Split]) -> None:
    """Keep the splits as an artefact; catalog positions, with the run's data fingerprint."""
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
    commit(run / "splits.json", "splits", payload)


def load_splits(run: Path) -> dict[str, Split]:
    """The splits that `save_splits` kept."""
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
        for held_out, data in read(run / "splits.json", "splits").items()
    }
