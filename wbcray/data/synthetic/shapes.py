"""Shapes as signed distances in micrometres: negative inside, zero on the border."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Float32

from wbcray.data.synthetic.grid import Grid, Plane, Window


def disc(grid: Grid, centre: tuple[float, float], radius_um: float) -> Plane:
    """Distance to a disc."""
    return np.hypot(grid.x - np.float32(centre[0]), grid.y - np.float32(centre[1])) - radius_um


def chain(
    x: Plane,
    y: Plane,
    nodes: Float32[npt.NDArray[Any], "nodes 2"],
    radius_um: float,
) -> Plane:
    """Distance to a bent rod through `nodes`, at the positions `x`, `y`."""
    nearest = np.full(x.shape, np.inf, dtype=np.float32)
    for (ax, ay), (bx, by) in zip(nodes[:-1].tolist(), nodes[1:].tolist(), strict=True):
        dx, dy = bx - ax, by - ay
        length2 = max(dx * dx + dy * dy, 1e-9)
        px, py = x - ax, y - ay
        along = np.clip((px * dx + py * dy) / length2, 0.0, 1.0)
        np.minimum(nearest, (px - along * dx) ** 2 + (py - along * dy) ** 2, out=nearest)
    return np.sqrt(nearest) - radius_um


def lobes(
    x: Plane,
    y: Plane,
    centres: Float32[npt.NDArray[Any], "lobes 2"],
    radii_um: Float32[npt.NDArray[Any], " lobes"],
) -> Plane:
    """Distance to the nearest of several discs, at the positions `x`, `y`."""
    nearest = np.full(x.shape, np.inf, dtype=np.float32)
    for (cx, cy), radius in zip(centres.tolist(), radii_um.tolist(), strict=True):
        np.minimum(nearest, np.hypot(x - cx, y - cy) - radius, out=nearest)
    return nearest


def centre_line(
    *, length_um: float, turn: float, bends: Float32[npt.NDArray[Any], " segments"]
) -> Float32[npt.NDArray[Any], "nodes 2"]:
    """Points along a curve of `length_um` that turns by `turn` rad in all, around the origin.

    Args:
        length_um: Length of the curve.
        turn: Total change of direction.
        bends: Extra direction (rad) of every segment; its length is the number of segments.
    """
    segments = len(bends)
    fraction = (np.arange(segments, dtype=np.float32) + 0.5) / segments - 0.5
    heading = turn * fraction + bends
    steps = np.stack((np.cos(heading), np.sin(heading)), axis=1) * (length_um / segments)
    nodes = np.concatenate((np.zeros((1, 2)), np.cumsum(steps, axis=0)))
    nodes -= nodes.mean(axis=0)
    return nodes.astype(np.float32)


def rod_width(area_um2: float, length_um: float) -> float:
    """Half the width of a round-ended rod with this area whose centre line has this length."""
    return (math.sqrt(length_um**2 + math.pi * area_um2) - length_um) / math.pi


def without(
    shape: Plane,
    hole: Plane,
    *,
    rounding_um: float,
) -> Plane:
    """`shape` less `hole`, with a rounded rim."""
    return within(shape, -hole, rounding_um=rounding_um)


def within(shape: Plane, limit: Plane, *, rounding_um: float) -> Plane:
    """What `shape` and `limit` share, with rounded corners."""
    return 0.5 * (shape + limit + np.sqrt((shape - limit) ** 2 + rounding_um**2))


def together(
    first: Plane,
    second: Plane,
    *,
    rounding_um: float,
) -> Plane:
    """Both shapes, with the notch between them filled a little."""
    return 0.5 * (first + second - np.sqrt((first - second) ** 2 + rounding_um**2))


def coverage(shape: Window, *, edge_um: float) -> Window:
    """1 inside, 0 outside, and a ramp `edge_um` wide over the border; any part of a raster."""
    return np.clip(0.5 - shape / edge_um, 0.0, 1.0)
