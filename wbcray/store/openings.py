"""The one door to held-out counts: every opening is a record before anything is read."""

from collections.abc import Sequence
from typing import Literal, final

from wbcray.core.outputs import ImageOutputs
from wbcray.core.result import Counts
from wbcray.store.cell import CellKey, CellRecord
from wbcray.store.cells import CellStore
from wbcray.store.commit import commit, read
from wbcray.store.place import Place, listed

KIND = "opening"
Reason = Literal["selected", "oracle"]


@final
class Openings:
    """Which cells' held-out counts have been looked at in one run, and why."""

    def __init__(self, run: Place) -> None:
        self._folder = run / "openings"
        self._cells = CellStore(run)

    def open(self, records: Sequence[CellRecord], reason: Reason) -> dict[CellKey, Counts]:
        """Held-out counts of `records`; what was not open yet is written down first.

        What was opened for a selection and is now looked at to choose by is written down again:
        the reason is another one, and a worse one.
        """
        known = self.opened("oracle" if reason == "oracle" else None)
        new = [record.key for record in records if record.key not in known]
        if new:
            self._write_down(new, reason)
        return {record.key: self._cells.sealed_counts(record).reveal() for record in records}

    def outputs(self, records: Sequence[CellRecord]) -> dict[CellKey, ImageOutputs]:
        """Held-out outputs of those of `records` that have been opened and have some."""
        opened = self.opened()
        sealed = {
            record.key: self._cells.sealed_outputs(record)
            for record in records
            if record.key in opened
        }
        return {key: one.reveal() for key, one in sealed.items() if one is not None}

    def opened(self, reason: Reason | None = None) -> set[CellKey]:
        """Every cell that has ever been opened, for this reason or for any."""
        records = (read(path, KIND) for path in listed(self._folder, "*.json"))
        return {
            CellKey(**cell)
            for record in records
            if reason in (None, record["reason"])
            for cell in record["cells"]
        }

    def count(self) -> int:
        """How many configurations have been looked at on a held-out domain, domains counted apart.

        Looking again at the same configuration tells nothing new and is not counted.
        """
        return len({(key.config, key.held_out) for key in self.opened()})

    def _write_down(self, keys: Sequence[CellKey], reason: Reason) -> None:
        cells = [
            {"config": k.config, "held_out": k.held_out, "fold": k.fold, "seed": k.seed}
            for k in sorted(keys)
        ]
        number = len(listed(self._folder, "*.json")) + 1
        while not commit(
            self._folder / f"{number:05d}.json", KIND, {"reason": reason, "cells": cells}
        ):
            number += 1
