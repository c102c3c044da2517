"""Speed and memory of the data path: `python -m benchmarks.data [throughput disk open memory]`.

throughput  images/s from prepared pixels to augmented batches, against decoding files and
            augmenting image by image in as many worker processes as there are cores; A/B/A/B, at
            224 and 64 px; with DomainBed's recipe, and with our own done image by image. Beside
            it images per second of processor time, which other programs disturb less.
disk        52,000 images at 224 px: bytes on disk. Written in the store's own format from a few
            drawn images; how fast `prepare` decodes is measured on files.
open        the same 52,000: seconds to open them, and to find that no file has changed.
memory      resident memory of a process that trains ResNet18 on 5,000 and on 52,000 images and
            has visited all of them; beside it the same through a memory map.

Run it on a quiet machine with 20 GB of free disk. It prints medians with smallest and largest.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.main_job import spread

if TYPE_CHECKING:
    from benchmarks.image_files import Files
    from wbcray.core.sample import Catalog
    from wbcray.data.augment.recipe import Recipe
    from wbcray.data.pixels import PixelStore
    from wbcray.data.prepared.filling import Wanted

FIELD_OF_VIEW_UM = 25.0
BATCH = 32
SECONDS = 1.0
"""Least time of one measurement."""
LARGE = {"acevedo_like": 14_291, "int_like": 19_362, "matek_like": 18_347}
SMALL = {"acevedo_like": 1_000, "int_like": 2_000, "matek_like": 2_000}
CORES = len(os.sched_getaffinity(0))


def throughput(repeats: int = 5, images: int = 240) -> None:
    """From decoded pixels to batches, and from files to batches."""
    import torch

    from benchmarks.image_files import NATIVE, write_files
    from benchmarks.image_recipes import describe, domainbed, loader, same
    from wbcray.core.config import AugmentConfig
    from wbcray.data.augment.recipe import Recipe
    from wbcray.data.pixels import View, prepare
    from wbcray.methods.colour.stain_augmentation import StainAugmentation, StainAugmentationParams

    torch.set_num_threads(CORES)
    strong = AugmentConfig(
        rotation=180, translation=0.05, scale=0.1, shear=5, saturation=0.2, hue=10, blur=1
    )
    everything = Recipe(
        augment=strong, colour=StainAugmentation(StainAugmentationParams(probability=1.0))
    )
    with tempfile.TemporaryDirectory() as name:
        files = write_files(Path(name) / "files", dict.fromkeys(NATIVE, images // len(NATIVE)))
        print(f"{images} images of {', '.join(NATIVE)}; {CORES} cores, batches of {BATCH}")
        print(f"  {describe()}")
        for size in (224, 64):
            view = View(size=size, field_of_view_um=FIELD_OF_VIEW_UM)
            began = time.perf_counter()
            store = prepare(files.catalog, files.sources, view, Path(name) / "cache")
            rate = images / (time.perf_counter() - began)
            print(f"{size} px; prepare decodes {rate:.0f} images/s")
            plain = Recipe()
            for title, recipe, other in (
                ("ours against DomainBed's recipe", plain, domainbed(size)),
                ("the same recipe", plain, same(size, plain, FIELD_OF_VIEW_UM)),
                ("the same, all on", everything, same(size, everything, FIELD_OF_VIEW_UM)),
            ):
                ours = from_prepared(store, files.catalog, recipe)
                peer = loader(files, other, batch_size=BATCH, workers=CORES)
                compare(title, ours, lambda peer=peer: sum(len(batch) for batch in peer), repeats)


def from_prepared(store: "PixelStore", catalog: "Catalog", recipe: "Recipe") -> Callable[[], int]:
    """A function that makes every batch of an epoch and says how many images there were."""
    import torch

    from wbcray.data.batch import ImageSet, batches
    from wbcray.data.noise import Randomness

    images = ImageSet(
        pixels=store,
        positions=np.arange(len(catalog.samples), dtype=np.int64),
        labels=np.array(catalog.labels(), dtype=np.int64),
        domains=np.array(catalog.domain_ids(), dtype=np.int64),
        recipe=recipe,
    )
    order = np.random.default_rng(0).permutation(len(images))
    rows = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    cpu = torch.device("cpu")

    def epoch() -> int:
        randomness = Randomness(seed=0, epoch=0)
        return sum(len(one.images) for one in batches(images, rows, cpu, randomness=randomness))

    return epoch


def compare(title: str, ours: Callable[[], int], peer: Callable[[], int], repeats: int) -> None:
    """Images/s of both, in turns, and how many times ours is faster."""
    ours(), peer()  # workers start, kernels are chosen, the page cache is filled
    pairs = [(rates(ours), rates(peer)) for _ in range(repeats)]
    for number, unit in enumerate(("images/s", "images per second of processor time")):
        ratio = spread([a[number] / b[number] for a, b in pairs])
        print(f"  {title}: {ratio} times, in {unit}")
        print(f"    ours {spread([a[number] for a, _ in pairs])}", end="; ")
        print(f"theirs {spread([b[number] for _, b in pairs])}")


def rates(work: Callable[[], int]) -> tuple[float, float]:
    """Images a second, by the clock and by the processor time of this process and its children."""
    clock, used, images = time.perf_counter(), processor_seconds(), 0
    while time.perf_counter() - clock < SECONDS:  # processor time is counted in hundredths
        images += work()
    return images / (time.perf_counter() - clock), images / (processor_seconds() - used)


def processor_seconds() -> float:
    """Of this process and of all that it started and that still run."""
    import psutil

    me = psutil.Process()
    times = [process.cpu_times() for process in (me, *me.children(recursive=True))]
    return sum(one.user + one.system for one in times)


@contextmanager
def store_of(counts: Mapping[str, int]) -> "Iterator[tuple[Files, list[Wanted]]]":
    """A store of so many images, in the format and under the names that `prepare` would use."""
    from benchmarks.image_files import write_files
    from wbcray.data.pixels import View, wanted_folders

    with tempfile.TemporaryDirectory() as name:
        files = write_files(Path(name) / "files", counts)
        view = View(size=224, field_of_view_um=FIELD_OF_VIEW_UM)
        wanted = wanted_folders(files.catalog, files.sources, view, Path(name) / "cache")
        for one in wanted:
            fill_with_copies(one)
        yield files, wanted


def fill_with_copies(wanted: "Wanted", distinct: int = 12) -> None:
    """Write a folder whose images are the first few, over and over."""
    from wbcray.data.prepared.decoding import decode_file
    from wbcray.data.prepared.folder import seal
    from wbcray.data.prepared.pieces import Pieces

    files = wanted.files
    first = [decode_file(files, number, wanted.view) for number in range(distinct)]
    wanted.folder.mkdir(parents=True)
    with Pieces(wanted.folder, wanted.shape) as pieces:
        for number, path in enumerate(files.paths):
            one = first[number % distinct]
            pieces.add(one.pixels, replace(one.row, path=path))
        pieces.finish()
    seal(wanted.folder, wanted.view, len(files))


def disk(files: "Files", wanted: "list[Wanted]") -> None:
    """What a large store takes."""
    used = subprocess.run(  # noqa: S603  # our own words
        ["du", "-s", "--block-size=1", wanted[0].folder.parent],  # noqa: S607
        capture_output=True, text=True, check=True,
    ).stdout.split()[0]  # fmt: skip
    print(f"{len(files.catalog.samples)} images at 224 px: {int(used) / 1e9:.3f} GB on disk (du)")


def opening(files: "Files", wanted: "list[Wanted]", repeats: int = 7) -> None:
    """How long a trial, and a sitting, wait for a large store."""
    from wbcray.data.pixels import open_prepared, prepare

    folders, view = [one.folder for one in wanted], wanted[0].view
    cache = folders[0].parent

    def timed(work: Callable[[], object]) -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    opened = [timed(lambda: open_prepared(files.catalog, folders, view)) for _ in range(repeats)]
    again = [
        timed(lambda: prepare(files.catalog, files.sources, view, cache)) for _ in range(repeats)
    ]
    print(f"opening {len(files.catalog.samples)} images: {spread(opened)} s")
    print(f"  with a look at every image file, as at the start of a sitting: {spread(again)} s")


def memory(wanted: "list[Wanted]") -> None:
    """What a trial on this store keeps in memory."""
    for way in ("store", "map"):
        command = [sys.executable, "-m", "benchmarks.data_memory", way]
        found = subprocess.run(  # noqa: S603  # our own words
            [*command, *(str(one.folder) for one in wanted)],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        print(found, end="")


def main(chosen: Sequence[str]) -> None:
    """The parts that were asked for, or all."""
    print(f"load of the machine: {', '.join(f'{one:.1f}' for one in os.getloadavg())}")
    if "throughput" in chosen:
        throughput()
    if "memory" in chosen:
        with store_of(SMALL) as (_, wanted):
            memory(wanted)
    if {"disk", "open", "memory"} & set(chosen):
        with store_of(LARGE) as (files, wanted):
            disk(files, wanted)
            if "open" in chosen:
                opening(files, wanted)
            if "memory" in chosen:
                memory(wanted)


if __name__ == "__main__":
    main(sys.argv[1:] or ["throughput", "disk", "open", "memory"])
