import numpy as np
import pytest
import torch
from PIL import Image

from wbcray.core.config import AugmentConfig
from wbcray.core.sample import Catalog, Sample
from wbcray.data.augment.recipe import Recipe
from wbcray.data.batch import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    ImageSet,
    batches,
    in_order,
    visits,
)
from wbcray.data.noise import Randomness
from wbcray.data.pixels import DomainSource, View, prepare

CPU = torch.device("cpu")
COLOURS = [(0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 255, 0)]


@pytest.fixture(scope="module")
def pixels(tmp_path_factory):
    """Four images of one colour each, two in either domain."""
    folder = tmp_path_factory.mktemp("batch")
    samples = []
    for number, colour in enumerate(COLOURS):
        domain = ("a", "b")[number // 2]
        (folder / domain).mkdir(exist_ok=True)
        image = np.full((32, 32, 3), colour, dtype=np.uint8)
        Image.fromarray(image).save(folder / domain / f"{number}.png")
        samples.append(Sample(path=f"{number}.png", label="blast", domain=domain))
    catalog = Catalog(samples=tuple(samples), classes=("blast",), domains=("a", "b"))
    sources = {name: DomainSource(root=folder / name) for name in catalog.domains}
    return prepare(catalog, sources, View(size=32), folder / "cache")


class Swap:
    """A colour part that makes red what is blue, also where images are judged."""

    columns = 0
    in_evaluation = True

    def __call__(self, images, uniform):
        return images.flip(1)


def image_set(pixels, *positions, recipe=None):
    """Images at these catalog positions; labels are ten times, domains a hundred times those."""
    where = np.array(positions, dtype=np.int64)
    ids = {"labels": where * 10, "domains": where * 100}
    return ImageSet(pixels=pixels, positions=where, **ids, recipe=recipe or Recipe())


def one(pixels, positions, row, *, recipe=None, **options):
    images = image_set(pixels, *positions, recipe=recipe)
    return next(batches(images, [np.array(row)], CPU, **options))


def shown(batch):
    """The colours of a batch's images, 0 .. 255, taken at the middle of each."""
    mean, std = torch.tensor(IMAGENET_MEAN), torch.tensor(IMAGENET_STD)
    middle = batch.images[:, :, 16, 16] * std + mean
    return [tuple(colour) for colour in (middle * 255).round().int().tolist()]


def test_a_row_counts_positions_within_the_set_and_not_in_the_catalog(pixels):
    batch = one(pixels, (3, 1), [1, 0])
    assert shown(batch) == [COLOURS[1], COLOURS[3]]


def test_labels_and_domains_go_with_their_images(pixels):
    batch = one(pixels, (3, 1), [1, 0, 1])
    assert batch.labels.tolist() == [10, 30, 10]
    assert batch.domains.tolist() == [100, 300, 100]


def test_white_is_one_minus_the_mean_over_the_standard_deviation(pixels):
    batch = one(pixels, (1,), [0])
    # (1 - 0.485) / 0.229 = 2.2489
    assert batch.images[0, 0, 0, 0].item() == pytest.approx(2.2489, abs=1e-4)


def test_channels_come_first_and_are_red_green_blue(pixels):
    batch = one(pixels, (2,), [0])
    assert batch.images.shape == (1, 3, 32, 32)
    assert shown(batch) == [(255, 0, 0)]


def test_without_randomness_an_image_is_as_it_is(pixels):
    assert shown(one(pixels, (0, 1, 2, 3), [0, 1, 2, 3])) == COLOURS


def test_with_randomness_an_image_is_recoloured(pixels):
    stronger = Recipe(augment=AugmentConfig(brightness=0.4))
    randomness = Randomness(seed=0, epoch=0)
    assert shown(one(pixels, (2,), [0], recipe=stronger, randomness=randomness)) != [(255, 0, 0)]


def test_the_recipe_of_a_set_holds_wherever_its_images_are_drawn(pixels):
    images = image_set(pixels, 2, recipe=Recipe(colour=Swap()))
    blue = [(0, 0, 255)]
    assert [shown(b) for b in visits(images, 2, CPU, rank=0, world_size=1)] == [blue]
    assert [shown(b) for b in batches(images, [np.array([0])], CPU)] == [blue]


def test_an_image_is_augmented_alike_in_whatever_batch_it_is(pixels):
    randomness = Randomness(seed=5, epoch=2)
    together = one(pixels, (0, 1, 2, 3), [3, 1, 0, 2], randomness=randomness)
    alone = one(pixels, (2, 1), [1], randomness=randomness)
    assert torch.equal(together.images[1], alone.images[0])


def test_another_epoch_augments_otherwise(pixels):
    first, second = (
        one(pixels, (2,), [0], randomness=Randomness(seed=5, epoch=epoch)) for epoch in (0, 1)
    )
    assert not torch.equal(first.images, second.images)


def test_there_is_a_batch_a_row(pixels):
    rows = np.array([[0, 1], [2, 3], [1, 1]])
    assert [len(b.labels) for b in batches(image_set(pixels, 0, 1, 2, 3), rows, CPU)] == [2, 2, 2]


def test_a_set_is_as_long_as_its_positions(pixels):
    assert len(image_set(pixels, 3, 1, 2)) == 3


def test_in_order_visits_every_image_once_with_a_shorter_last_row(pixels):
    rows = in_order(image_set(pixels, 0, 1, 2, 3), 3, 0, 1)
    assert [row.tolist() for row in rows] == [[0, 1, 2], [3]]


def test_two_workers_visit_every_image_once_between_them(pixels):
    images = image_set(pixels, 0, 1, 2)
    rows = [in_order(images, 2, rank, 2) for rank in (0, 1)]
    assert [[row.tolist() for row in mine] for mine in rows] == [[[0, 2]], [[1]]]


def test_a_worker_without_images_visits_none(pixels):
    assert list(visits(image_set(pixels, 0), 2, CPU, rank=1, world_size=2)) == []


def test_visits_show_images_as_they_are(pixels):
    seen = [shown(b) for b in visits(image_set(pixels, 2, 0, 1), 2, CPU, rank=0, world_size=1)]
    assert seen == [[COLOURS[2], COLOURS[0]], [COLOURS[1]]]
