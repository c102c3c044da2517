"""Train one network on one fold: a cell of the grid method x held-out x fold x seed.

`train_fold` is the road of the data, top to bottom: images of the split, network and method,
sampler, epochs of batches through network and loss to the optimizer, counts, a report; then the
best weights, the finish, and the held-out counts, sealed.
"""

import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from wbcray.core.config import TrialConfig
from wbcray.core.result import Counts, EpochReport, FoldResult, SealedCounts
from wbcray.core.seeding import derive_seed
from wbcray.core.split import Fold
from wbcray.data.augment.recipe import Recipe
from wbcray.data.batch import ImageSet, batches
from wbcray.data.draws import Order, epoch_order, shard, steps_per_epoch
from wbcray.data.noise import Randomness
from wbcray.methods.base import TrainingFacts
from wbcray.methods.method import Method, build_colour, build_method, build_sampler
from wbcray.metrics.scores import macro_f1
from wbcray.models.network import Network
from wbcray.models.normalization import synchronise
from wbcray.models.weights import load
from wbcray.training.epoch import Steps, count_predictions, train_epoch
from wbcray.training.features import FeatureCollector
from wbcray.training.finish import apply_finish
from wbcray.training.learner import Learner
from wbcray.training.optimizer import make_optimizer, make_schedule
from wbcray.training.passes import FeaturePasses
from wbcray.training.runtime import Runtime, Verdict
from wbcray.training.trial_data import TrialData


class StoppedEarly(Exception):  # noqa: N818  # no error: the scheduler's decision
    """The runtime answered STOP to a report."""


def train_fold(
    config: TrialConfig, data: TrialData, fold: Fold, *, seed: int, runtime: Runtime
) -> tuple[FoldResult, dict[str, Tensor]]:
    """The result of one cell and the weights it was judged with.

    Raises:
        StoppedEarly: When the runtime stops the trial.
        InfeasibleError: When the configuration cannot be trained.
    """
    started = time.monotonic()
    seed = derive_seed(seed, "fold", fold.number)
    train, validation, test = make_sets(config, data, fold)
    steps = config.epochs * steps_per_epoch(len(train), config.optimizer.batch_size)
    network, method = make_modules(config, data, train, steps=steps, seed=seed)
    if runtime.world_size > 1:
        synchronise(network)
    learner = runtime.wrap(Learner(network, method))
    order = make_order(config, train, seed=seed)
    collect = FeatureCollector(network, runtime, config.precision)
    passes = FeaturePasses(method, collect.plain, train, steps=steps, seed=seed)
    training = make_steps(config, learner, method, passes, total=steps)

    def count(images: ImageSet) -> Counts:
        return count_predictions(network, images, runtime, data.domains, config.precision)

    reports: list[EpochReport] = []
    best = Best()
    for epoch in range(config.epochs):
        epoch_started = time.monotonic()
        mine = shard(order(epoch), runtime.rank, runtime.world_size)
        loader = batches(train, mine, runtime.device, randomness=Randomness(seed=seed, epoch=epoch))
        losses = train_epoch(training, loader, runtime.device)
        report = EpochReport(
            fold=fold.number,
            epoch=epoch,
            losses=losses,
            counts=count(validation),
            learning_rate=training.learning_rate,
            seconds=time.monotonic() - epoch_started,
        )
        reports.append(report)
        best.consider(epoch, macro_f1(report.counts), network)
        if runtime.report(report) is Verdict.STOP:
            raise StoppedEarly
        if config.patience and epoch - best.epoch >= config.patience:
            break

    network.load_state_dict(best.weights)
    apply_finish(config, network, train, collect, seed=seed)
    result = FoldResult(
        fold=fold.number,
        reports=tuple(reports),
        best_epoch=best.epoch,
        counts=count(validation),
        sealed=SealedCounts(count(test)),
        device=device_name(runtime.device),
        seconds=time.monotonic() - started,
    )
    return result, on_cpu(network)


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


def make_modules(
    config: TrialConfig, data: TrialData, train: ImageSet, *, steps: int, seed: int
) -> tuple[Network, Method]:
    """Network and method of a fold.

    Networks of one fold and seed start alike under every method, so that differences between
    methods are paired.
    """
    torch.manual_seed(derive_seed(seed, "network"))
    weights = load(config.network.weights, config.network.backbone, data.weights_file)
    network = Network(config.network, classes=len(data.catalog.classes), weights=weights)
    torch.manual_seed(derive_seed(seed, "method"))
    counts = torch.from_numpy(data.pair_counts(train))
    facts = TrainingFacts(counts=counts, feature_dim=network.feature_dim, steps=steps)
    return network, build_method(config.method, facts)


def make_steps(
    config: TrialConfig,
    learner: torch.nn.Module,
    method: Method,
    passes: FeaturePasses,
    *,
    total: int,
) -> Steps:
    """Optimizer, schedule and what else a step needs."""
    optimizer = make_optimizer(learner, config.optimizer)
    return Steps(
        wrapped=learner,
        method=method,
        optimizer=optimizer,
        schedule=make_schedule(optimizer, config.optimizer, steps=total),
        passes=passes,
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


class Best:
    """The weights of the epoch with the highest validation macro F1; the first of equals."""

    def __init__(self) -> None:
        self.epoch = -1
        self.score = -np.inf
        self.weights: dict[str, Tensor] = {}

    def consider(self, epoch: int, score: float, network: Network) -> None:
        """Keep this epoch's weights if they are better; a score of NaN counts as the lowest."""
        value = -1.0 if np.isnan(score) else score
        if value > self.score:
            self.epoch, self.score, self.weights = epoch, value, on_cpu(network)


def on_cpu(network: Network) -> dict[str, Tensor]:
    """A copy of the network's state that later training does not touch."""
    return {name: tensor.detach().cpu().clone() for name, tensor in network.state_dict().items()}


def device_name(device: torch.device) -> str:
    """What results depend on in the last digits: the kind of device."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
