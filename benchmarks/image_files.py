"""Image files for benchmarks: synthetic cells in the sizes and formats of published data sets."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from threadpoolctl import threadpool_limits

from wbcray.core.sample import Catalog, Sample
from wbcray.data.pixels import DomainSource
from wbcray.data.synthetic.domains import DOMAINS
from wbcray.data.synthetic.render import render

CLASSES = ("neutrophil_segmented", "monocyte", "lymphocyte_typical", "eosinophil")
_DISTINCT_OF_A_CLASS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Native:
    """How the files of a data set look."""

    width: int
    height: int
    px_per_um: float
    mode: str
    suffix: str


NATIVE: Mapping[str, Native] = {
    "acevedo_like": Native(width=360, height=363, px_per_um=10.0, mode="RGB", suffix=".jpg"),
    "int_like": Native(width=288, height=288, px_per_um=11.52, mode="RGB", suffix=".TIF"),
    "matek_like": Native(width=400, height=400, px_per_um=13.8, mode="RGBA", suffix=".tiff"),
}
"""Domains in the order of a catalog."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Domains of image files: what there is and where."""

    catalog: Catalog
    sources: Mapping[str, DomainSource]


def write_files(folder: Path, counts: Mapping[str, int]) -> Files:
    """So many images of each domain; a dozen are drawn, the rest are links to the same content.

    Each is a file of its own to whoever reads it; the page cache holds the dozen only, so reading
    from a disk is not part of what is measured.
    """
    samples = []
    for domain, images in counts.items():
        drawn = _draw(folder / ".drawn" / domain, domain, NATIVE[domain])
        for label in CLASSES:
            (folder / domain / label).mkdir(parents=True)
        for number in range(images):
            label = CLASSES[number % len(CLASSES)]
            path = f"{label}/{number:05d}{NATIVE[domain].suffix}"
            os.link(drawn[number % len(drawn)], folder / domain / path)
            samples.append(Sample(path=path, label=label, domain=domain))
    samples.sort(key=lambda sample: (sample.domain, sample.path))
    sources = {
        domain: DomainSource(root=folder / domain, um_per_px=1 / NATIVE[domain].px_per_um)
        for domain in counts
    }
    return Files(
        catalog=Catalog(samples=tuple(samples), classes=CLASSES, domains=tuple(sorted(counts))),
        sources=sources,
    )


def _draw(folder: Path, domain: str, native: Native) -> list[Path]:
    folder.mkdir(parents=True)
    paths = []
    side = max(native.width, native.height)
    with threadpool_limits(1):
        for number in range(_DISTINCT_OF_A_CLASS * len(CLASSES)):
            label = CLASSES[number % len(CLASSES)]
            field = side / native.px_per_um
            pixels = render(
                DOMAINS[domain], label, seed=0, index=number, size=side, field_of_view_um=field
            )
            image = Image.fromarray(np.ascontiguousarray(pixels[: native.height, : native.width]))
            path = folder / f"{number:02d}{native.suffix}"
            options = {"quality": 90} if native.suffix == ".jpg" else {}
            image.convert(native.mode).save(path, **options)
            paths.append(path)
    return paths
