"""Read every image of a catalog, whatever is wrong with some of them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # has no type hints

from wbcray.core.errors import DataError
from wbcray.core.sample import Catalog, Sample
from wbcray.data.audit.signatures import CHUNK, Signatures, joined, sign
from wbcray.data.prepared.decoding import DecodedFile, Outcome, decode_files
from wbcray.data.prepared.listing import list_files
from wbcray.data.prepared.sources import DomainSource, View, refuse_unknown_scales

Progress = Callable[[str, int, int], None]
"""Called with a domain's name, images read so far, images in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """An image that cannot be used, and why."""

    sample: Sample
    problem: DataError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadImages:
    """What came of reading.

    Attributes:
        positions: Catalog positions of the images that could be read, ascending.
        signatures: Theirs, in the same order.
        unreadable: The others.
    """

    positions: Int64[np.ndarray, " readable"]
    signatures: Signatures
    unreadable: tuple[Unreadable, ...]


def read_images(
    catalog: Catalog,
    sources: Mapping[str, DomainSource],
    view: View,
    *,
    on_progress: Progress | None = None,
) -> ReadImages:
    """Decode all images as they would be for training; keeps signatures only.

    Raises:
        DataError: For a field of view in micrometres where a domain's scale is not known.
    """
    refuse_unknown_scales(sources, view)
    positions: list[int] = []
    unreadable: list[Unreadable] = []
    signatures: list[Signatures] = []
    waiting: list[DecodedFile] = []
    # decoding has all the cores already
    with threadpool_limits(1, user_api="blas"):
        for position, outcome in enumerate(_outcomes(catalog, sources, view, on_progress)):
            if isinstance(outcome, DataError):
                unreadable.append(Unreadable(sample=catalog.samples[position], problem=outcome))
                continue
            positions.append(position)
            waiting.append(outcome)
            if len(waiting) == CHUNK:
                signatures.append(_signed(waiting, view))
                waiting.clear()
        if waiting:
            signatures.append(_signed(waiting, view))
    return ReadImages(
        positions=np.array(positions, dtype=np.int64),
        signatures=joined(signatures),
        unreadable=tuple(unreadable),
    )


def _outcomes(
    catalog: Catalog,
    sources: Mapping[str, DomainSource],
    view: View,
    on_progress: Progress | None,
) -> Iterator[Outcome]:
    """What becomes of every image, in catalog order."""
    for domain in catalog.domains:
        paths = [sample.path for sample in catalog.samples if sample.domain == domain]
        files = list_files(paths, sources[domain])
        with closing(decode_files(files, view)) as outcomes:
            for number, outcome in enumerate(outcomes, start=1):
                yield outcome
                if on_progress is not None:
                    on_progress(domain, number, len(paths))


def _signed(files: list[DecodedFile], view: View) -> Signatures:
    pixels = b"".join(file.pixels for file in files)
    images = np.frombuffer(pixels, dtype=np.uint8).reshape(len(files), view.size, view.size, 3)
    return sign(images, [file.row.pixel_sha256 for file in files])
