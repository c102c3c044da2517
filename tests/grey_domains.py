"""Two domains of small grey images, and their cache: a pixel says which image it is of."""

import os
from pathlib import Path

import numpy as np
from PIL import Image

from wbcray.core.sample import Catalog, Sample
from wbcray.data.pixels import DomainSource, View, prepare, wanted_folders

VIEW = View(size=32)
CLASSES = ("blast", "monocyte")
GREYS = {"north": (10, 11, 12, 13), "south": (20, 21)}


class GreyDomains:
    """Images in `images`, decoded ones in `cache`; each image is of one grey."""

    def __init__(self, folder, greys=None):
        self.folder = Path(folder)
        self.images, self.cache = self.folder / "images", self.folder / "cache"
        self.greys = greys or GREYS

    def write(self):
        for domain, greys in self.greys.items():
            for number, grey in enumerate(greys):
                self.paint(domain, number, grey)
        return self

    def path(self, domain, number):
        return self.images / domain / CLASSES[number % 2] / f"{number:02d}.png"

    def paint(self, domain, number, grey):
        path = self.path(domain, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((32, 32, 3), grey, dtype=np.uint8)).save(path)

    def spoil_files(self):
        """Put nonsense of the same length and time in place of every image."""
        for path in self.images.rglob("*.png"):
            stat = path.stat()
            path.write_bytes(b"x" * stat.st_size)
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    def catalog(self, left_out=()):
        """The catalog of what is there, but for some images of the north."""
        samples = [
            Sample(
                path=path.relative_to(self.images / domain).as_posix(),
                label=path.parent.name,
                domain=domain,
            )
            for domain in self.greys
            for path in sorted((self.images / domain).rglob("*.png"))
            if domain != "north" or int(path.stem) not in left_out
        ]
        return Catalog(samples=tuple(samples), classes=CLASSES, domains=tuple(self.greys))

    def sources(self, um_per_px=0.0):
        return {d: DomainSource(root=self.images / d, um_per_px=um_per_px) for d in self.greys}

    def prepare(self, view=VIEW, um_per_px=0.0, **options):
        return prepare(self.catalog(), self.sources(um_per_px), view, self.cache, **options)

    def wanted(self, view=VIEW):
        return wanted_folders(self.catalog(), self.sources(), view, self.cache)

    def leftovers(self):
        """What is in the cache and is no finished folder."""
        return [path for path in self.cache.iterdir() if path.name.startswith(".")]


def greys(store, *positions):
    """The grey of the images at these catalog positions."""
    return store.gather(np.array(positions, dtype=np.int64))[:, 0, 0, 0].tolist()
