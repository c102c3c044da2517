"""What networks said of single images, from the files beside their records.

Validation outputs lie beside the checkpoints, those of the held-out domain in `sealed/`, and are
read there for cells alone that have been opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, final

import numpy as np
import numpy.typing as npt
import pandas as pd

from wbcray.core.errors import ResourceError, StoreError
from wbcray.core.image_id import ImageIds, image_ids
from wbcray.core.outputs import ImageOutputs, Numbers
from wbcray.core.result import Counts
from wbcray.explorer.reading.tables import UNSEEN, VALIDATION, RunTables
from wbcray.store.cell import CellKey, CellRecord
from wbcray.store.cells import CellStore
from wbcray.store.commit import read
from wbcray.store.openings import Openings

_IMAGES, _DATA = "images", "data"
"""Kinds of the records that list the run's images and say where its cache is."""

_KEPT_LISTINGS = 4
"""Runs whose image names stay in memory."""


class ListedImage(NamedTuple):
    """An image as the run lists it; of its patient there is a hash, None where not known."""

    domain: str
    path: str
    patient: str | None


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outputs:
    """Outputs of the networks of one method for one held-out domain.

    Attributes:
        rows: One row for each cell and image it was judged on: fold, seed, image (its id), domain,
            true, predicted (names of classes).
        probabilities: float32 [rows, classes], in the order of the run's classes.
        sampled: int64 [k], rows that have features, ascending.
        features: float32 [k, dim], what the classifier sees. Networks of two folds are two spaces:
            compare features within a fold and seed alone.
    """

    rows: pd.DataFrame
    probabilities: npt.NDArray[np.float32]
    sampled: Numbers
    features: npt.NDArray[np.float32]


def outputs_of(tables: RunTables, method: str, split: str, *, held_out: str) -> Outputs | None:
    """What the networks of `method` said of each image; None where not kept, or still sealed.

    A cell is left out whose predictions are not those that its record counts.

    Args:
        tables: Of the run.
        method: As the tables show it.
        split: `VALIDATION`, or `UNSEEN` for the images of the held-out domain.
        held_out: Whose networks, that were trained without this domain.
    """
    if tables.folder is None or split not in (VALIDATION, UNSEEN):
        return None
    names = image_names(tables)
    chosen = tables.cells[
        (tables.cells["method"] == method) & (tables.cells["held_out"] == held_out)
    ]
    keys = [
        CellKey(config=str(config), held_out=held_out, fold=int(fold), seed=int(seed))
        for config, fold, seed in zip(chosen["config"], chosen["fold"], chosen["seed"], strict=True)
    ]
    found = kept_outputs_of(tables.folder, keys, split)
    parts = [(key, one) for key, one in found if _fits(one, names, tables)]
    return _together(parts, names, tables) if parts else None


def as_frame(outputs: Outputs, classes: tuple[str, ...]) -> pd.DataFrame:
    """`rows` with a column `p_<class>` for each class, as it is written to a file."""
    columns = {f"p_{name}": outputs.probabilities[:, n] for n, name in enumerate(classes)}
    return pd.concat([outputs.rows, pd.DataFrame(columns, index=outputs.rows.index)], axis=1)


def image_names(tables: RunTables) -> tuple[str, ...]:
    """The id of every image of the run, in the order of its catalog.

    Where the project's key is not at hand, an image is called by its place, `#17`. Empty where the
    run does not say what its images are.
    """
    version = _version(tables)
    return () if version is None else _names(*version)


def image_listing(tables: RunTables) -> tuple[ListedImage, ...]:
    """Every image of the run, in the order of its catalog; empty where it does not list them."""
    version = _version(tables)
    return () if version is None else _listing(*version)


def _version(tables: RunTables) -> tuple[Path, tuple[str, ...], str, int] | None:
    """What a listing in memory is known by; None for a run without one."""
    if tables.folder is None:
        return None
    try:
        changed = (tables.folder / f"{_IMAGES}.json").stat().st_mtime_ns
    except OSError:
        return None
    return tables.folder, tables.facts.domains, tables.facts.data_fingerprint, changed


