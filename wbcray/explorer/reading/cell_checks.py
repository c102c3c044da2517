"""Whether the records of cells can be right: names, data, totals, and the epoch that was kept."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, final

import numpy as np

from wbcray.core.errors import StoreError
from wbcray.core.result import Counts, EpochReport
from wbcray.metrics.scores import macro_f1
from wbcray.store.cell import KIND as CELL
from wbcray.store.cell import SEALED_KIND, CellKey, CellRecord, from_json
from wbcray.store.consistency import (
    expected_of,
    wrong_in_cell,
    wrong_in_sealed,
    wrong_in_splits,
)
from wbcray.store.record_kinds import Parts


@final
class CellChecks:
    """Looks into the records of cells as they are hashed, and keeps those that count.

    Attributes:
        records: The record of each cell that counts.
        looked_at: Results of cells that were looked into.
    """

    def __init__(self, run: Path) -> None:
        self._expected = expected_of(run)
        self._halves: set[Parts] = set()
        self.records: dict[CellKey, CellRecord] = {}
        self.looked_at = 0

    def unchecked(self) -> list[str]:
        """What could not be looked at, and why."""
        if self._expected is not None or not self.looked_at:
            return []
        return ["names and totals of cells: run.json or splits.json is damaged or gone"]

    def look(self, parts: Parts, kind: str, payload: Mapping[str, Any]) -> list[str]:
        """What cannot be right in one record."""
        try:
            return list(self._look(parts, kind, payload))
        except StoreError as error:
            return [error.what]
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            return [f"not what a record of its kind holds: {error!r}"]

    def _look(self, parts: Parts, kind: str, payload: Mapping[str, Any]) -> Iterator[str]:
        expected = self._expected
        if kind == SEALED_KIND:
            self._halves.add(parts[1:])
        if kind == CELL:
            self.looked_at += 1
            record = from_json(payload, attempt=int(parts[-1].split("-")[1].split(".")[0]))
            yield from _wrong_best_epoch(record.best_epoch, record.reports)
            if parts[1:] in self._halves:
                self.records.setdefault(record.key, record)
        if expected is None:
            return
        if kind == CELL:
            yield from wrong_in_cell(expected, parts, payload)
        elif kind == SEALED_KIND:
            yield from wrong_in_sealed(expected, parts, payload)
        elif kind == "splits":
            yield from wrong_in_splits(expected, payload)


def _wrong_best_epoch(best: int, reports: Sequence[EpochReport]) -> Iterator[str]:
    """The best epoch is the first with the highest validation macro F1, also under an average."""
    close = _nearly_best(np.stack([report.counts for report in reports]))
    scores = {number: np.nan_to_num(macro_f1(reports[number].counts), nan=-1.0) for number in close}
    first = next(number for number in close if scores[number] == max(scores.values()))
    if reports[first].epoch != best:
        yield f"its best epoch is {reports[first].epoch} by its counts, not {best}"


def _nearly_best(counts: Counts) -> list[int]:
    """Epochs within rounding of the best, of counts [epochs, domains, true, predicted].

    All epochs at once: one by one they would be most of the time of a verification.
    """
    pooled = counts.sum(axis=1)
    support, said = pooled.sum(axis=2), pooled.sum(axis=1)
    hits = np.diagonal(pooled, axis1=1, axis2=2)
    f1 = np.divide(2 * hits, support + said, out=np.zeros(hits.shape), where=support > 0)
    present = np.maximum((support > 0).sum(axis=1), 1)
    means = f1.sum(axis=1) / present
    found: list[int] = np.flatnonzero(means >= means.max() - 1e-9).tolist()
    return found
