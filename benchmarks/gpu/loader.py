"""Images a second from prepared pixels to the step, against a batch that is on the device."""

import tempfile
import warnings
from collections import Counter
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from benchmarks.gpu.wanted import Wanted, synchronise
from benchmarks.main_job import spread
from benchmarks.step.ready import ready_step
from benchmarks.step.turns import in_turns
from wbcray.data.batch import ImageSet, batches
from wbcray.data.draws import Order, epoch_order
from wbcray.data.noise import Randomness
from wbcray.data.prepared.folder import PreparedFolder
from wbcray.data.prepared.pixel_file import PixelFile
from wbcray.data.prepared.store import PixelStore
from wbcray.methods.base import NOISE_COLUMNS
from wbcray.training.epoch import train_epoch

GOAL = 0.95
"""Of the rate of a batch that is on the device."""
_CLASSES = 13


def random_images(folder: Path, *, images: int, side: int) -> ImageSet:
    """Prepared pixels of two domains, half of the images each."""
    parts = []
    rng = np.random.default_rng(0)
    for number, size in enumerate((images - images // 2, images // 2)):
        path = folder / f"domain{number}"
        path.mkdir()
        np.save(path / "pixels.npy", rng.integers(0, 256, (size, side, side, 3), dtype=np.uint8))
        names = tuple(f"{number}-{row}" for row in range(size))
        pixels = PixelFile(path / "pixels.npy")
        parts.append(PreparedFolder(path=path, paths=names, hashes=names, pixels=pixels))
    sizes = [len(part.paths) for part in parts]
    store = PixelStore(
        parts=tuple(parts),
        starts=np.array([0, sizes[0]], dtype=np.int64),
        rows=np.concatenate([np.arange(size, dtype=np.int64) for size in sizes]),
        fingerprint="random",
    )
    return ImageSet(
        pixels=store,
        positions=np.arange(images, dtype=np.int64),
        labels=rng.integers(0, _CLASSES, images),
        domains=np.repeat(np.arange(2, dtype=np.int64), sizes),
    )


def measure(wanted: Wanted) -> None:
    """Print the rates, what reading and augmenting cost, and what makes the host wait."""
    size, device = wanted.large, wanted.device
    step = ready_step(size, device=device)
    with tempfile.TemporaryDirectory() as folder:
        images = random_images(Path(folder), images=wanted.images, side=size.side)
        order = epoch_order(None, None, images=len(images), batch_size=size.batch, seed=0, epoch=0)
        randomness = Randomness(seed=0, epoch=0)
        load = partial(batches, images, device=device, noise_columns=NOISE_COLUMNS)

        def trained(number: int) -> None:
            rows = _first(order, number)
            train_epoch(step.steps, load(rows, randomness=randomness), device)

        def loaded(number: int, given: Randomness | None = randomness) -> None:
            for _ in load(_first(order, number), randomness=given):
                pass
            synchronise(device)

        def read(number: int) -> None:
            for row in _first(order, number):
                images.pixels.gather(images.positions[row])

        rates = in_turns(
            {
                "a batch that is on the device": step,
                "prepared pixels, augmented": trained,
                "loading and augmenting alone": loaded,
                "loading alone": partial(loaded, given=None),
                "reading on the host alone": read,
            },
            images=size.batch,
            rounds=wanted.rounds,
            least_seconds=wanted.least_seconds,
        )
        print(f"  {size}; goal: {GOAL} of the first line")
        for name, found in rates.of.items():
            print(f"  {name}: {spread(found)} images/s, {spread(rates.ratios(name))} times")
        for said in waits(partial(trained, len(order)), wanted):
            print(f"  {said}", flush=True)


def waits(epoch: partial[None], wanted: Wanted) -> list[str]:
    """Where in an epoch the host waits for the GPU, and how often."""
    if not wanted.on_gpu:
        return ["waiting of the host is counted on a GPU only"]
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        torch.cuda.set_sync_debug_mode("warn")
        try:
            epoch()
        finally:
            torch.cuda.set_sync_debug_mode("default")
    places = Counter(
        f"{Path(one.filename).name}:{one.lineno}"
        for one in seen
        if "synchroniz" in str(one.message).lower()
    )
    steps = -(-wanted.images // wanted.large.batch)
    said = [f"in an epoch of {steps} steps the host waits {places.total()} times"]
    return said + [f"  {place}: {count}" for place, count in places.most_common(10)]


def _first(order: Order, number: int) -> list[Order]:
    """So many rows, from the first on, round and round."""
    rounds = -(-number // len(order))
    return list(islice((row for _ in range(rounds) for row in order), number))
