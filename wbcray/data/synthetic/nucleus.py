"""Nuclei: one curved rod that is round, kidney-shaped, a band or segmented as its numbers say."""

import math
from dataclasses import dataclass

import numpy as np

from wbcray.data.synthetic import shapes
from wbcray.data.synthetic.grid import Grid, Plane
from wbcray.data.synthetic.morphology import Nucleus
from wbcray.data.synthetic.texture import smooth_noise

THREAD_UM = 0.14
"""Half the width of the thread between two lobes."""

S_SHAPED = 0.25
"""Share of bands and segmented nuclei that bend both ways."""

BENT = 2.6
"""Turn (rad) from which a nucleus may bend both ways."""

UNLOBED = 0.05
"""Pinch below which lobes would not be seen."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """Positions as one leukocyte sees them: its middle is the origin, its outline uneven.

    Attributes:
        x: Horizontal position of every raster point.
        y: Vertical position of every raster point.
        wobble_x: Smooth noise with variance 1, which makes outlines uneven.
        wobble_y: The same, for the other direction.
        radius_um: Radius of the leukocyte.
    """

    x: Plane
    y: Plane
    wobble_x: Plane
    wobble_y: Plane
    radius_um: float


def nucleus_shape(rng: np.random.Generator, frame: Frame, nucleus: Nucleus) -> Plane:
    """Signed distance (um) to a nucleus drawn at random from its class."""
    share = float(np.clip(rng.normal(nucleus.share, nucleus.share_sd), 0.15, 0.98))
    area = share * math.pi * frame.radius_um**2
    size = math.sqrt(area / math.pi)
    x, y = _nuclear_axes(rng, frame, nucleus, size)
    shape = _skeleton(rng, nucleus, (x, y), area=area, radius_um=frame.radius_um)
    depth = nucleus.dent * size * rng.uniform(0.0, 2.0)
    if depth > 0.05 * size:
        side = rng.uniform(0.0, 2 * math.pi)
        reach = 1.7 * size - depth
        hole = np.hypot(x - reach * math.cos(side), y - reach * math.sin(side)) - 0.7 * size
        shape = shapes.without(shape, hole, rounding_um=0.5)
    return shape


def _nuclear_axes(
    rng: np.random.Generator, frame: Frame, nucleus: Nucleus, size_um: float
) -> tuple[Plane, Plane]:
    """Positions from the middle of the nucleus, turned and uneven."""
    away = nucleus.eccentricity * frame.radius_um * rng.uniform(0.4, 1.5)
    side, turn = rng.uniform(0.0, 2 * math.pi, size=2).tolist()
    uneven = np.float32(nucleus.warp * size_um)
    x = frame.x - away * math.cos(side) + uneven * frame.wobble_y
    y = frame.y - away * math.sin(side) - uneven * frame.wobble_x
    return math.cos(turn) * x + math.sin(turn) * y, math.cos(turn) * y - math.sin(turn) * x


def _skeleton(
    rng: np.random.Generator,
    nucleus: Nucleus,
    axes: tuple[Plane, Plane],
    *,
    area: float,
    radius_um: float,
) -> Plane:
    """Distance to the rod with its lobes; `pinch` moves from even width to threads."""
    count = 1 + int(rng.choice(len(nucleus.lobes), p=np.array(nucleus.lobes)))
    pinch = nucleus.pinch if count > 1 else 0.0
    lobe = math.sqrt(area / (count * math.pi))
    turn = 2 * nucleus.half_angle * rng.uniform(0.85, 1.15)
    even = 0.5 * radius_um * turn + nucleus.elongation * math.sqrt(area / math.pi)
    spread = (count - 1) * nucleus.lobe_spacing * lobe
    length = (1 - pinch) * even + pinch * spread
    turn = (1 - pinch) * turn + pinch * min(4.5, spread / (0.52 * radius_um))

    between = max(count - 1, 2)
    bends = np.repeat(rng.normal(0.0, 0.08 + 0.3 * pinch, size=between), 4)
    if turn > BENT and rng.random() < S_SHAPED:
        bends += 0.7 * turn * np.maximum(0.0, np.linspace(1.0, -1.0, len(bends)))
    nodes = shapes.centre_line(length_um=length, turn=turn, bends=bends.astype(np.float32))

    width = shapes.rod_width(area, even)
    rod = shapes.chain(*axes, nodes, (1 - pinch) * width + pinch * THREAD_UM)
    if pinch < UNLOBED:
        return rod
    middles = nodes[:: (len(nodes) - 1) // (count - 1)]
    radii = (1 - pinch) * width + pinch * lobe * rng.uniform(0.82, 1.15, size=count)
    # two discs a lobe, so that lobes are not beads
    shift = 0.3 * pinch * lobe * rng.normal(size=(count, 2))
    centres = np.concatenate((middles - shift, middles + shift)).astype(np.float32)
    radii = np.tile(0.92 * radii, 2)
    bulbs = shapes.lobes(*axes, centres, radii.astype(np.float32))
    return shapes.together(rod, bulbs, rounding_um=0.25)


def chromatin(
    rng: np.random.Generator,
    grid: Grid,
    shape: Plane,
    nucleus: Nucleus,
) -> Plane:
    """Amount of nuclear dye: clumped, darker at the membrane, paler in nucleoli."""
    fine = smooth_noise(rng, grid, grain_um=nucleus.grain_um)
    coarse = smooth_noise(rng, grid, grain_um=3 * nucleus.grain_um)
    clumps = np.tanh(0.9 * fine + 0.5 * coarse)
    membrane = np.exp(-(((shape + 0.25) / 0.3) ** 2))
    amount = 1.0 + np.float32(nucleus.clumping) * clumps + np.float32(0.1) * membrane
    pale = _nucleoli(rng, grid, shape, nucleus.nucleoli)
    inside = shapes.coverage(shape, edge_um=nucleus.edge_um)
    return np.float32(nucleus.density) * inside * np.maximum(amount - pale, 0.05)


def _nucleoli(
    rng: np.random.Generator,
    grid: Grid,
    shape: Plane,
    most: int,
) -> Plane:
    """What nucleoli take from the nuclear dye."""
    pale = np.zeros_like(shape)
    deep = np.flatnonzero(shape < min(0.6 * float(shape.min()), 0.0))
    # the nucleus of a neighbour may lie outside the picture
    count = int(rng.integers(most + 1)) if most and deep.size else 0
    for place in deep[rng.integers(deep.size, size=count)].tolist() if count else ():
        row, column = divmod(place, grid.points)
        centre = (float(grid.x[0, column]), float(grid.y[row, 0]))
        spot = shapes.disc(grid, centre, rng.uniform(0.6, 1.1))
        pale += 0.4 * shapes.coverage(spot, edge_um=0.6)
    return np.minimum(pale, 0.45)
