"""One leukocyte: outline, nucleus, cytoplasm and granules as amounts of dye."""

import math
from dataclasses import dataclass

import numpy as np

from wbcray.data.synthetic import shapes
from wbcray.data.synthetic.grid import Dyes, Grid, Plane
from wbcray.data.synthetic.morphology import Cytoplasm, Granules, Morphology
from wbcray.data.synthetic.nucleus import Frame, chromatin, nucleus_shape
from wbcray.data.synthetic.stain import BASOPHILIC, DYES, NUCLEAR, PINK
from wbcray.data.synthetic.texture import scattered, smooth_noise

Circle = tuple[float, float, float]
"""x, y and radius in micrometres."""

BARE = 0.9
"""Nuclear share from which there is no cytoplasm, and so no border of its own."""

RAGGED_UM = np.float32(0.55)
"""How far the border of a bare nucleus has run out."""

MARGIN_UM = 0.5
"""Distance of vacuoles and rods from the border."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """What one object adds to the smear.

    Attributes:
        dyes: Amount of every dye.
        cover: How far the object hides what it lies on, 0 to 1.
    """

    dyes: Dyes
    cover: Plane


def radius_of(rng: np.random.Generator, morphology: Morphology, *, factor: float) -> float:
    """A radius (um) drawn from the class; `factor` is how far the smear spreads leukocytes."""
    diameter = rng.normal(morphology.diameter_um, morphology.diameter_sd_um)
    low, high = 0.7 * morphology.diameter_um, 1.3 * morphology.diameter_um
    return 0.5 * factor * float(np.clip(diameter, low, high))


def paint(
    rng: np.random.Generator,
    grid: Grid,
    morphology: Morphology,
    place: Circle,
    *,
    contacts: tuple[Circle, ...] = (),
) -> Layer:
    """A leukocyte at `place`, dented by the erythrocytes `contacts`."""
    frame = _frame(rng, grid, place)
    border = _border(rng, grid, frame, morphology, contacts)
    nucleus = nucleus_shape(rng, frame, morphology.nucleus)
    if morphology.nucleus.share > BARE:
        nucleus = nucleus + RAGGED_UM * smooth_noise(rng, grid, grain_um=1.6)
    nucleus = shapes.within(nucleus, border + 0.1, rounding_um=0.6)
    dyes = np.zeros((len(DYES), grid.points, grid.points), dtype=np.float32)
    dyes[NUCLEAR] = chromatin(rng, grid, nucleus, morphology.nucleus)
    if morphology.nucleus.share > BARE:
        return Layer(dyes=dyes, cover=shapes.coverage(nucleus, edge_um=morphology.nucleus.edge_um))

    cover = shapes.coverage(border, edge_um=0.4)
    outside_nucleus = cover * (1.0 - shapes.coverage(nucleus, edge_um=0.35))
    _add_cytoplasm(rng, grid, dyes, morphology.cytoplasm, (border, nucleus, outside_nucleus))
    for granules in morphology.granules:
        _add_granules(rng, grid, dyes, granules, (border, nucleus))
    return Layer(dyes=dyes, cover=cover)


def _frame(rng: np.random.Generator, grid: Grid, place: Circle) -> Frame:
    x, y, radius = place
    full = (grid.points, grid.points)
    return Frame(
        x=np.broadcast_to(grid.x - np.float32(x), full),
        y=np.broadcast_to(grid.y - np.float32(y), full),
        wobble_x=smooth_noise(rng, grid, grain_um=0.75 * radius),
        wobble_y=smooth_noise(rng, grid, grain_um=0.75 * radius),
        radius_um=radius,
    )


def _border(
    rng: np.random.Generator,
    grid: Grid,
    frame: Frame,
    morphology: Morphology,
    contacts: tuple[Circle, ...],
) -> Plane:
    """Signed distance to the outline: a slightly oval, uneven disc, dented by its neighbours."""
    stretch = float(np.exp(rng.normal(0.0, 0.05)))
    turn = rng.uniform(0.0, math.pi)
    uneven = np.float32(morphology.outline * frame.radius_um)
    x = frame.x + uneven * frame.wobble_x
    y = frame.y + uneven * frame.wobble_y
    along = (math.cos(turn) * x + math.sin(turn) * y) / stretch
    across = (math.cos(turn) * y - math.sin(turn) * x) * stretch
    border = np.hypot(along, across) - np.float32(frame.radius_um)
    for contact_x, contact_y, radius in contacts:
        dent = shapes.disc(grid, (contact_x, contact_y), radius + 0.2)
        border = shapes.without(border, dent, rounding_um=0.4)
    return border


def _add_cytoplasm(
    rng: np.random.Generator,
    grid: Grid,
    dyes: Dyes,
    cytoplasm: Cytoplasm,
    where: tuple[
        Plane,
        Plane,
        Plane,
    ],
) -> None:
    """Add the dyes of the cytoplasm; `where` is border, nucleus and cover outside the nucleus."""
    border, nucleus, cover = where
    texture = 1.0 + np.float32(cytoplasm.frost) * smooth_noise(rng, grid, grain_um=0.8)
    body = cover * np.maximum(texture, 0.2)
    if cytoplasm.hof > 0:
        near = np.exp(-(((nucleus - 0.9) / 0.9) ** 2))
        side = smooth_noise(rng, grid, grain_um=9.0) > 0
        body *= 1.0 - np.float32(cytoplasm.hof) * near * side
    if rng.random() < cytoplasm.vacuoles:
        free = (border < -MARGIN_UM) & (nucleus > -MARGIN_UM)
        holes = scattered(rng, grid, free, per_um2=0.09, radius_um=rng.uniform(0.35, 0.6))
        body *= 1.0 - 0.85 * holes
        dyes[NUCLEAR] *= 1.0 - 0.4 * holes
    rim = np.exp(-(((border + 0.5) / 0.7) ** 2))
    dyes[BASOPHILIC] += cytoplasm.basophilic * body * (1.0 + np.float32(cytoplasm.rim) * rim)
    dyes[PINK] += cytoplasm.pink * body
    if rng.random() < cytoplasm.rods:
        dyes[PINK] += 2.5 * _auer_rod(rng, grid, border, nucleus)


def _auer_rod(
    rng: np.random.Generator,
    grid: Grid,
    border: Plane,
    nucleus: Plane,
) -> Plane:
    """A thin red needle in the cytoplasm of a myeloblast."""
    free = np.flatnonzero((border < -MARGIN_UM) & (nucleus > 0.0))
    if not free.size:
        return np.zeros_like(border)
    row, column = divmod(int(rng.choice(free)), grid.points)
    angle = rng.uniform(0.0, math.pi)
    half = 1.3 * np.array([math.cos(angle), math.sin(angle)])
    middle = np.array([grid.x[0, column], grid.y[row, 0]])
    ends = np.stack((middle - half, middle + half)).astype(np.float32)
    x = np.broadcast_to(grid.x, border.shape)
    y = np.broadcast_to(grid.y, border.shape)
    return shapes.coverage(shapes.chain(x, y, ends, 0.16), edge_um=0.2)


def _add_granules(
    rng: np.random.Generator,
    grid: Grid,
    dyes: Dyes,
    granules: Granules,
    where: tuple[Plane, Plane],
) -> None:
    """Add granules between border and nucleus (`where`), or over both."""
    if granules.per_um2 <= 0:
        return
    border, nucleus = where
    inside = border < -granules.radius_um - 0.1
    if not granules.over_nucleus:
        inside = inside & (nucleus > 0.5 * granules.radius_um)
    field = scattered(rng, grid, inside, per_um2=granules.per_um2, radius_um=granules.radius_um)
    for dye, amount in enumerate(granules.dyes):
        if amount:
            dyes[dye] += np.float32(amount) * field
