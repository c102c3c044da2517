"""The cells of a run: of several results of a cell the first valid one counts.

Held-out counts lie in a sealed file of their own. `find` checks it and hands nothing of it on;
`store/openings.py` does, after it has written down who opens it and why.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, final

import numpy as np

from wbcray.core.errors import StoreError
from wbcray.core.outputs import ImageOutputs, SealedOutputs
from wbcray.core.result import SealedCounts
from wbcray.store.attempts import Attempt, Attempts, Ending
from wbcray.store.cell import KIND, SEALED_KIND, CellKey, CellRecord, from_json, key_of
from wbcray.store.commit import kind_of, read, too_new
from wbcray.store.leases import Lease
from wbcray.store.outputs import STEM, read_outputs, sealed_stem
from wbcray.store.place import Place, delete_tree, listed


@final
class CellStore:
    """The cells of one run."""

    def __init__(self, run: Place) -> None:
        self._cells = run / "cells"
        self._sealed = run / "sealed"

    def find(self, key: CellKey) -> CellRecord | None:
        """The accepted record of a cell: its first result that is valid, sealed part and all.

        Raises:
            ResourceError: When a record is there and cannot be read; it may be whole.
            StoreError: When a newer wbcray wrote it: to train the cell again would be waste.
        """
        folder = self._cells / key.folder
        for path in listed(folder, "attempt-*.json"):
            if kind_of(path) != KIND:
                continue
            number = _number(path)
            try:
                self._sealed_payload(key, number)
                record = from_json(read(path, KIND), attempt=number)
            except StoreError as error:
                if too_new(error):
                    raise
                continue
            if record.key == key:
                return record
        return None

    def begin(self, key: CellKey) -> Lease:
        """Take a cell up; earlier attempts that are still open are given up.

        To be called by whom the driver told to train the cell: it hands a cell to one worker at a
        time, so whoever had it before is lost.
        """
        sealed = self._sealed / key.folder
        attempts = self._attempts(key)
        # A number whose sealed half exists belongs to another training.
        taken = [_number(path) for path in listed(sealed, "attempt-*.json")]
        number = attempts.begin(after=max(taken, default=0))
        return Lease(key, attempts, number, sealed=sealed)

    def attempts(self, key: CellKey) -> tuple[Attempt, ...]:
        """Every attempt at a cell, in order."""
        return self._attempts(key).all()

    def taken_up(self, key: CellKey) -> int:
        """How many attempts there are at a cell; reads none of them."""
        return len(self._attempts(key).numbers())

    def end_open(self, key: CellKey, state: Ending, reason: str) -> bool:
        """Close the attempts at a cell that are still open; False if none was."""
        return self._attempts(key).end_open(state, reason)

    def beats(self, key: CellKey) -> int | None:
        """How often the attempt that is open said that it goes on; None where there is none."""
        attempts = self._attempts(key)
        numbers = attempts.numbers()
        if not numbers or attempts.slot(numbers[-1]).exists():
            return None
        try:
            return int(attempts.beat_file(numbers[-1]).read_text())
        except (OSError, ValueError):
            return 0

    def worker(self, key: CellKey) -> tuple[int, str] | None:
        """Process id and node of whom the newest attempt belongs to."""
        attempts = self._attempts(key)
        begun = attempts.begun(max(attempts.numbers(), default=0))
        return (begun["pid"], begun["node"]) if begun else None

    def sealed_counts(self, record: CellRecord) -> SealedCounts:
        """The held-out counts of a record, still sealed.

        Raises:
            StoreError: When they are gone, damaged or another cell's.
        """
        payload = self._sealed_payload(record.key, record.attempt)
        return SealedCounts(np.array(payload["counts"], dtype=np.int64))

    def outputs(self, record: CellRecord) -> ImageOutputs | None:
        """Outputs of a record's network for its validation images, if they are kept and whole."""
        return read_outputs(self.weights_folder(record), STEM, record.key, record.attempt)

    def sealed_outputs(self, record: CellRecord) -> SealedOutputs | None:
        """Outputs for the held-out images, still sealed, if they are kept and whole."""
        folder, stem = self._sealed / record.key.folder, sealed_stem(record.attempt)
        found = read_outputs(folder, stem, record.key, record.attempt)
        return None if found is None else SealedOutputs(found)

    def _sealed_payload(self, key: CellKey, attempt: int) -> dict[str, Any]:
        path = self._sealed / key.folder / f"attempt-{attempt:03d}.json"
        payload = read(path, SEALED_KIND)
        own = {"cell": key.folder, "attempt": attempt}
        if any(payload.get(name, value) != value for name, value in own.items()):
            raise StoreError(
                f"the held-out counts are those of {payload.get('cell')}",
                where=str(path),
                fix="restore the file from a backup, or run the command again: the cell is trained "
                "again",
            )
        return payload

    def progress_folder(self, key: CellKey) -> Path | None:
        """Where the state of an unfinished training may be kept, a cache; not in a bucket."""
        folder = self._cells / key.folder / "progress"
        return folder if isinstance(folder, Path) else None

    def release_progress(self, key: CellKey) -> None:
        """Delete the state of a training that is over."""
        delete_tree(self._cells / key.folder / "progress")

    def weights_folder(self, record: CellRecord) -> Place:
        """Where the checkpoint of a record is, unless it was released."""
        of_attempt = self._attempts(record.key).weights_folder(record.attempt)
        # Schema 1 had one folder a cell.
        return of_attempt if record.weights else of_attempt.with_name("weights")

    def release_weights(self, key: CellKey) -> None:
        """Delete checkpoints and outputs that no selection needs; the records stay."""
        for folder in listed(self._cells / key.folder, "weights*"):
            delete_tree(folder)
        for path in listed(self._sealed / key.folder, f"{STEM}-*"):
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def __iter__(self) -> Iterator[CellRecord]:
        """All accepted records, by name."""
        for folder in listed(self._cells, "*/*"):
            key = key_of(folder.parent.name, folder.name)
            record = self.find(key) if key else None
            if record is not None:
                yield record

    def _attempts(self, key: CellKey) -> Attempts:
        return Attempts(self._cells / key.folder, result_kind=KIND)


def _number(path: Place) -> int:
    return int(path.stem.removeprefix("attempt-"))
