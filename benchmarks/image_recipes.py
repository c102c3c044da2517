"""Decode and augment image by image, as most training code does: what batches are compared with.

`domainbed` is the recipe of DomainBed (`domainbed/datasets.py`, facebookresearch) and of the suites
that took it over. `same` decodes each file and then does what our batches do, on one image at a
time: it says what is owed to the batching and the prepared pixels, and not to another recipe.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from benchmarks.image_files import Files
from wbcray.data.augment.recipe import Recipe
from wbcray.data.batch import IMAGENET_MEAN, IMAGENET_STD
from wbcray.data.noise import Randomness

Transform = Callable[[Image.Image, float, int], Tensor]
"""From an image, its micrometres per pixel and its position to what the network sees."""


@dataclass(frozen=True)
class ImagesFromFiles(Dataset[Tensor]):
    """Files decoded anew at every visit."""

    paths: Sequence[Path]
    um_per_px: Sequence[float]
    transform: Transform

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, number: int) -> Tensor:
        with Image.open(self.paths[number]) as image:
            return self.transform(image.convert("RGB"), self.um_per_px[number], number)


def loader(files: Files, transform: Transform, *, batch_size: int, workers: int) -> Any:
    """A DataLoader over all files in a random order, its workers kept between epochs."""
    samples = files.catalog.samples
    dataset = ImagesFromFiles(
        paths=[files.sources[one.domain].root / one.path for one in samples],
        um_per_px=[files.sources[one.domain].um_per_px for one in samples],
        transform=transform,
    )
    return DataLoader(
        dataset, batch_size, shuffle=True, num_workers=workers, persistent_workers=True
    )


def domainbed(size: int) -> Transform:
    """DomainBed's training transform; it crops at random, whatever the scale of the file."""
    steps = transforms.Compose(
        [
            transforms.RandomResizedCrop(size, scale=(0.7, 1.0)),
            transforms.RandomHorizontalFlip(),
            transforms.ColorJitter(0.3, 0.3, 0.3, 0.3),
            transforms.RandomGrayscale(),
            transforms.ToTensor(),
            transforms.Normalize(IMAGENET_MEAN, IMAGENET_STD),
        ]
    )

    def transform(image: Image.Image, _um_per_px: float, _number: int) -> Tensor:
        result: Tensor = steps(image)
        return result

    return transform


def same(size: int, recipe: Recipe, field_of_view_um: float) -> Transform:
    """Our view and our recipe, image by image, with torchvision's crop and resize."""
    resize = transforms.Resize(size, transforms.InterpolationMode.BICUBIC, antialias=True)
    to_tensor = transforms.ToTensor()
    normalise = transforms.Normalize(IMAGENET_MEAN, IMAGENET_STD)
    randomness = Randomness(seed=0, epoch=0)

    def transform(image: Image.Image, um_per_px: float, number: int) -> Tensor:
        field = transforms.functional.center_crop(image, [round(field_of_view_um / um_per_px)] * 2)
        one = to_tensor(resize(field)).unsqueeze(0)
        augmented = recipe.in_training(one, np.array([number], dtype=np.int64), randomness)
        result: Tensor = normalise(augmented[0])
        return result

    return transform


def describe() -> str:
    """How the recipes differ."""
    return (
        "DomainBed: random resized crop, flip, colour jitter with hue, grayscale;\n"
        "  ours: eight orientations, brightness, contrast, channel gains; no crop, size is a clue\n"
        f"  (torch {torch.__version__}, Python {sys.version.split()[0]})"
    )
