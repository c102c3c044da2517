"""The confusions of every method at one place, in which each image weighs one."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wbcray.explorer.numbers.classes import once_per_image
from wbcray.explorer.reading.selection import selected_counts
from wbcray.explorer.reading.tables import RunTables

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImageTable:
    """What one method made of the images of one place.

    Attributes:
        images: float64 [true, predicted]; an image that several cells judged is shared among their
            answers, so rows add up to the different images of a class.
        cells: float64 [cells, true, predicted], every cell's own counts, domains pooled.
    """

    method: str
    images: Floats
    cells: Floats

    @property
    def support(self) -> npt.NDArray[np.int64]:
        """Different images of each true class, int64 [classes]."""
        images: npt.NDArray[np.int64] = np.rint(self.images.sum(axis=1)).astype(np.int64)
        return images


def image_tables(tables: RunTables, split: str, *, held_out: str) -> tuple[ImageTable, ...]:
    """One table per method that was judged there, by alphabet."""
    found = selected_counts(tables, split)
    parts = ((name, found.where(method=name, held_out=held_out)) for name in tables.methods)
    return tuple(
        ImageTable(
            method=name,
            images=once_per_image(part, split).sum(axis=0),
            cells=part.counts.sum(axis=1).astype(np.float64),
        )
        for name, part in parts
        if len(part.cells)
    )
