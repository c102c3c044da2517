"""Train one network on one fold: a cell of the grid method x held-out x fold x seed.

`train_fold` is the road of the data, top to bottom: images of the split, network and method,
sampler, epochs of batches through network and loss to the optimizer, counts, a report; then the
best weights, the finish, and the held-out counts, sealed.
"""

import time

import torch
from torch import Tensor

from wbcray.core.config import TrialConfig
from wbcray.core.result import EpochReport, FoldResult, SealedCounts
from wbcray.core.seeding import derive_seed
from wbcray.core.split import Fold
from wbcray.data.batch import ImageSet, batches
from wbcray.data.draws import repeats_of, shard
from wbcray.data.noise import Randomness
from wbcray.methods.base import NOISE_COLUMNS
from wbcray.metrics.scores import macro_f1
from wbcray.training.assembly import Assembly, assemble, make_sets
from wbcray.training.best import Best, judged_weights, on_cpu
from wbcray.training.epoch import train_epoch
from wbcray.training.finish import apply_finish, keep_best
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
    parts = assemble(config, data, train, seed=seed, runtime=runtime)

    reports: list[EpochReport] = []
    best = Best()
    for epoch in range(config.epochs):
        randomness = Randomness(seed=seed, epoch=epoch)
        report = _epoch(parts, train, validation, randomness, runtime, fold=fold.number, best=best)
        reports.append(report)
        if runtime.report(report) is Verdict.STOP:
            raise StoppedEarly
        if config.patience and epoch - best.epoch >= config.patience:
            break

    keep_best(config, parts.network, best, parts.steps.average, train, runtime)
    apply_finish(config, parts.network, parts.finish, train, parts.collect, seed=seed)
    result = FoldResult(
        fold=fold.number,
        reports=tuple(reports),
        best_epoch=best.epoch,
        counts=parts.judge(validation).counts,
        sealed=SealedCounts(parts.judge(test).counts),
        device=device_name(runtime.device),
        seconds=time.monotonic() - started,
    )
    return result, on_cpu(parts.network.state_dict())


def _epoch(  # noqa: PLR0913  # what an epoch is made of
    parts: Assembly,
    train: ImageSet,
    validation: ImageSet,
    randomness: Randomness,
    runtime: Runtime,
    *,
    fold: int,
    best: Best,
) -> EpochReport:
    """Train on every image as the sampler draws it, then judge on the validation images."""
    started = time.monotonic()
    order = parts.order(randomness.epoch)
    mine, repeats = (
        shard(rows, runtime.rank, runtime.world_size) for rows in (order, repeats_of(order))
    )
    loader = batches(
        train,
        mine,
        runtime.device,
        randomness=randomness,
        repeats=repeats,
        noise_columns=NOISE_COLUMNS,
    )
    losses = train_epoch(parts.steps, loader, runtime.device)
    average = parts.steps.average
    with judged_weights(parts.network, average):
        judgement = parts.judge(validation)
        best.consider(randomness.epoch, macro_f1(judgement.counts), parts.network)
    if average is not None:
        average.after_epoch(judgement.loss)
    return EpochReport(
        fold=fold,
        epoch=randomness.epoch,
        losses=losses,
        counts=judgement.counts,
        learning_rate=parts.steps.learning_rate,
        seconds=time.monotonic() - started,
    )


def device_name(device: torch.device) -> str:
    """What results depend on in the last digits: the kind of device."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
