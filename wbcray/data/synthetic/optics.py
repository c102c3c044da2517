"""From the light behind the smear to 8-bit pixels: focus, sharpening, illumination and noise."""

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Float32, UInt8

from wbcray.data.synthetic.grid import Grid, grid_of
from wbcray.data.synthetic.style import Optics

Image = Float32[npt.NDArray[Any], "3 size size"]
"""Brightness of red, green and blue in every pixel."""

SHARPENING_UM = 0.25
"""Radius of the unsharp mask in slide scanners that sharpen."""


def focus(
    light: Float32[npt.NDArray[Any], "3 points points"],
    grid: Grid,
    *,
    size: int,
    optics: Optics,
    blur: float,
) -> Image:
    """The blurred (and sharpened) image, averaged over `size` x `size` pixels.

    Args:
        light: Transmitted light on the fine raster.
        grid: That raster.
        size: Pixels along an edge.
        optics: The domain's microscope.
        blur: Factor on its blur.
    """
    sigma = optics.blur_um * blur / grid.step_um
    sharp = _lens(grid.points, size, round(sigma, 2))
    image: Image = sharp @ light @ sharp.T
    if optics.sharpen <= 0:
        return image
    wider = float(np.hypot(sigma, SHARPENING_UM / grid.step_um))
    soft = _lens(grid.points, size, round(wider, 2))
    image += np.float32(optics.sharpen) * (image - soft @ light @ soft.T)
    return image


@lru_cache(maxsize=512)
def _lens(points: int, size: int, sigma: float) -> Float32[npt.NDArray[Any], "size points"]:
    """Gaussian blur and area averaging along one axis, as one matrix."""
    source = np.arange(points)
    distance = source[:, None] - source[None, :]
    kernel = np.exp(-0.5 * (distance / max(sigma, 1e-3)) ** 2)
    kernel /= kernel.sum(axis=1, keepdims=True)
    averaged = kernel.reshape(size, points // size, points).mean(axis=1)
    return np.asarray(averaged, dtype=np.float32)


def illumination(
    rng: np.random.Generator, size: int, optics: Optics
) -> Float32[npt.NDArray[Any], "size size"]:
    """Relative brightness over the field of view."""
    pixels = grid_of(size, 2.0)
    along_x, along_y = (optics.illumination_sd * rng.standard_normal(2)).tolist()
    light = np.broadcast_to(1.0 + along_x * pixels.x + along_y * pixels.y, (size, size))
    corner = 0.5 * (pixels.x**2 + pixels.y**2)
    return np.asarray(light - np.float32(optics.vignette) * corner)


def expose(
    rng: np.random.Generator,
    image: Image,
    *,
    noise_sd: float,
) -> UInt8[npt.NDArray[Any], "size size 3"]:
    """Pixels with sensor noise, from brightness on the scale 0 .. 255."""
    noise = rng.standard_normal(image.shape, dtype=np.float32)
    noisy = np.clip(np.rint(image + np.float32(noise_sd) * noise), 0, 255)
    return np.ascontiguousarray(noisy.astype(np.uint8).transpose(1, 2, 0))
