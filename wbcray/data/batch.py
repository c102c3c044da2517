"""Batches: decoded pixels, normalised and augmented on the device."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import repeat

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from wbcray.data.augment.recipe import Recipe
from wbcray.data.draws import Order
from wbcray.data.images import Pixels
from wbcray.data.noise import Randomness, draws_of
from wbcray.data.pixels import PixelStore
from wbcray.data.transfer import ahead, page_locked, to_device

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)

_CACHED_FLOATS = 460_000
"""Numbers treated at once on a CPU: what stays in its cache from step to step. At 224 px that is
three images, which then cost 1.2 ms each instead of 2.0; every image comes out the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One worker's share of a step.

    `noise` holds numbers in [0, 1) that belong to the images, for whatever is random after the
    pixels; without randomness it has no columns.
    """

    images: Float[Tensor, "batch 3 side side"]
    labels: Int[Tensor, " batch"]
    domains: Int[Tensor, " batch"]
    noise: Float[Tensor, "batch columns"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSet:
    """Images with labels and domain ids, ready to be drawn from.

    Attributes:
        pixels: The store that `positions` refer to.
        positions: int64 [images], catalog positions in this set.
        labels: int64 [images], class ids, in the order of `positions`.
        domains: int64 [images], domain ids, in the order of `positions`.
        recipe: How their pixels are treated, wherever they are drawn.
    """

    pixels: PixelStore
    positions: Order
    labels: Order
    domains: Order
    recipe: Recipe = field(default_factory=Recipe)

    def __len__(self) -> int:
        return len(self.positions)


def batches(
    images: ImageSet,
    order: Iterable[Order],
    device: torch.device,
    *,
    randomness: Randomness | None = None,
    repeats: Iterable[Order] | None = None,
    noise_columns: int = 0,
) -> Iterator[Batch]:
    """One batch per row of `order` (positions within `images`).

    Args:
        images: Where the rows are drawn from.
        order: Rows of positions.
        device: Where the batches go.
        randomness: Decides what is random; without it pixels are as the network is judged on.
        repeats: Rows as those of `order`: how often each image came before in the epoch, none if
            not given (`data.draws.repeats_of`).
        noise_columns: Random numbers of each image for what comes after the pixels.
    """
    again = repeat(None) if repeats is None else repeats
    rows = zip(order, again, strict=repeats is not None)
    read = (_read(images, row, before, device) for row, before in rows)
    for one in ahead(read, device):
        yield _load(images, one, device, randomness, noise_columns)


def in_order(images: ImageSet, batch_size: int, rank: int, world_size: int) -> list[Order]:
    """Rows that visit this worker's share of `images` once, the last row shorter."""
    mine = np.arange(rank, len(images), world_size, dtype=np.int64)
    return [mine[start : start + batch_size] for start in range(0, len(mine), batch_size)]


def visits(
    images: ImageSet, batch_size: int, device: torch.device, *, rank: int, world_size: int
) -> Iterator[Batch]:
    """Every image of this worker's share once, as the network is judged on it."""
    return batches(images, in_order(images, batch_size, rank, world_size), device)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What the host does for a batch: a row of positions, their draws and decoded pixels."""

    row: Order
    draws: Order
    raw: Tensor


def _read(images: ImageSet, row: Order, before: Order | None, device: torch.device) -> _Read:
    positions = images.positions[row]
    raw = page_locked(images.pixels.gather(positions), device)
    return _Read(row=row, draws=draws_of(positions, before), raw=raw)


def _load(
    images: ImageSet,
    read: _Read,
    device: torch.device,
    randomness: Randomness | None,
    noise_columns: int,
) -> Batch:
    def treated(pixels: Tensor, some: slice) -> Tensor:
        if randomness is None:
            return images.recipe.in_evaluation(pixels)
        return images.recipe.in_training(pixels, read.draws[some], randomness)

    ready = _ready(read.raw, device, treated)
    return Batch(
        images=ready,
        labels=to_device(images.labels[read.row], device),
        domains=to_device(images.domains[read.row], device),
        noise=_noise(read.draws, device, randomness, noise_columns),
    )


def as_judged(
    raw: Pixels, recipe: Recipe, device: torch.device
) -> Float[Tensor, "batch 3 side side"]:
    """Decoded images, uint8 [n, side, side, 3], as a network is judged on them."""
    return _ready(torch.from_numpy(raw), device, lambda pixels, _: recipe.in_evaluation(pixels))


def _ready(
    raw: Tensor, device: torch.device, treated: Callable[[Tensor, slice], Tensor]
) -> Float[Tensor, "batch 3 side side"]:
    side = raw.shape[1]
    ready = torch.empty((len(raw), 3, side, side), device=device)
    ready = ready.contiguous(memory_format=torch.channels_last)
    at_once = len(raw) if device.type != "cpu" else max(1, _CACHED_FLOATS // (3 * side * side))
    for start in range(0, len(raw), max(1, at_once)):
        some = slice(start, start + at_once)
        pixels = raw[some].to(device, non_blocking=True)
        # channel by channel while they are bytes: a quarter of what there is to move afterwards
        pixels = pixels.permute(0, 3, 1, 2).contiguous().float().div_(255)
        ready[some] = _normalise(treated(pixels, some))
    return ready


def _noise(
    draws: Order, device: torch.device, randomness: Randomness | None, columns: int
) -> Float[Tensor, "batch columns"]:
    if randomness is None or columns == 0:
        return torch.empty(len(draws), 0, device=device)
    # A stream of its own: an image looks the same whatever a method does with it afterwards.
    numbers = randomness.uniform(draws, columns=columns, stream="method")
    return to_device(numbers, device)


def _normalise(pixels: Float[Tensor, "batch 3 side side"]) -> Float[Tensor, "batch 3 side side"]:
    """ImageNet's constants, whatever the weights, so that runs differ in one thing less."""
    mean, std = _imagenet(pixels.dtype, pixels.device)
    return (pixels - mean).div_(std)


@cache
def _imagenet(dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation, [1, 3, 1, 1]; kept, because a GPU waits for such a copy."""
    with torch.inference_mode(mode=False):  # or no later gradient could pass through them
        mean, std = (
            torch.tensor(values, dtype=dtype, device=device).view(1, 3, 1, 1)
            for values in (IMAGENET_MEAN, IMAGENET_STD)
        )
    return mean, std
