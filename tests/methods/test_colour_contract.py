"""Every part for colour holds the contract of `methods.base.Colour`."""

import pytest
import torch
from method_contract import extremes

from wbcray.methods.base import Colour
from wbcray.methods.compose import default_composition, override
from wbcray.methods.method import build_colour
from wbcray.methods.parts import part_names

PARTS = {name: {"colour": name} for name in part_names("colour")} | {
    f"{dotted}={value}": {"colour": name, dotted: value}
    for axis, name, dotted, value in extremes()
    if axis == "colour"
}
every_part = pytest.mark.parametrize("changes", PARTS.values(), ids=PARTS.keys())


def built(changes) -> Colour:
    return build_colour(override(default_composition("erm"), changes))


def images(count=6, side=20):
    """Random, a black, a white and an even one; channels last, as batches have them."""
    generator = torch.Generator().manual_seed(0)
    values = torch.rand(count, 3, side, side, generator=generator)
    for place, shade in ((1, 0.0), (2, 1.0), (3, 0.5)):
        values[place] = shade
    return values.contiguous(memory_format=torch.channels_last)


def numbers(part, count=6):
    return torch.rand(count, part.columns, generator=torch.Generator().manual_seed(1))


@every_part
def test_new_images_are_images(changes):
    part = built(changes)
    changed = part(images(), numbers(part))
    assert changed.shape == images().shape
    assert changed.dtype == torch.float32
    assert 0 <= changed.min() <= changed.max() <= 1
    assert bool(torch.isfinite(changed).all())


@every_part
def test_an_image_is_changed_alike_alone_and_in_any_order_bit_by_bit(changes):
    part = built(changes)
    together = part(images(), numbers(part))
    for order in ([4], [5, 0, 4], [5, 4, 3, 2, 1, 0]):
        assert torch.equal(part(images()[order], numbers(part)[order]), together[order])


@every_part
def test_the_images_that_were_given_are_left_alone(changes):
    part, given = built(changes), images()
    part(given, numbers(part))
    assert torch.equal(given, images())


@every_part
def test_a_part_that_acts_in_evaluation_draws_nothing(changes):
    part = built(changes)
    assert not (part.in_evaluation and part.columns)


@every_part
def test_the_same_numbers_give_the_same_images(changes):
    first, second = built(changes), built(changes)
    assert torch.equal(first(images(), numbers(first)), second(images(), numbers(second)))


def test_every_method_is_without_a_colour_part_unless_it_is_asked_for():
    part = build_colour(default_composition("boda"))
    given = images()
    assert part(given, numbers(part)) is given
