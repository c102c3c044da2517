"""Signatures of images: enough to find copies by, a hundredth of the pixels."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float16
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # has no type hints

from wbcray.core.machine import cores
from wbcray.data.audit.spectrum import KEPT, Images, spectra
from wbcray.data.pixels import PixelStore

FAINTEST = 0.15
"""Share of the detail of a full image below which there is nothing to compare."""
CHUNK = 64
"""Images signed at once; 64 of 224 pixels take 40 MB."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Signatures:
    """What is kept of a set of images, in its order.

    Attributes:
        digests: Hash of the pixels; equal for equal pixels.
        spectra: Unit vectors whose inner product is the likeness of two images.
        plain: Images without detail (blank ones), which are alike only if they are equal.
    """

    digests: tuple[str, ...]
    spectra: Float16[np.ndarray, "images 32 32"]
    plain: Bool[np.ndarray, " images"]

    def __len__(self) -> int:
        return len(self.digests)


def sign(images: Images, digests: Sequence[str]) -> Signatures:
    """The signatures of these images, whose pixels have these hashes."""
    found, detail = spectra(images)
    return Signatures(
        digests=tuple(digests), spectra=found.astype(np.float16), plain=detail < FAINTEST
    )


def sign_store(pixels: PixelStore) -> Signatures:
    """The signatures of all images of a store, read chunk by chunk."""
    digests = pixels.facts()["pixel_sha256"].tolist()

    def sign_chunk(start: int) -> Signatures:
        stop = min(start + CHUNK, len(digests))
        images = pixels.gather(np.arange(start, stop, dtype=np.int64))
        return sign(images, digests[start:stop])

    # one thread per product: with the pool's threads on top, BLAS would get in its own way
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(cores()) as pool:
        return joined(pool.map(sign_chunk, range(0, len(digests), CHUNK)))


def joined(parts: Iterable[Signatures]) -> Signatures:
    """Several sets as one, in their order."""
    found = list(parts)
    return Signatures(
        digests=tuple(digest for part in found for digest in part.digests),
        spectra=np.concatenate(
            [np.empty((0, KEPT, KEPT), np.float16), *(part.spectra for part in found)]
        ),
        plain=np.concatenate([np.empty(0, np.bool_), *(part.plain for part in found)]),
    )
