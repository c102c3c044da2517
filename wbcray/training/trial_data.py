"""What a trial may look at: one split of one catalog, with its pixels."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wbcray.core.result import Counts
from wbcray.core.sample import UNLABELLED, Catalog
from wbcray.core.split import Split
from wbcray.data.augment.recipe import Recipe
from wbcray.data.batch import ImageSet
from wbcray.data.pixels import PixelStore


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialData:
    """Catalog, split and pixels of one held-out domain, and the file of the first weights."""

    catalog: Catalog
    split: Split
    pixels: PixelStore
    weights_file: Path | None = None

    @property
    def domains(self) -> int:
        """How many domains there are, the held-out one included."""
        return len(self.catalog.domains)

    def images(self, positions: tuple[int, ...], recipe: Recipe) -> ImageSet:
        """The labelled images at these positions, treated by `recipe` wherever they are drawn."""
        labels = np.array(self.catalog.labels(), dtype=np.int64)
        chosen = np.array(positions, dtype=np.int64)
        chosen = chosen[labels[chosen] != UNLABELLED]
        return ImageSet(
            pixels=self.pixels,
            positions=chosen,
            labels=labels[chosen],
            domains=np.array(self.catalog.domain_ids(), dtype=np.int64)[chosen],
            recipe=recipe,
        )

    def pair_counts(self, images: ImageSet) -> Counts:
        """int64 [domains, classes]: images per domain-class pair."""
        counts = np.zeros((self.domains, len(self.catalog.classes)), dtype=np.int64)
        np.add.at(counts, (images.domains, images.labels), 1)
        return counts
