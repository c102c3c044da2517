"""What an image looks like, whatever its brightness, contrast, size and orientation.

White blood cells all look alike from afar: a dark blob in the middle of a bright square. What
tells two pictures apart is where detail lies. So the image is scaled down, slightly blurred (what
JPEG loses is lost on both sides), freed of slow changes of brightness, divided by its local
contrast and described by the low frequencies of its cosine transform. A mirror image then differs
in signs alone and a transposed one in the order of coefficients, so that all eight orientations of
a square follow from one transform.
"""

from functools import cache
from typing import Any

import numpy as np
from jaxtyping import Float32, UInt8, UInt64

SIDE = 48
"""Side in pixels that images are brought to."""
KEPT = 32
"""Frequencies kept along each side; the blur leaves next to nothing above them."""
ORIENTATIONS = 8

_BLUR = 1.0
_NEIGHBOURHOOD = 2.0
"""Standard deviation, in pixels, of the window that brightness and contrast are local to."""
_NOISE = 2.0
"""Contrast in grey levels of 255 below which there is nothing but noise."""
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)

Images = UInt8[np.ndarray, "images size size 3"]
Spectra = Float32[np.ndarray, "images 32 32"]


def spectra(images: Images) -> tuple[Spectra, Float32[np.ndarray, " images"]]:
    """The spectrum of every image as a unit vector, and how much detail it has, 0 to 1.

    The inner product of two spectra is the correlation of the two images' detail.
    """
    scale = _scaling(images.shape[1])
    small = scale @ (images.astype(np.float32) @ _LUMA) @ scale.T
    window = _gaussian(SIDE, _NEIGHBOURHOOD)
    detail = small - window @ small @ window.T
    contrast = np.sqrt(window @ (detail * detail) @ window.T + _NOISE**2)
    cosines = _cosines()
    found = cosines @ (detail / contrast) @ cosines.T
    found[:, 0, 0] = 0.0  # the mean
    lengths = np.linalg.norm(found, axis=(1, 2))
    found /= np.maximum(lengths, 1e-6)[:, None, None]
    return found, np.minimum(lengths / SIDE, 1.0).astype(np.float32)


def oriented(found: Spectra, orientation: int) -> Spectra:
    """The spectra of the same images in another orientation, 0 to 7; 0 is as they are."""
    turned = found.transpose(0, 2, 1) if orientation & 4 else found
    signs = np.where(np.arange(KEPT) % 2, np.float32(-1), np.float32(1))
    if orientation & 2:
        turned = turned * signs[:, None]
    if orientation & 1:
        turned = turned * signs
    return turned


def hashes(found: Spectra) -> UInt64[np.ndarray, " images"]:
    """64 bits per image: the signs of the lowest frequencies that are odd along some side.

    A blob in the middle is even along both and would give all images the same bits there.
    """
    rows, columns = _hashed()
    signs = found[:, rows, columns] > 0
    return np.ascontiguousarray(np.packbits(signs, axis=1)).view(np.uint64)[:, 0]


@cache
def _hashed() -> tuple[Any, Any]:
    """Rows and columns of the frequencies that give a bit, as many on either side of the middle."""
    odd = [
        (row * row + column * column, row, column)
        for row in range(KEPT)
        for column in range(row, KEPT)
        if row % 2 or column % 2
    ]
    chosen: list[tuple[int, int]] = []
    for _, row, column in sorted(odd):
        pair = [(row, column)] if row == column else [(row, column), (column, row)]
        if len(chosen) + len(pair) <= 64:  # noqa: PLR2004  # bits of a hash
            chosen += pair
    return tuple(np.array(chosen).T)


@cache
def _scaling(size: int) -> Float32[np.ndarray, "48 size"]:
    """Mean over areas, then a slight blur."""
    lows = np.arange(SIDE)[:, None] * size / SIDE
    pixels = np.arange(size)
    overlap = np.minimum(lows + size / SIDE, pixels + 1) - np.maximum(lows, pixels)
    area = np.clip(overlap, 0, None) * SIDE / size
    scaling: Float32[np.ndarray, "48 size"] = (_gaussian(SIDE, _BLUR) @ area).astype(np.float32)
    return scaling


@cache
def _gaussian(side: int, sigma: float) -> Float32[np.ndarray, "side side"]:
    """Each row is a Gaussian window whose weights sum to 1, also at the edges."""
    offsets = np.arange(side)[:, None] - np.arange(side)
    weights = np.exp(-0.5 * (offsets / sigma) ** 2)
    weights /= weights.sum(axis=1, keepdims=True)
    windows: Float32[np.ndarray, "side side"] = weights.astype(np.float32)
    return windows


@cache
def _cosines() -> Float32[np.ndarray, "32 48"]:
    """The orthonormal cosine transform (DCT-II) of a line, low frequencies only."""
    frequencies = np.arange(KEPT)[:, None]
    lines = np.cos(np.pi * frequencies * (np.arange(SIDE) + 0.5) / SIDE) * np.sqrt(2 / SIDE)
    lines[0] /= np.sqrt(2)
    cosines: Float32[np.ndarray, "32 48"] = lines.astype(np.float32)
    return cosines
