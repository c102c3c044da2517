import numpy as np
import pytest
import torch

from wbcray.core.config import AugmentConfig
from wbcray.data.augment.recipe import Recipe, augment
from wbcray.data.noise import Randomness, uniform

EVERYTHING = AugmentConfig(
    rotation=20.0, translation=0.1, scale=0.2, shear=5.0, saturation=0.3, hue=20.0, blur=1.0
)
NOTHING = AugmentConfig(orientation="none", brightness=0.0, contrast=0.0, gain=0.0)
RANDOM = Randomness(seed=5, epoch=2)
POSITIONS = np.array([7, 0, 3, 11, 2], dtype=np.int64)
RECIPES = {"default": Recipe(), "everything": Recipe(augment=EVERYTHING)}
every_recipe = pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES.keys())


class Invert:
    """A colour part: 1 - x, and the first of its numbers in place of the red channel."""

    columns = 2

    def __init__(self, *, in_evaluation=False):
        self.in_evaluation = in_evaluation
        if in_evaluation:
            self.columns = 0

    def __call__(self, images, uniform):
        inverted = 1 - images
        if self.columns:
            inverted[:, 0] = uniform[:, :1, None]
        return inverted


def pixels(images=5, side=32):
    """Pixels as they come from the memory map: channels last."""
    values = uniform(np.arange(images), seed=1, epoch=0, columns=side * side * 3)
    raw = torch.from_numpy((values * 256).astype(np.uint8)).view(images, side, side, 3)
    return raw.permute(0, 3, 1, 2).float().div_(255)


def first_recipe(images, numbers):
    """Augmentation as it was before there was a choice: colour, then the square turned."""
    centred = numbers[:, 1:6] * 2 - 1
    brightness = (centred[:, 0] * 0.10).view(-1, 1, 1, 1)
    contrast = (1 + centred[:, 1] * 0.20).view(-1, 1, 1, 1)
    gain = (1 + centred[:, 2:] * 0.10).view(-1, 3, 1, 1)
    mean = images.mean((1, 2, 3), keepdim=True)
    coloured = (images * (contrast * gain) + (mean * (1 - contrast) + brightness) * gain).clamp(
        0, 1
    )
    turns = (numbers[:, 0] * 8).long().tolist()
    turned = [
        torch.rot90(image, turn % 4, (1, 2)) for image, turn in zip(coloured, turns, strict=True)
    ]
    return torch.stack([t.flip(2) if n >= 4 else t for t, n in zip(turned, turns, strict=True)])


@pytest.mark.parametrize("side", [32, 64])
def test_the_default_gives_the_pixels_it_gave_before_there_was_a_choice_bit_by_bit(side):
    given = pixels(24, side)
    numbers = torch.from_numpy(uniform(np.arange(24), seed=3, epoch=1, columns=14))
    assert torch.equal(augment(given, numbers, AugmentConfig()), first_recipe(given, numbers))


def test_without_any_strength_every_pixel_is_as_it_was():
    assert torch.equal(augment(pixels(), torch.rand(5, 14), NOTHING), pixels())


@every_recipe
def test_an_image_is_augmented_alike_alone_and_in_any_order_bit_by_bit(recipe):
    together = recipe.in_training(pixels(), POSITIONS, RANDOM)
    for order in ([2], [4, 1], [3, 0, 4, 2, 1]):
        other = recipe.in_training(pixels()[order], POSITIONS[order], RANDOM)
        assert torch.equal(other, together[order])


@every_recipe
def test_augmented_pixels_stay_between_0_and_1(recipe):
    pushed = recipe.in_training(pixels(), POSITIONS, RANDOM)
    assert pushed.shape == (5, 3, 32, 32)
    assert 0 <= pushed.min() < pushed.max() <= 1


@every_recipe
def test_the_images_that_were_given_are_left_alone(recipe):
    given = pixels()
    recipe.in_training(given, POSITIONS, RANDOM)
    assert torch.equal(given, pixels())


@pytest.mark.parametrize("other", [Randomness(seed=6, epoch=2), Randomness(seed=5, epoch=3)])
def test_another_seed_or_epoch_augments_otherwise(other):
    recipe = Recipe()
    first, second = (recipe.in_training(pixels(), POSITIONS, each) for each in (RANDOM, other))
    assert not torch.equal(first, second)


@pytest.mark.parametrize(
    "strength",
    ["rotation", "translation", "scale", "shear", "saturation", "hue", "blur"],
)
def test_a_further_strength_leaves_what_others_draw_as_it_is(strength):
    # so small that each image still is, but for its rounding, what the default makes of it
    numbers = torch.from_numpy(uniform(POSITIONS, seed=0, epoch=0, columns=14))
    default = augment(pixels(), numbers, AugmentConfig())
    slightly = augment(pixels(), numbers, AugmentConfig(**{strength: 1e-4}))
    assert torch.allclose(slightly, default, atol=5e-3)


def test_a_colour_part_comes_first_and_draws_from_a_stream_of_its_own():
    recipe = Recipe(augment=AugmentConfig(brightness=0.0, contrast=0.0, gain=0.0), colour=Invert())
    plain = Recipe(augment=recipe.augment)
    changed, turned = (each.in_training(pixels(), POSITIONS, RANDOM) for each in (recipe, plain))
    assert torch.equal(changed[:, 1:], 1 - turned[:, 1:])
    reds = changed[:, 0, 0, 0].numpy()
    assert np.array_equal(reds, RANDOM.uniform(POSITIONS, columns=1, stream="colour")[:, 0])
    assert not np.array_equal(reds, RANDOM.uniform(POSITIONS, columns=1)[:, 0])


def test_images_are_judged_as_they_are():
    given = pixels()
    assert Recipe().in_evaluation(given) is given
    assert Recipe(augment=EVERYTHING, colour=Invert()).in_evaluation(given) is given


def test_a_colour_part_for_evaluation_changes_what_is_judged_and_what_is_learned_from():
    recipe = Recipe(augment=NOTHING, colour=Invert(in_evaluation=True))
    assert torch.equal(recipe.in_evaluation(pixels()), 1 - pixels())
    assert torch.equal(recipe.in_training(pixels(), POSITIONS, RANDOM), 1 - pixels())
