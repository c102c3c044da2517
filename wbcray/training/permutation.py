"""Does training know labels that it must not know? On shuffled labels validation is at chance.

Labels are shuffled within each domain and a network is trained on one fold of them by `train_fold`,
as any other. It can learn them by heart, but the validation images' labels it cannot know: if it
does, validation images are in training, or labels get in by another way than through the pixels.
A copy of an image under another name gets a label of its own, so copies are what the search for
images alike must find.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from wbcray.core.config import AugmentConfig, NetworkConfig, OptimizerConfig, TrialConfig
from wbcray.core.project import Project
from wbcray.core.sample import Catalog
from wbcray.core.seeding import derive_seed
from wbcray.core.split import Fold
from wbcray.data.folds import make_splits
from wbcray.data.pixels import Progress, View, prepare, sources_of
from wbcray.methods.compose import plain_composition
from wbcray.metrics.chance import AgainstChance, RightByChance, against_chance, right_by_chance
from wbcray.training.fold import train_fold
from wbcray.training.runtime import LocalRuntime
from wbcray.training.trial_data import TrialData

SIDE = 32
"""Pixels; a few hundred images of this size are learnt by heart within seconds."""
EPOCHS = 10
LEARNT = 0.5
"""Share of its first value that the training loss must fall to, or nothing can be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shuffle:
    """One training on shuffled labels.

    Attributes:
        right: Right answers on the validation images, and what chance gives.
        first_loss: Mean training loss of the first epoch, nats.
        last_loss: That of the last one.
        seconds: What the training took.
    """

    held_out: str
    fold: int
    right: RightByChance
    first_loss: float
    last_loss: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PermutationCheck:
    """What trainings on shuffled labels say together."""

    shuffles: tuple[Shuffle, ...]

    @property
    def against_chance(self) -> AgainstChance:
        """Validation accuracy over all of them, beside what chance gives."""
        return against_chance([shuffle.right for shuffle in self.shuffles])

    @property
    def learnt(self) -> float:
        """Last training loss over first, mean; near 1 where training labels were not learnt."""
        return float(np.mean([one.last_loss / one.first_loss for one in self.shuffles]))

    @property
    def verdict(self) -> str:
        """As `AgainstChance`; `cannot tell`, too, where training labels were not learnt either."""
        found = self.against_chance.verdict
        return "cannot tell" if found == "at chance" and self.learnt > LEARNT else found


def permutation_check(
    project: Project,
    catalog: Catalog,
    alike: Sequence[tuple[int, int]],
    *,
    permutations: int,
    on_shuffle: Callable[[Shuffle], None],
    on_progress: Progress | None = None,
) -> PermutationCheck:
    """Shuffle, train and judge `permutations` times, over held-out domains and folds in turn.

    Args:
        project: Whose images and division into folds are checked.
        catalog: Its images.
        alike: Pairs of them that show one picture.
        permutations: How often.
        on_shuffle: Told of each.
        on_progress: Told how far decoding is.

    Raises:
        DataError: For images that cannot be used.
    """
    plan = project.training
    view = View(size=min(SIDE, project.image_size), field_of_view_um=project.field_of_view)
    pixels = prepare(catalog, sources_of(project), view, project.cache, on_progress=on_progress)
    splits = list(make_splits(catalog, folds=plan.folds, seed=plan.seed, alike=alike).values())
    config = memorising(image_size=view.size)
    found = []
    for number in range(permutations):
        split = splits[number % len(splits)]
        fold = split.folds[number // len(splits) % len(split.folds)]
        data = TrialData(catalog=catalog, split=split, pixels=pixels)
        found.append(train_shuffled(config, data, fold, seed=number))
        on_shuffle(found[-1])
    return PermutationCheck(shuffles=tuple(found))


def memorising(*, image_size: int, epochs: int = EPOCHS) -> TrialConfig:
    """A small network from random weights that learns by heart: no augmentation, no patience."""
    numbers = ("brightness", "contrast", "gain")
    return TrialConfig(
        method=plain_composition(),
        optimizer=OptimizerConfig(lr=1e-3, weight_decay=0.0, batch_size=32),
        network=NetworkConfig(backbone="resnet18", weights="none"),
        augment=AugmentConfig(orientation="none", **dict.fromkeys(numbers, 0.0)),
        image_size=image_size,
        epochs=epochs,
        patience=0,
        precision="float32",
    )


def train_shuffled(config: TrialConfig, data: TrialData, fold: Fold, *, seed: int) -> Shuffle:
    """Train on the fold with shuffled labels and judge the last epoch, which no score chose.

    The held-out images take no part; they are not even judged.
    """
    blind = replace(
        data,
        catalog=shuffled(data.catalog, seed=seed),
        split=replace(data.split, test=()),
    )
    result, _ = train_fold(config, blind, fold, seed=seed, runtime=LocalRuntime())
    first, last = result.reports[0], result.reports[-1]
    return Shuffle(
        held_out=data.split.held_out,
        fold=fold.number,
        right=right_by_chance(last.counts),
        first_loss=first.losses["total"],
        last_loss=last.losses["total"],
        seconds=result.seconds,
    )


def shuffled(catalog: Catalog, *, seed: int) -> Catalog:
    """The catalog with the labels of each domain in a random order among its labelled images."""
    labels: list[str | None] = [sample.label for sample in catalog.samples]
    for domain in catalog.domains:
        places = [
            place
            for place, sample in enumerate(catalog.samples)
            if sample.domain == domain and sample.label is not None
        ]
        rng = np.random.default_rng(derive_seed(seed, "permutation", domain))
        for place, origin in zip(places, rng.permutation(places).tolist(), strict=True):
            labels[place] = catalog.samples[origin].label
    samples = (replace(s, label=label) for s, label in zip(catalog.samples, labels, strict=True))
    return replace(catalog, samples=tuple(samples))
