"""A colour part gives images, each from itself and its own random numbers."""

from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor

from wbcray.core.config import Composition
from wbcray.methods.base import Colour
from wbcray.methods.method import build_colour
from wbcray.testing.check import expect, expect_finite

_COUNT, _SIDE = 6, 20


def colour_properties(composition: Composition) -> Mapping[str, Callable[[], None]]:
    """What holds of colour parts."""
    return {
        "new images are images": partial(expect_images, composition),
        "each image by itself, bit by bit": partial(_alone, composition),
        "the given images are left alone": partial(_left_alone, composition),
        "the same numbers give the same images": partial(_same, composition),
        "what acts in evaluation draws nothing": partial(_evaluation, composition),
    }


def expect_images(composition: Composition) -> None:
    """Refuse new images of another shape or type, or beyond [0, 1]."""
    part, given = build_colour(composition), _images()
    changed = part(given, _numbers(part))
    expect(changed.shape == given.shape, f"new images have the shape {tuple(changed.shape)}")
    expect(changed.dtype == torch.float32, f"new images are {changed.dtype}, not float32")
    expect_finite(changed, "a new image")
    low, high = float(changed.min()), float(changed.max())
    expect(0 <= low <= high <= 1, f"new images are in [{low:.6g}, {high:.6g}], not in [0, 1]")


def _images() -> Tensor:
    """Random, a black, a white and an even one; channels last, as batches have them."""
    generator = torch.Generator().manual_seed(0)
    values = torch.rand(_COUNT, 3, _SIDE, _SIDE, generator=generator)
    for place, shade in ((1, 0.0), (2, 1.0), (3, 0.5)):
        values[place] = shade
    return values.contiguous(memory_format=torch.channels_last)


def _numbers(part: Colour) -> Tensor:
    return torch.rand(_COUNT, part.columns, generator=torch.Generator().manual_seed(1))


def _alone(composition: Composition) -> None:
    part = build_colour(composition)
    together = part(_images(), _numbers(part))
    for order in ([4], [5, 0, 4], [5, 4, 3, 2, 1, 0]):
        changed = part(_images()[order], _numbers(part)[order])
        expect(
            torch.equal(changed, together[order]),
            "an image is changed in another way beside other images",
        )


def _left_alone(composition: Composition) -> None:
    part, given = build_colour(composition), _images()
    part(given, _numbers(part))
    expect(torch.equal(given, _images()), "the images that were given are changed in place")


def _same(composition: Composition) -> None:
    first, second = build_colour(composition), build_colour(composition)
    wanted = first(_images(), _numbers(first))
    for part in (first, second):
        found = part(_images(), _numbers(part))
        expect(torch.equal(found, wanted), "the same random numbers give other images")


def _evaluation(composition: Composition) -> None:
    part = build_colour(composition)
    expect(part.columns >= 0, f"columns is {part.columns}")
    expect(
        not (part.in_evaluation and part.columns),
        f"acts in evaluation and draws {part.columns} random numbers an image",
    )
