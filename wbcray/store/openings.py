"""The one door to held-out counts: every opening is a record before anything is read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, final

from wbcray.core.result import Counts
from wbcray.store.cells import CellKey, CellRecord, CellStore
from wbcray.store.commit import commit, read

KIND = "opening"
Reason = Literal["selected", "oracle"]


@final
class Openings:
    """Which cells' held-out counts have been looked at in one run, and why."""

    def __init__(self, run: Path) -> None:
        self._folder = run / "openings"
        self._cells = CellStore(run)

    def open(self, records: Sequence[CellRecord], reason: Reason) -> dict[CellKey, Counts]:
        """Held-out counts of `records`; what was not open yet is written down first."""
        known = self.opened()
        new = [record.key for record in records if record.key not in known]
        if new:
            self._write_down(new, reason)
        return {record.key: self._cells.sealed_counts(record).reveal() for record in records}

    def opened(self) -> set[CellKey]:
        """Every cell that has ever been opened."""
        return {
            CellKey(**cell)
            for path in sorted(self._folder.glob("*.json"))
            for cell in read(path, KIND)["cells"]
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
        number = len(list(self._folder.glob("*.json"))) + 1
        while not commit(
            self._folder / f"{number:05d}.json", KIND, {"reason": reason, "cells": cells}
        ):
            number += 1
