"""Put together what trains a fold: network and method, sampler, optimizer, judge, finish."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from wbcray.core.config import NetworkConfig, TrialConfig
from wbcray.core.seeding import derive_seed
from wbcray.core.split import Fold
from wbcray.data.augment.recipe import Recipe
from wbcray.data.batch import ImageSet
from wbcray.data.draws import Order, epoch_order, steps_per_epoch
from wbcray.methods.balancing import drawn_counts
from wbcray.methods.base import Finish, Head, Normalization, TrainingFacts, WeightAverage
from wbcray.methods.method import (
    build_colour,
    build_finish,
    build_method,
    build_normalization,
    build_sampler,
    head_of,
)
from wbcray.models.network import Network
from wbcray.models.normalization import synchronise
from wbcray.models.weights import load
from wbcray.training.epoch import Steps
from wbcray.training.features import FeatureCollector
from wbcray.training.first_networks import FirstNetworks
from wbcray.training.judgement import Judge
from wbcray.training.learner import Learner
from wbcray.training.optimizer import make_optimizer, make_schedule
from wbcray.training.passes import FeaturePasses
from wbcray.training.runtime import Runtime
from wbcray.training.trial_data import TrialData

_FIRST = FirstNetworks()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """What trains a fold.

    Attributes:
        network: Inside the learner of `steps`; its weights move with them.
        order: The global order of an epoch.
        collect: Makes feature tables.
        judge: Judges `network` as it is.
    """

    network: Network
    steps: Steps
    order: Callable[[int], Order]
    collect: FeatureCollector
    judge: Judge
    finish: Finish


def assemble(
    config: TrialConfig,
    data: TrialData,
    train: ImageSet,
    *,
    seed: int,
    runtime: Runtime,
    alive: Callable[[], None] = lambda: None,
) -> Assembly:
    """What trains a fold on the images `train`; `alive` is called at every step and batch."""
    normalization = build_normalization(config.method)
    learner, facts = make_learner(config, data, train, normalization, seed=seed)
    network = learner.network
    if runtime.world_size > 1:
        synchronise(network)
    wrapped = runtime.wrap(learner)
    finish = build_finish(config.method, facts)
    collect = FeatureCollector(network, runtime, config.precision, alive=alive)
    passes = FeaturePasses(learner.method, collect.plain, train, steps=facts.steps, seed=seed)
    steps = make_steps(config, learner, wrapped, passes, finish.average(), total=facts.steps)
    steps.alive = alive
    return Assembly(
        network=network,
        steps=steps,
        order=make_order(config, train, seed=seed),
        collect=collect,
        judge=Judge(
            network,
            normalization,
            runtime,
            domains=data.domains,
            precision=config.precision,
            alive=alive,
        ),
        finish=finish,
    )


def make_sets(
    config: TrialConfig, data: TrialData, fold: Fold
) -> tuple[ImageSet, ImageSet, ImageSet]:
    """Training, validation and held-out images, whose pixels are treated alike."""
    recipe = Recipe(augment=config.augment, colour=build_colour(config.method))
    train, validation, test = (
        data.images(positions, recipe)
        for positions in (fold.train, fold.validation, data.split.test)
    )
    return train, validation, test


def make_learner(
    config: TrialConfig,
    data: TrialData,
    train: ImageSet,
    normalization: Normalization,
    *,
    seed: int,
) -> tuple[Learner, TrainingFacts]:
    """Network and method of a fold, and what the method was told of it.

    Networks of one fold and seed start alike under every method, so that differences between
    methods are paired.
    """
    network = _first_network(
        network_config(config, normalization),
        len(data.catalog.classes),
        head_of(config.method),
        seed,
        data.weights_file,
    )
    torch.manual_seed(derive_seed(seed, "method"))
    plan = build_sampler(config.method).plan(train.labels, train.domains)
    drawn = drawn_counts(plan, train.labels, classes=len(data.catalog.classes))
    facts = TrainingFacts(
        counts=torch.from_numpy(data.pair_counts(train)),
        feature_dim=network.feature_dim,
        steps=config.epochs * steps_per_epoch(len(train), config.optimizer.batch_size),
        drawn=torch.from_numpy(drawn),
    )
    return Learner(network, build_method(config.method, facts)), facts


def _first_network(
    config: NetworkConfig, classes: int, head: Head, seed: int, weights_file: Path | None
) -> Network:
    def drawn() -> Network:
        torch.manual_seed(derive_seed(seed, "network"))
        weights = load(config.weights, config.backbone, weights_file)
        return Network(config, classes=classes, head=head, weights=weights)

    return _FIRST.get((config, classes, head, seed), drawn)


def network_config(config: TrialConfig, normalization: Normalization) -> NetworkConfig:
    """The run's network, with the layers of the method's normalisation."""
    if normalization.layers is None:
        return config.network
    return replace(config.network, normalization=normalization.layers)


def make_steps(
    config: TrialConfig,
    learner: Learner,
    wrapped: torch.nn.Module,
    passes: FeaturePasses,
    average: WeightAverage | None,
    *,
    total: int,
) -> Steps:
    """Optimizer, schedule and what else a step needs."""
    optimizer = make_optimizer(wrapped, config.optimizer)
    return Steps(
        wrapped=wrapped,
        learner=learner,
        optimizer=optimizer,
        schedule=make_schedule(optimizer, config.optimizer, steps=total),
        passes=passes,
        average=average,
        clip_norm=config.optimizer.clip_norm,
        precision=config.precision,
        total=total,
    )


def make_order(config: TrialConfig, train: ImageSet, *, seed: int) -> Callable[[int], Order]:
    """The global order of an epoch, as the method's sampler plans it."""
    plan = build_sampler(config.method).plan(train.labels, train.domains)

    def order(epoch: int) -> Order:
        return epoch_order(
            plan.probabilities,
            plan.strata,
            images=len(train),
            batch_size=config.optimizer.batch_size,
            seed=seed,
            epoch=epoch,
        )

    return order
