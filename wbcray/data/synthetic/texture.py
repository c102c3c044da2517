"""Random textures of a given grain, and scattered granules."""

import math
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Float32

from wbcray.data.synthetic.grid import Grid, Plane

SMALLEST_RADIUS_STEPS = 0.45
"""Granules smaller than this share of the raster's step would vanish between its points."""


def smooth_noise(rng: np.random.Generator, grid: Grid, *, grain_um: float) -> Plane:
    """Gaussian noise with mean 0, variance 1 and features of about `grain_um`."""
    knots = max(2, round(grid.width_um / grain_um))
    spread = _spline_basis(grid.points, knots)
    coarse = rng.standard_normal((knots + 3, knots + 3), dtype=np.float32)
    noise: Plane = spread @ coarse @ spread.T
    return noise


@lru_cache(maxsize=64)
def _spline_basis(points: int, knots: int) -> Float32[npt.NDArray[Any], "points coefficients"]:
    """Cubic B-splines on `knots` equal intervals; rows scaled to length 1 to keep variance 1."""
    position = (np.arange(points) + 0.5) / points * knots
    interval = np.minimum(position.astype(int), knots - 1)
    u = position - interval
    weights = (
        (1 - u) ** 3 / 6,
        (3 * u**3 - 6 * u**2 + 4) / 6,
        (-3 * u**3 + 3 * u**2 + 3 * u + 1) / 6,
        u**3 / 6,
    )
    basis = np.zeros((points, knots + 3))
    for shift, weight in enumerate(weights):
        basis[np.arange(points), interval + shift] = weight
    basis /= np.linalg.norm(basis, axis=1, keepdims=True)
    return basis.astype(np.float32)


def scattered(
    rng: np.random.Generator,
    grid: Grid,
    inside: Bool[npt.NDArray[Any], "points points"],
    *,
    per_um2: float,
    radius_um: float,
) -> Plane:
    """Round granules at random places `inside`: 0 between them, towards 1 in each."""
    places = np.flatnonzero(inside)
    count = int(rng.poisson(per_um2 * places.size * grid.step_um**2))
    if not count:
        return np.zeros((grid.points, grid.points), dtype=np.float32)
    chosen = places[rng.integers(places.size, size=count)]
    strength = rng.uniform(0.6, 1.6, size=count)
    peaks = np.bincount(chosen, weights=strength, minlength=inside.size)
    spread = _bell(grid.points, max(radius_um / grid.step_um, SMALLEST_RADIUS_STEPS))
    field = spread @ peaks.reshape(inside.shape).astype(np.float32) @ spread
    return 1.0 - np.exp(-1.4 * field)


@lru_cache(maxsize=64)
def _bell(points: int, radius_steps: float) -> Plane:
    """Bell curves of height 1 around every raster point, as one symmetric matrix."""
    distance = np.arange(points)[:, None] - np.arange(points)[None, :]
    sigma = radius_steps / math.sqrt(2 * math.log(2))  # half height at the radius
    return np.exp(-0.5 * (distance / sigma) ** 2).astype(np.float32)
