"""A smooth surface through scattered trials, only where there are trials."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

GRID = 40
SPREAD = 12**-0.5
"""Standard deviation of places that are spread evenly from 0 to 1."""
FEWEST = 1.0
"""Where the kernels of all trials add up to less than this, the surface has a hole."""


def smoothed(x: Floats, y: Floats, value: Floats) -> tuple[Floats, Floats]:
    """The kernel mean of `value` (Nadaraya 1964, Watson 1964) on a square grid.

    `x` and `y` run from 0 to 1, one number a trial. The kernel is as wide as Scott's rule (1992)
    says for two dimensions, so more trials show more detail.

    Returns:
        The grid's places along an axis, and the surface [y, x]; NaN where no trial is near.
    """
    width = SPREAD * len(value) ** (-1 / 6)
    places = np.linspace(0.0, 1.0, GRID)
    near_x = np.exp(-0.5 * ((places[:, None] - x[None, :]) / width) ** 2)
    near_y = np.exp(-0.5 * ((places[:, None] - y[None, :]) / width) ** 2)
    weights = near_y @ near_x.T
    surface = (near_y * value) @ near_x.T
    with np.errstate(invalid="ignore", divide="ignore"):
        return places, np.where(weights >= FEWEST, surface / weights, np.nan)