@lru_cache(maxsize=_KEPT_LISTINGS)
def _listing(
    run: Path, domains: tuple[str, ...], fingerprint: str, _changed: int
) -> tuple[ListedImage, ...]:
    try:
        images = read(run / f"{_IMAGES}.json", _IMAGES)
        if images["data_fingerprint"] != fingerprint:
            return ()
        # A record's keys are sorted, the catalog's domains are not.
        return tuple(
            ListedImage(domain=name, path=str(path), patient=patient)
            for name in domains
            for path, _pixels, _label, patient in images["domains"][name]
        )
    except (StoreError, ResourceError, KeyError, TypeError, ValueError):
        return ()


@lru_cache(maxsize=_KEPT_LISTINGS)
def _names(run: Path, domains: tuple[str, ...], fingerprint: str, changed: int) -> tuple[str, ...]:
    listed = _listing(run, domains, fingerprint, changed)
    ids = _ids(run)
    if ids is None:
        return tuple(f"#{number}" for number in range(len(listed)))
    return tuple(ids.of(one.domain, one.path) for one in listed)


def _ids(run: Path) -> ImageIds | None:
    try:
        return image_ids(Path(read(run / f"{_DATA}.json", _DATA)["cache"]), make=False)
    except (StoreError, ResourceError, KeyError, TypeError):
        return None


def kept_outputs_of(
    run: Path, keys: Sequence[CellKey], split: str
) -> list[tuple[CellKey, ImageOutputs]]:
    """Those of the cells whose outputs are there, open to read, and as their records count."""
    cells = CellStore(run)
    records = [record for key in keys if (record := _record(cells, key)) is not None]
    if split == VALIDATION:
        pairs = [(record, cells.outputs(record), record.counts) for record in records]
        return [(r.key, one) for r, one, counts in pairs if one is not None and _agree(one, counts)]
    openings = Openings(run)
    found = openings.outputs(records)
    counts = openings.open([record for record in records if record.key in found], "selected")
    return [(key, one) for key, one in found.items() if _agree(one, counts[key])]


def _record(cells: CellStore, key: CellKey) -> CellRecord | None:
    try:
        return cells.find(key)
    except ResourceError:
        return None


def _agree(outputs: ImageOutputs, recorded: Counts) -> bool:
    try:
        return bool(np.array_equal(outputs.counts(domains=len(recorded)), recorded))
    except IndexError:
        return False


def _fits(outputs: ImageOutputs, names: tuple[str, ...], tables: RunTables) -> bool:
    """Whether everything that is referred to has a name."""
    return (
        outputs.probabilities.shape[1] == len(tables.facts.classes)
        and int(outputs.domains.max(initial=0)) < len(tables.facts.domains)
        and int(outputs.positions.max(initial=0)) < len(names)
    )


def _together(
    parts: list[tuple[CellKey, ImageOutputs]], names: tuple[str, ...], tables: RunTables
) -> Outputs:
    classes, domains = np.array(tables.facts.classes), np.array(tables.facts.domains)
    images = np.array(names)
    frames = [
        pd.DataFrame(
            {
                "fold": key.fold,
                "seed": key.seed,
                "image": images[one.positions],
                "domain": domains[one.domains],
                "true": classes[one.true],
                "predicted": classes[one.predicted],
            }
        )
        for key, one in parts
    ]
    starts = np.cumsum([0, *(len(frame) for frame in frames[:-1])])
    return Outputs(
        rows=pd.concat(frames, ignore_index=True),
        probabilities=np.concatenate([one.probabilities for _, one in parts]),
        sampled=np.concatenate(
            [one.sampled + start for (_, one), start in zip(parts, starts, strict=True)]
        ),
        features=np.concatenate([one.features.astype(np.float32) for _, one in parts]),
    )
