"""Choosing by held-out scores: no result, but what a choice that peeks would have claimed.

Gulrajani & Lopez-Paz 2021 (DomainBed, arXiv:2007.01434) call it test-domain validation, an oracle.
Every configuration that is looked at is written down as opened before it is read.
"""

from collections.abc import Sequence

import numpy as np

from wbcray.metrics.scores import macro_f1
from wbcray.store.cell import CellKey, CellRecord
from wbcray.store.cells import CellStore
from wbcray.store.openings import Openings
from wbcray.store.place import Place
from wbcray.store.studies import StudyStore
from wbcray.store.study_contents import Asked

SEED = 0
"""Of the cells of a search."""


def looked_at(run: Place, study: StudyStore, *, folds: Sequence[int]) -> list[Asked]:
    """The complete trials of a study that an oracle would look at; reads no held-out count."""
    return [asked for asked, _ in _candidates(run, study, folds)]


def oracle_choice(run: Place, study: StudyStore, *, folds: Sequence[int]) -> Asked | None:
    """The complete trial with the highest held-out macro F1, mean over folds; earliest of equals.

    None without a trial whose cells are all recorded, or where the held-out domain has no labels.
    """
    candidates = _candidates(run, study, folds)
    records = [record for _, found in candidates for record in found]
    counts = Openings(run).open(records, "oracle")
    best: tuple[float, Asked] | None = None
    for asked, found in candidates:
        value = float(np.mean([macro_f1(counts[record.key]) for record in found]))
        if not np.isnan(value) and (best is None or value > best[0]):
            best = value, asked
    return best[1] if best else None


def _candidates(
    run: Place, study: StudyStore, folds: Sequence[int]
) -> list[tuple[Asked, list[CellRecord]]]:
    cells, contents = CellStore(run), study.contents()
    told = contents.told()
    found = []
    for number, asked in sorted(contents.asked().items()):
        if number in told and told[number].state == "COMPLETE":
            records = [cells.find(key) for key in _keys(asked, study.held_out, folds)]
            whole = [record for record in records if record is not None]
            if whole and len(whole) == len(records):
                found.append((asked, whole))
    return found


def _keys(asked: Asked, held_out: str, folds: Sequence[int]) -> list[CellKey]:
    digest = asked.config.digest
    return [CellKey(config=digest, held_out=held_out, fold=fold, seed=SEED) for fold in folds]
