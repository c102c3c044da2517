"""The raster that everything is painted on, in micrometres."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Float32

Plane = Float32[npt.NDArray[Any], "points points"]
"""One number at every raster point: an amount, a cover, or a signed distance in micrometres."""

Window = Float32[npt.NDArray[Any], "rows columns"]
"""The same for some of its rows and columns."""

Dyes = Float32[npt.NDArray[Any], "dyes points points"]
"""The amount of every dye at every raster point."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """A square raster with its origin in the middle; y grows downwards.

    Attributes:
        points: Raster points along an edge.
        width_um: Length of an edge.
        x: Horizontal position of every column.
        y: Vertical position of every row.
    """

    points: int
    width_um: float
    x: Float32[npt.NDArray[Any], "1 points"]
    y: Float32[npt.NDArray[Any], "points 1"]

    @property
    def step_um(self) -> float:
        """Distance of neighbouring points."""
        return self.width_um / self.points


@lru_cache(maxsize=8)
def grid_of(points: int, width_um: float) -> Grid:
    """The raster of `points` x `points` over `width_um`; do not write to its arrays."""
    axis = ((np.arange(points) + 0.5) / points - 0.5) * width_um
    line = axis.astype(np.float32)
    return Grid(points=points, width_um=width_um, x=line[None, :], y=line[:, None])
