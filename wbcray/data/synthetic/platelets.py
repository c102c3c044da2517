"""An image of platelets and no leukocyte: published data sets have a class of these too."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import UInt8

from wbcray.core.seeding import derive_seed
from wbcray.data.synthetic import shapes, surroundings
from wbcray.data.synthetic.grid import Dyes, Grid, grid_of
from wbcray.data.synthetic.latents import slide_of
from wbcray.data.synthetic.leukocyte import Circle
from wbcray.data.synthetic.render import OVERSAMPLING, photograph
from wbcray.data.synthetic.stain import DYES, ERYTHROCYTE, NUCLEAR, PINK
from wbcray.data.synthetic.style import DomainStyle
from wbcray.data.synthetic.texture import smooth_noise

NAME = "platelet"
"""What a layout's `looks_like` calls it; it is none of the 13 classes."""

CLUMP = 0.5
"""Probability of a clump; else there is a single platelet."""


def platelet_slide(style: DomainStyle, *, seed: int, index: int) -> int:
    """The slide that image `index` of platelets is from."""
    rng = np.random.default_rng(derive_seed(seed, "slide", style.stream, NAME, index))
    return int(rng.integers(style.slides.count))


def render_platelets(
    style: DomainStyle, *, seed: int, index: int, size: int, field_of_view_um: float = 25.0
) -> UInt8[npt.NDArray[Any], "size size 3"]:
    """RGB image `index` of platelets in the domain `style`: one or a clump, in the middle.

    Args:
        style: The domain.
        seed: Seed of the data set.
        index: Number of the image.
        size: Pixels along an edge.
        field_of_view_um: Micrometres along an edge.
    """

    def stream(name: str) -> np.random.Generator:
        return np.random.default_rng(derive_seed(seed, name, style.stream, NAME, index))

    grid = grid_of(OVERSAMPLING * size, field_of_view_um)
    slide = slide_of(style, platelet_slide(style, seed=seed, index=index), seed)
    places = _places(stream("platelets"))
    rng = stream("surroundings")
    around = surroundings.scatter_erythrocytes(
        rng, grid, style.scene, leukocytes=places, crowding=slide.crowding
    )
    dyes = surroundings.paint_platelets(rng, grid, expected=style.scene.platelets)
    dyes[ERYTHROCYTE] += surroundings.paint_erythrocytes(
        rng, grid, around, crenated=style.scene.crenated
    )
    dyes += _paint(stream("platelets"), grid, places)
    return photograph(stream, grid, dyes, style=style, slide=slide)


def _places(rng: np.random.Generator) -> list[Circle]:
    """One large platelet, or many that stick together."""
    if rng.random() >= CLUMP:
        x, y = rng.normal(0.0, 0.6, size=2).tolist()
        return [(x, y, float(rng.uniform(1.2, 2.2)))]
    count, reach = int(rng.integers(4, 16)), float(rng.uniform(1.5, 4.0))
    angles = rng.uniform(0.0, 2 * math.pi, size=count)
    distances = reach * np.sqrt(rng.random(count))
    radii = rng.uniform(0.8, 1.4, size=count)
    middles = zip(distances * np.cos(angles), distances * np.sin(angles), radii, strict=True)
    return [(float(x), float(y), float(radius)) for x, y, radius in middles]


def _paint(rng: np.random.Generator, grid: Grid, places: list[Circle]) -> Dyes:
    """Granular violet middles in pale bodies; where bodies overlap they are one."""
    dyes = np.zeros((len(DYES), grid.points, grid.points), dtype=np.float32)
    grains = np.maximum(1.0 + 0.6 * smooth_noise(rng, grid, grain_um=0.5), 0.1)
    uneven = np.float32(0.25) * smooth_noise(rng, grid, grain_um=1.2)
    for x, y, radius in places:
        outline = shapes.disc(grid, (x, y), radius) + uneven
        body = shapes.coverage(outline, edge_um=0.5)
        middle = shapes.coverage(outline + np.float32(0.45 * radius), edge_um=0.6)
        dyes[NUCLEAR] = np.maximum(dyes[NUCLEAR], 0.4 * middle * grains)
        dyes[PINK] = np.maximum(dyes[PINK], 0.45 * body)
    return dyes
