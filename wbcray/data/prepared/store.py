"""The pixels of a whole catalog, from the prepared folders of its domains."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from wbcray.core.errors import StoreError
from wbcray.data.images import Pixels
from wbcray.data.prepared.folder import PreparedFolder
from wbcray.data.prepared.listing import Numbers

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class PixelStore:
    """The pixels of a catalog, in catalog order.

    Attributes:
        parts: The prepared folder of each domain, in the catalog's domain order.
        starts: int64 [domains], the catalog position of each domain's first image.
        rows: int64 [images], where each image stands in its domain's folder.
        fingerprint: Hash over every image's path, label, patient and decoded pixels.
    """

    parts: tuple[PreparedFolder, ...]
    starts: Numbers
    rows: Numbers
    fingerprint: str

    @property
    def folders(self) -> tuple[Path, ...]:
        """The prepared folder of each domain, in the catalog's domain order."""
        return tuple(part.path for part in self.parts)

    def gather(self, positions: Numbers) -> Pixels:
        """uint8 [n, size, size, 3]: the images at these catalog positions.

        Raises:
            StoreError: When the cache was damaged after it had been opened.
        """
        pixels = self.parts[0].pixels
        images = np.empty((len(positions), *pixels.shape[1:]), dtype=np.uint8)
        flat = images.reshape(-1).data
        domains = np.searchsorted(self.starts, positions, side="right") - 1
        places = zip(domains.tolist(), self.rows[positions].tolist(), strict=True)
        for number, (domain, row) in enumerate(places):
            part = self.parts[domain]
            begin = number * pixels.image_bytes
            try:
                part.pixels.read_into(row, flat[begin : begin + pixels.image_bytes])
            except OSError as error:
                raise StoreError(
                    f"cannot read the decoded pixels: {error.strerror or error}",
                    where=str(part.path),
                    fix="delete this folder; it is rebuilt from the images",
                ) from error
        return images

    def hashes(self) -> list[str]:
        """The hash of each image's decoded pixels, in catalog order."""
        rows = np.split(self.rows, self.starts[1:])
        pairs = zip(self.parts, rows, strict=True)
        return [part.hashes[row] for part, chosen in pairs for row in chosen.tolist()]

    def facts(self) -> "pd.DataFrame":
        """The index in catalog order: what `prepared.index.Row` says of every image."""
        import pandas as pd

        tables = [part.facts().to_pandas() for part in self.parts]
        chosen = np.split(self.rows, self.starts[1:])
        picked = [table.iloc[rows] for table, rows in zip(tables, chosen, strict=True)]
        together: pd.DataFrame = pd.concat(picked, ignore_index=True)
        return together
