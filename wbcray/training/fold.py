"""Train one network on one fold: a cell of the grid."""

import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from wbcray.core.config import TrialConfig
from wbcray.core.result import Counts, EpochReport, FoldResult, SealedCounts
from wbcray.core.sample import Catalog
from wbcray.core.seeding import derive_seed
from wbcray.core.split import Fold, Split
from wbcray.data.batch import ImageSet, Randomness, batches
from wbcray.data.draws import Order, epoch_order, shard, steps_per_epoch
from wbcray.data.pixels import PixelStore
from wbcray.methods.base import FeatureTable, Finish, Sampler, TrainingFacts
from wbcray.methods.method import Method, build_method
from wbcray.methods.parts import build_part
from wbcray.metrics.scores import macro_f1
from wbcray.models.network import Network
from wbcray.models.normalization import synchronise
from wbcray.training.epoch import Steps, collect_features, count_predictions, train_epoch
from wbcray.training.learner import Learner
from wbcray.training.optimizer import make_optimizer, make_schedule
from wbcray.training.passes import FeaturePasses
from wbcray.training.runtime import Runtime, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialData:
    """What a trial may look at: one split of one catalog, with its pixels."""

    catalog: Catalog
    split: Split
    pixels: PixelStore

    def images(self, positions: tuple[int, ...]) -> ImageSet:
        """The images at these catalog positions."""
        chosen = np.array(positions, dtype=np.int64)
        return ImageSet(
            pixels=self.pixels,
            positions=chosen,
            labels=np.array(self.catalog.labels(), dtype=np.int64)[chosen],
            domains=np.array(self.catalog.domain_ids(), dtype=np.int64)[chosen],
        )

    def pair_counts(self, images: ImageSet) -> Counts:
        """int64 [domains, classes]: images per domain-class pair."""
        shape = (len(self.catalog.domains), len(self.catalog.classes))
        counts = np.zeros(shape, dtype=np.int64)
        np.add.at(counts, (images.domains, images.labels), 1)
        return counts


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
    training = FoldTraining(config, data, fold, seed=seed, runtime=runtime)
    reports: list[EpochReport] = []
    best = Best()
    for epoch in range(config.epochs):
        reports.append(training.epoch(epoch))
        best.consider(epoch, macro_f1(reports[-1].counts), training.network)
        if runtime.report(reports[-1]) is Verdict.STOP:
            raise StoppedEarly
        if config.patience and epoch - best.epoch >= config.patience:
            break
    training.network.load_state_dict(best.weights)
    training.finish()
    sealed = SealedCounts(training.count(data.images(data.split.test)))
    result = FoldResult(
        fold=fold.number,
        reports=tuple(reports),
        best_epoch=best.epoch,
        counts=training.count(training.validation),
        sealed=sealed,
        checkpoint="weights.safetensors",
        device=device_name(runtime.device),
        seconds=time.monotonic() - started,
    )
    return result, _on_cpu(training.network)


class FoldTraining:
    """The objects of one fold, from sampler to optimizer."""

    def __init__(
        self, config: TrialConfig, data: TrialData, fold: Fold, *, seed: int, runtime: Runtime
    ) -> None:
        self.config, self.runtime = config, runtime
        self.number = fold.number
        self.seed = derive_seed(seed, "fold", fold.number)
        self.train = data.images(fold.train)
        self.validation = data.images(fold.validation)
        self.domains = len(data.catalog.domains)
        counts = data.pair_counts(self.train)
        batch_size = config.optimizer.batch_size
        self.total = config.epochs * steps_per_epoch(len(self.train), batch_size)

        # Networks of one fold and seed start alike under every method: differences are paired.
        torch.manual_seed(derive_seed(self.seed, "network"))
        network = Network(config.network, classes=len(data.catalog.classes))
        torch.manual_seed(derive_seed(self.seed, "method"))
        self.method: Method = build_method(
            config.method,
            TrainingFacts(
                counts=torch.from_numpy(counts), feature_dim=network.feature_dim, steps=self.total
            ),
        )
        if runtime.world_size > 1:
            synchronise(network)
        self.network = network
        learner = runtime.wrap(Learner(network, self.method))
        sampler: Sampler = build_part("sampler", config.method.sampler)
        self.plan = sampler.plan(self.train.labels, self.train.domains)
        optimizer = make_optimizer(learner, config.optimizer)
        self.steps = Steps(
            wrapped=learner,
            method=self.method,
            optimizer=optimizer,
            schedule=make_schedule(optimizer, config.optimizer, steps=self.total),
            passes=FeaturePasses(
                self.method, self._features, self.train, steps=self.total, seed=self.seed
            ),
            clip_norm=config.optimizer.clip_norm,
            precision=config.precision,
            total=self.total,
        )

    def epoch(self, epoch: int) -> EpochReport:
        """Train for an epoch and count predictions on the validation part."""
        started = time.monotonic()
        order = shard(self._order(epoch), self.runtime.rank, self.runtime.world_size)
        randomness = Randomness(seed=self.seed, epoch=epoch)
        device = self.runtime.device
        losses = train_epoch(
            self.steps, batches(self.train, order, device, randomness=randomness), device
        )
        return EpochReport(
            fold=self.number,
            epoch=epoch,
            losses=losses,
            counts=self.count(self.validation),
            learning_rate=self.steps.schedule.get_last_lr()[0],
            seconds=time.monotonic() - started,
        )

    def count(self, images: ImageSet) -> Counts:
        """Predictions of the present weights on `images`."""
        return count_predictions(
            self.network,
            images,
            self.runtime,
            domains=self.domains,
            precision=self.config.precision,
        )

    def finish(self) -> None:
        """Replace the classifier if the method ends with a second stage."""
        finish: Finish = build_part("finish", self.config.method.finish)
        if finish.views() == 0:
            return
        tables = [self._view(number) for number in range(finish.views())]
        table = FeatureTable(
            features=torch.cat([view.features for view in tables]),
            labels=torch.cat([view.labels for view in tables]),
            domains=torch.cat([view.domains for view in tables]),
        )
        head = finish.fit(self.network.head, table, seed=derive_seed(self.seed, "finish"))
        self.network.head.load_state_dict(head.state_dict())

    def _order(self, epoch: int) -> Order:
        return epoch_order(
            self.plan.probabilities,
            self.plan.strata,
            images=len(self.train),
            batch_size=self.config.optimizer.batch_size,
            seed=self.seed,
            epoch=epoch,
        )

    def _features(self, images: ImageSet) -> FeatureTable:
        """Features of `images` as they are, without augmentation."""
        return self._collect(images, None)

    def _view(self, number: int) -> FeatureTable:
        """Features of the training fold under one augmentation."""
        epoch = self.config.epochs + number
        return self._collect(self.train, Randomness(seed=self.seed, epoch=epoch))

    def _collect(self, images: ImageSet, randomness: Randomness | None) -> FeatureTable:
        everything = np.arange(len(images), dtype=np.int64)
        mine = everything[self.runtime.rank :: self.runtime.world_size]
        rows = [mine[start : start + 256] for start in range(0, len(mine), 256)]
        was_training = self.network.training
        loader = batches(images, rows, self.runtime.device, randomness=randomness)
        table = collect_features(
            self.network,
            loader,
            total=len(images),
            device=self.runtime.device,
            precision=self.config.precision,
        )
        self.network.train(was_training)
        return table


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
            self.epoch, self.score, self.weights = epoch, value, _on_cpu(network)


def _on_cpu(network: Network) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().clone() for name, tensor in network.state_dict().items()}


def device_name(device: torch.device) -> str:
    """What results depend on in the last digits: the kind of device."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
