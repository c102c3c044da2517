"""Which class each network gave to each image of its held-out domain, and whose images they are."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from threading import Lock
from typing import final

import numpy as np

from wbcray.core.outputs import ImageOutputs, Numbers
from wbcray.explorer.reading.outputs import ListedImage, image_listing, kept_outputs_of
from wbcray.explorer.reading.tables import UNSEEN, RunTables
from wbcray.store.cell import CellKey
from wbcray.store.outputs import STEM

_MOST_KEPT = 1024
"""Networks whose answers stay in memory: 0.2 MB each for 10,000 images."""

_read: OrderedDict[tuple[Path, CellKey], "Answers"] = OrderedDict()
_one_at_a_time = Lock()


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """What one network said of the images of its held-out domain.

    Attributes:
        positions: int64 [images], places in the run's catalog, ascending.
        true: int64 [images], class ids.
        predicted: int64 [images], class ids.
        units: int64 [images], numbers from 0, the same for images of one patient. An image whose
            patient is not named is its own.
    """

    positions: Numbers
    true: Numbers
    predicted: Numbers
    units: Numbers


def answers_of(tables: RunTables, keys: Sequence[CellKey]) -> dict[CellKey, Answers]:
    """The answers of those cells that were opened and whose outputs are kept, whole and right.

    Nothing is opened by it. Answers are read once and stay in memory.

    Args:
        tables: Of the run.
        keys: Its cells.
    """
    run = tables.folder
    if run is None:
        return {}
    with _one_at_a_time:
        missing = [key for key in keys if (run, key) not in _read and _has_some(run, key)]
        if missing:
            together = lru_cache(partial(_units, image_listing(tables)))
            for key, outputs in kept_outputs_of(run, missing, UNSEEN):
                _read[run, key] = _answers(outputs, together)
        found = {key: _read[run, key] for key in keys if (run, key) in _read}
        for key in found:
            _read.move_to_end((run, key))
        while len(_read) > _MOST_KEPT:
            _read.popitem(last=False)
    return found


def _has_some(run: Path, key: CellKey) -> bool:
    """A look at file names, because a record takes long to read."""
    try:
        return any(one.name.startswith(STEM) for one in (run / "sealed" / key.folder).iterdir())
    except OSError:
        return False


def _answers(outputs: ImageOutputs, units_of: Callable[[bytes], Numbers]) -> Answers:
    order = np.argsort(outputs.positions, kind="stable")
    positions = outputs.positions[order]
    return Answers(
        positions=positions,
        true=outputs.true[order],
        predicted=outputs.predicted[order],
        units=units_of(positions.tobytes()),
    )


def _units(listed: Sequence[ListedImage], positions: bytes) -> Numbers:
    places = np.frombuffer(positions, dtype=np.int64)
    first_of: dict[tuple[str, str], int] = {}
    found = np.arange(len(places))
    for number, place in enumerate(places.tolist()):
        if place < len(listed) and (patient := listed[place].patient) is not None:
            found[number] = first_of.setdefault((listed[place].domain, patient), number)
    return np.unique(found, return_inverse=True)[1].astype(np.int64)
