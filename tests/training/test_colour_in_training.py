"""What a method does about colour, and the augmentation of a project, reach the network."""

from dataclasses import replace

import pytest
import torch

from wbcray.core.config import AugmentConfig
from wbcray.core.errors import UsageError
from wbcray.data.batch import visits
from wbcray.methods.colour.stain_augmentation import StainAugmentation
from wbcray.store.cells import CellStore
from wbcray.training.fold import make_sets
from wbcray.training.runtime import LocalRuntime
from wbcray.training.trial import run_trial

pytestmark = pytest.mark.usefixtures("narrow_network")

CPU = torch.device("cpu")


def first_loss(run, config):
    (record,) = run_trial(
        replace(config, epochs=1),
        run.data("west"),
        CellStore(run.folder),
        LocalRuntime(CPU),
        folds=(0,),
        seed=0,
    )
    assert record.config.method.colour == config.method.colour
    assert record.config.augment == config.augment
    return record.reports[0].losses["risk"]


def test_stain_augmentation_and_stronger_augmentation_change_what_is_learned_from(run, settings):
    changes = [{}, {"colour": "stain_augmentation"}, {"augment.blur": 2.0}]
    losses = [first_loss(run, settings.config("erm", each)) for each in changes]
    assert len(set(losses)) == 3


def test_stain_augmentation_leaves_what_is_judged_as_it_is(run, settings):
    def judged(changes):
        data, config = run.data("west"), settings.config("erm", changes)
        _, validation, test = make_sets(config, data, run.splits["west"].folds[0])
        return [
            batch.images
            for images in (validation, test)
            for batch in visits(images, 64, CPU, rank=0, world_size=1)
        ]

    plain, stained = judged({}), judged({"colour": "stain_augmentation"})
    assert all(torch.equal(one, other) for one, other in zip(plain, stained, strict=True))


def test_all_three_sets_are_treated_by_the_same_recipe(run, settings):
    config = settings.config("erm", {"colour": "stain_augmentation", "augment.hue": 5.0})
    sets = make_sets(config, run.data("west"), run.splits["west"].folds[0])
    assert len({id(images.recipe) for images in sets}) == 1
    assert isinstance(sets[0].recipe.colour, StainAugmentation)
    assert sets[0].recipe.augment.hue == 5.0


def test_the_augmentation_of_a_project_is_that_of_its_trials(settings):
    warped = replace(settings, augment=AugmentConfig(rotation=10.0))
    assert warped.config("erm", {}).augment.rotation == 10.0
    assert warped.config("erm", {"augment.rotation": 20}).augment.rotation == 20.0


def test_a_strength_beyond_its_range_is_refused(settings):
    with pytest.raises(UsageError, match=r"augment\.blur=9 is outside"):
        settings.config("erm", {"augment.blur": 9.0})


def test_a_run_keeps_the_identity_it_had_before_augmentation_was_chosen(settings):
    assert "augment" not in settings.identity()
    other = replace(settings, augment=AugmentConfig(blur=1.0))
    assert other.identity()["augment"]["blur"] == 1.0
