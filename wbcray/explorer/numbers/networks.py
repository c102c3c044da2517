"""Features of one network after the other: what it made of all images that were kept of it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from wbcray.explorer.numbers.judged_images import judged_images
from wbcray.explorer.reading.outputs import Outputs
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import SPLITS

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Network:
    """One trained network and the images whose features were kept.

    Attributes:
        images: One row per image: `image`, `domain`, `true`, `predicted`, `split`.
        features: float64 [images, dim], from before the last layer.
    """

    fold: int
    seed: int
    images: pd.DataFrame
    features: Floats


def networks(tables: RunTables, method: str, *, held_out: str) -> tuple[Network, ...]:
    """The networks of a method, by fold and seed; features of two networks do not compare."""
    parts = [
        part
        for split in SPLITS
        if (found := judged_images(tables, method, split, held_out=held_out)) is not None
        for part in _parts(found, split)
    ]
    keys = sorted({(part.fold, part.seed) for part in parts})
    return tuple(_joined([part for part in parts if (part.fold, part.seed) == key]) for key in keys)


def _parts(found: Outputs, split: str) -> Iterator[Network]:
    rows = found.rows.iloc[found.sampled].reset_index(drop=True).assign(split=split)
    cells = rows[["fold", "seed"]].drop_duplicates()
    for fold, seed in zip(cells["fold"].tolist(), cells["seed"].tolist(), strict=True):
        block = rows[(rows["fold"] == fold) & (rows["seed"] == seed)]
        places = block.index.to_numpy()
        yield Network(
            fold=fold,
            seed=seed,
            images=block[["image", "domain", "true", "predicted", "split"]],
            features=found.features[places].astype(np.float64),
        )


def _joined(parts: list[Network]) -> Network:
    return Network(
        fold=parts[0].fold,
        seed=parts[0].seed,
        images=pd.concat([part.images for part in parts], ignore_index=True),
        features=np.concatenate([part.features for part in parts]),
    )
