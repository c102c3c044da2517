"""One synthetic image of one white blood cell, from nothing but its name in the data set."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import UInt8

from wbcray.core.errors import UsageError, unknown_name
from wbcray.core.seeding import derive_seed
from wbcray.data.synthetic import optics, surroundings
from wbcray.data.synthetic.classes import CLASSES
from wbcray.data.synthetic.grid import Dyes, Grid, grid_of
from wbcray.data.synthetic.latents import (
    DARK_FACTOR,
    ImageLatents,
    Slide,
    draw_latents,
    neighbour_of,
    slide_of,
)
from wbcray.data.synthetic.leukocyte import Circle, paint, radius_of
from wbcray.data.synthetic.stain import ERYTHROCYTE, optical_densities, transmission
from wbcray.data.synthetic.style import DomainStyle

GENERATOR_VERSION = 1
"""To be raised whenever any pixel changes, so that old and new results are told apart."""

OVERSAMPLING = 2
"""Raster points per pixel along an edge."""

SMALLEST_SIZE = 16


def render(
    style: DomainStyle,
    label: str,
    *,
    seed: int,
    index: int,
    size: int,
    field_of_view_um: float = 25.0,
) -> UInt8[npt.NDArray[Any], "size size 3"]:
    """RGB image `index` of class `label` in the domain `style`.

    The same arguments give the same image, whatever was rendered before. Its matrices are small:
    where BLAS has several threads, limit it to one (as `write_domain` does) to be fast.

    Args:
        style: The domain.
        label: The class as labelled; a few images truly show another, as in real data.
        seed: Seed of the data set.
        index: Number of the image within its domain and class.
        size: Pixels along an edge.
        field_of_view_um: Micrometres along an edge.

    Raises:
        UsageError: For a class that the domain does not have, or a size below 16.
    """
    _check(style, label, size)
    grid = grid_of(OVERSAMPLING * size, field_of_view_um)
    latents = draw_latents(style, label, seed=seed, index=index)
    slide = slide_of(style, latents.slide, seed)

    def stream(name: str) -> np.random.Generator:
        # one stream a subject, so that a change of the camera leaves the leukocyte as it is
        return np.random.default_rng(derive_seed(seed, name, style.stream, label, index))

    dyes = _smear(stream, grid, style, slide, latents)
    return photograph(stream, grid, dyes, style=style, slide=slide, dark=latents.dark)


def photograph(  # everything that a smear passes on its way to the file
    stream: Callable[[str], np.random.Generator],
    grid: Grid,
    dyes: Dyes,
    *,
    style: DomainStyle,
    slide: Slide,
    dark: bool = False,
) -> UInt8[npt.NDArray[Any], "size size 3"]:
    """A smear as the domain's microscope and camera show it.

    Args:
        stream: Random numbers by subject.
        grid: The raster of the smear, `OVERSAMPLING` points per pixel.
        dyes: Amount of every dye on it.
        style: The domain.
        slide: The slide that the smear is on.
        dark: Whether it is from the old, dark acquisition.
    """
    size = grid.points // OVERSAMPLING
    densities = optical_densities(style.stains, style.background, slide.hues)
    light = transmission(dyes, densities, gain=slide.gain)
    light *= surroundings.plasma(stream("plasma"), grid, haze=style.scene.haze)

    image = optics.focus(light, grid, size=size, optics=style.optics, blur=slide.blur)
    lamp = optics.illumination(stream("lamp"), size, style.optics)
    background = slide.background * (DARK_FACTOR if dark else 1.0)
    image = image * lamp * background.astype(np.float32)[:, None, None]
    return optics.expose(stream("camera"), image, noise_sd=style.optics.noise_sd)


def _check(style: DomainStyle, label: str, size: int) -> None:
    if label not in CLASSES:
        raise unknown_name("class", label, CLASSES)
    if label not in style.classes:
        raise UsageError(
            f"there is no {label} in the domain {style.name}",
            fix=f"choose one of {', '.join(style.classes)}",
        )
    if size < SMALLEST_SIZE:
        raise UsageError(
            f"an image of {size} pixels is too small", fix=f"give a size from {SMALLEST_SIZE} on"
        )


def _smear(
    stream: Callable[[str], np.random.Generator],
    grid: Grid,
    style: DomainStyle,
    slide: Slide,
    latents: ImageLatents,
) -> Dyes:
    """Amount of every dye on the smear: leukocytes over erythrocytes and platelets."""
    scene, factor = style.scene, style.size_factor * slide.size
    rng = stream("leukocyte")
    shown = latents.morphology()
    x, y = rng.normal(0.0, scene.offset_um, size=2).tolist()
    place = (x, y, radius_of(rng, shown, factor=factor))
    contacts = surroundings.contacts_of(rng, place, expected=shown.hugs)
    layers = [paint(rng, grid, shown, place, contacts=contacts)]
    places = [place]

    rng = stream("neighbour")
    if rng.random() < scene.neighbour:
        other = neighbour_of(style, rng)
        beside = _beside(rng, place, radius_of(rng, other, factor=factor))
        layers.append(paint(rng, grid, other, beside))
        places.append(beside)

    rng = stream("surroundings")
    free = surroundings.scatter_erythrocytes(
        rng, grid, scene, leukocytes=places, crowding=slide.crowding
    )
    erythrocytes = surroundings.paint_erythrocytes(
        rng, grid, (*contacts, *free), crenated=scene.crenated
    )
    dyes = surroundings.paint_platelets(rng, grid, expected=scene.platelets)
    dyes[ERYTHROCYTE] += erythrocytes
    for layer in layers:
        dyes *= 1.0 - layer.cover
        dyes += layer.dyes
    return dyes


def _beside(rng: np.random.Generator, place: Circle, radius_um: float) -> Circle:
    """A place next to the leukocyte at `place`, at a random side."""
    angle = rng.uniform(0.0, 2 * math.pi)
    reach = place[2] + radius_um + rng.uniform(0.3, 2.0)
    return place[0] + reach * math.cos(angle), place[1] + reach * math.sin(angle), radius_um
