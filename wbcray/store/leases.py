"""The right to decide one attempt at a cell: with a result, or with why there is none."""

import time
from contextlib import suppress
from typing import Any, final

from wbcray.core.config import TrialConfig
from wbcray.core.errors import StoreError
from wbcray.core.result import FoldResult
from wbcray.store.attempts import Attempts, Ending
from wbcray.store.cell import KIND, SEALED_KIND, CellKey, Circumstances, to_json
from wbcray.store.commit import commit
from wbcray.store.outputs import STEM, sealed_stem, write_outputs
from wbcray.store.place import Place

_BETWEEN_BEATS = 2.0
"""Seconds; a beat is a small write to what may be a shared file system."""


@final
class Lease:
    """One attempt at one cell, in the hands of the worker that trains it."""

    def __init__(self, key: CellKey, attempts: Attempts, number: int, *, sealed: Place) -> None:
        self.key, self.number = key, number
        self._attempts = attempts
        self._sealed = sealed
        self._beats = 0
        self._last_beat = float("-inf")
        self.history = tuple(one for one in attempts.all() if one.number < number)

    def beat(self) -> None:
        """Say that the attempt goes on; to be called at every step, seldom written.

        While the run's files do not answer, nobody knows whether the attempt was given up, and
        training goes on: whether its result counts is decided where it is kept.

        Raises:
            StoreError: When the attempt was given up meanwhile: what it does is done elsewhere.
        """
        now = time.monotonic()
        if now - self._last_beat < _BETWEEN_BEATS:
            return
        self._last_beat = now
        self._beats += 1
        if self._given_up():
            raise StoreError(
                f"attempt {self.number} was given up for lost while it was trained",
                where=self.key.folder,
                fix="nothing: the cell is trained elsewhere",
            )
        # Of a fixed width, so that whoever reads it meanwhile finds a number, old or new.
        with suppress(OSError):  # a full disk is met by the record, and better said there
            self._attempts.beat_file(self.number).write_text(f"{self._beats:012d}")

    def _given_up(self) -> bool:
        with suppress(OSError):
            return self._attempts.slot(self.number).exists()
        return False

    @property
    def weights_folder(self) -> Place:
        """Where this attempt's checkpoint belongs: a late one must not replace one that counts."""
        return self._attempts.weights_folder(self.number)

    def keep(self, config: TrialConfig, result: FoldResult, circumstances: Circumstances) -> bool:
        """Record the result; False if the attempt had been given up, and the result is superseded.

        Raises:
            ResourceError: When the disk is full or refuses to write; nothing is acknowledged.
        """
        payload = to_json(self.key, config, result, circumstances, self.history)
        # The sealed part goes first: a cell record that exists always has its other half.
        slot = self._attempts.slot(self.number)
        # It says whose it is: another cell's file in its place would be as whole.
        sealed = {"counts": _revealed(result), "cell": self.key.folder, "attempt": self.number}
        if not commit(self._sealed / slot.name, SEALED_KIND, sealed):
            raise StoreError(
                "another training's held-out counts lie where those of this attempt belong",
                where=str(self._sealed / slot.name),
                fix="run the same command again: the cell is trained under another number",
            )
        self._keep_outputs(result)
        accepted = commit(slot, KIND, payload)
        if not accepted:
            commit(slot.with_name(slot.name.replace("attempt", "late")), KIND, payload)
        self._tidy()
        return accepted

    def _keep_outputs(self, result: FoldResult) -> None:
        if result.outputs is not None:
            write_outputs(self.weights_folder, STEM, result.outputs, self.key, self.number)
        if result.sealed_outputs is not None:
            held_out = result.sealed_outputs.reveal()
            write_outputs(self._sealed, sealed_stem(self.number), held_out, self.key, self.number)

    def end(self, state: Ending, reason: str) -> bool:
        """Record that there will be no result; False if the attempt is decided already."""
        decided = self._attempts.end(self.number, state, reason)
        self._tidy()
        return decided

    def _tidy(self) -> None:
        with suppress(OSError):
            self._attempts.beat_file(self.number).unlink(missing_ok=True)


def _revealed(result: FoldResult) -> Any:
    return result.sealed.reveal().tolist()
