"""Memory of one process that trains on a prepared store: a child of `benchmarks.data`.

`python -m benchmarks.data_memory store|map FOLDER...` trains ResNet18 for a few steps of 32 images
at 224 px, visits every image once and prints what `/proc/self/smaps_rollup` says. With `map` the
pixels come from a NumPy memory map of the same files, for comparison.
"""

import sys
from pathlib import Path

import numpy as np
import torch

from benchmarks.data import BATCH, FIELD_OF_VIEW_UM
from wbcray.core.config import NetworkConfig
from wbcray.core.sample import Catalog, Sample
from wbcray.data.batch import ImageSet, batches
from wbcray.data.noise import Randomness
from wbcray.data.pixels import PixelStore, View, open_prepared
from wbcray.data.prepared.folder import PIXELS, open_folder
from wbcray.models.network import Network

_STEPS = 6


def main(way: str, folders: list[Path]) -> None:
    """Train, visit everything, print."""
    view = View(size=224, field_of_view_um=FIELD_OF_VIEW_UM)
    catalog = catalog_of(folders, view)
    store = open_prepared(catalog, folders, view)
    order = np.random.default_rng(0).permutation(len(catalog.samples))
    rows = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    train(store, catalog, rows[:_STEPS])
    maps = [np.load(folder / PIXELS, mmap_mode="r") for folder in folders]
    total = 0
    for row in rows:
        images = store.gather(row) if way == "store" else from_maps(maps, store, row)
        total += int(images[:, 0, 0, 0].sum())
    said = "read by position" if way == "store" else "through a memory map"
    sizes = ", ".join(f"{name} {size:.0f} MB" for name, size in resident().items())
    print(f"memory of a trial, {len(order)} images {said}: {sizes}")


def catalog_of(folders: list[Path], view: View) -> Catalog:
    """The images in these folders."""
    paths = {folder.name.split("-")[0]: open_folder(folder, view).paths for folder in folders}
    samples = [
        Sample(path=path, label=path.split("/")[0], domain=domain)
        for domain, listed in paths.items()
        for path in listed
    ]
    classes = sorted({str(sample.label) for sample in samples})
    return Catalog(samples=tuple(samples), classes=tuple(classes), domains=tuple(paths))


def train(store: PixelStore, catalog: Catalog, rows: "list[np.ndarray]") -> None:
    """A few steps on augmented batches."""
    images = ImageSet(
        pixels=store,
        positions=np.arange(len(catalog.samples), dtype=np.int64),
        labels=np.array(catalog.labels(), dtype=np.int64),
        domains=np.array(catalog.domain_ids(), dtype=np.int64),
    )
    network = Network(
        NetworkConfig(backbone="resnet18", weights="none"), classes=len(catalog.classes)
    )
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-4)
    randomness = Randomness(seed=0, epoch=0)
    for batch in batches(images, rows, torch.device("cpu"), randomness=randomness):
        _, logits = network(batch.images)
        loss = torch.nn.functional.cross_entropy(logits, batch.labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def from_maps(maps: "list[np.ndarray]", store: PixelStore, positions: "np.ndarray") -> "np.ndarray":
    """The same images by indexing memory maps."""
    domains = np.searchsorted(store.starts, positions, side="right") - 1
    images = np.empty((len(positions), *maps[0].shape[1:]), dtype=np.uint8)
    for number in np.unique(domains):
        chosen = domains == number
        images[chosen] = maps[number][store.rows[positions[chosen]]]
    return images


def resident() -> dict[str, float]:
    """Megabytes by kind, as Linux counts them for this process."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    values = {line.split()[0].rstrip(":"): line.split()[1] for line in lines[1:]}
    return {name: int(values[name]) / 1024 for name in ("Rss", "Pss", "Anonymous")}


if __name__ == "__main__":
    main(sys.argv[1], [Path(word) for word in sys.argv[2:]])
