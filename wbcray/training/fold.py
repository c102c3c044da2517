"""Train one network on one fold: a cell of the grid method x held-out x fold x seed.

`train_fold` is the road of the data, top to bottom: images of the split, network and method,
sampler, epochs of batches through network and loss to the optimizer, counts, a report; then the
best weights, the finish, and the held-out counts, sealed.
"""

import time
from dataclasses import dataclass

import torch
from torch import Tensor

from wbcray.core.config import TrialConfig
from wbcray.core.outputs import SealedOutputs
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
from wbcray.training.determinism import device_name, same_bits
from wbcray.training.epoch import train_epoch
from wbcray.training.finish import apply_finish, keep_best
from wbcray.training.fold_state import put_back, take
from wbcray.training.progress import FoldProgress
from wbcray.training.runtime import Runtime, Verdict
from wbcray.training.trial_data import TrialData


class StoppedEarly(Exception):  # noqa: N818  # no error: the scheduler's decision
    """The runtime answered STOP to a report."""


@dataclass(slots=True, kw_only=True)
class _Training:
    """A fold between two epochs, just begun or gone on from an earlier attempt."""

    parts: Assembly
    best: Best
    reports: list[EpochReport]
    earlier: float
    """Seconds that earlier attempts spent on what was taken over from them."""


def train_fold(
    config: TrialConfig,
    data: TrialData,
    fold: Fold,
    *,
    seed: int,
    runtime: Runtime,
    progress: FoldProgress | None = None,
) -> tuple[FoldResult, dict[str, Tensor]]:
    """The result of one cell and the weights it was judged with.

    Goes on from the newest state that `progress` kept of this very training, if there is one: its
    reports are made again, each once, and the result has the same bits as without interruption.

    Raises:
        StoppedEarly: When the runtime stops the trial.
        InfeasibleError: When the configuration cannot be trained.
    """
    started = time.monotonic()
    progress = progress or FoldProgress.none()
    progress.concerns(_identity(config, data, fold, seed=seed, runtime=runtime))
    seed = derive_seed(seed, "fold", fold.number)
    train, validation, test = make_sets(config, data, fold)
    training = _begin(config, data, train, progress, seed=seed, runtime=runtime)
    parts, best, reports = training.parts, training.best, training.reports

    for report in reports:
        _tell(runtime, report)
    while not _over(config, best, len(reports)):
        randomness = Randomness(seed=seed, epoch=len(reports))
        report = _epoch(parts, train, validation, randomness, runtime, fold=fold.number, best=best)
        reports.append(report)
        if progress.due():
            seconds = training.earlier + time.monotonic() - started
            progress.keep(take(parts, best, reports, seconds=seconds), runtime.device)
        _tell(runtime, report)

    keep_best(config, parts, best, train, runtime)
    apply_finish(config, parts, train, seed=seed)
    on_validation, on_held_out = (
        parts.judge(validation, outputs=True),
        parts.judge(test, outputs=True),
    )
    result = FoldResult(
        fold=fold.number,
        reports=tuple(reports),
        best_epoch=best.epoch,
        counts=on_validation.counts,
        sealed=SealedCounts(on_held_out.counts),
        device=device_name(runtime.device),
        seconds=training.earlier + time.monotonic() - started,
        outputs=on_validation.outputs,
        sealed_outputs=on_held_out.outputs and SealedOutputs(on_held_out.outputs),
    )
    return result, on_cpu(parts.network.state_dict())


def _identity(
    config: TrialConfig, data: TrialData, fold: Fold, *, seed: int, runtime: Runtime
) -> dict[str, str]:
    """What two trainings must agree in for one to go on from the other's state."""
    return {
        "config": config.digest,
        "data": data.pixels.fingerprint,
        "split": data.split.digest,
        "seed": str(seed),
        "fold": str(fold.number),
        "world_size": str(runtime.world_size),
        **same_bits(runtime.device),
    }


def _begin(
    config: TrialConfig,
    data: TrialData,
    train: ImageSet,
    progress: FoldProgress,
    *,
    seed: int,
    runtime: Runtime,
) -> _Training:
    def assembled() -> Assembly:
        return assemble(config, data, train, seed=seed, runtime=runtime, alive=progress.alive)

    parts, best = assembled(), Best()
    state = progress.newest(runtime.device)
    if state is not None:
        try:
            put_back(state, parts, best)
        except (KeyError, RuntimeError, ValueError) as error:
            progress.unusable(state.epochs, str(error))
            parts, best, state = assembled(), Best(), None
    return _Training(
        parts=parts,
        best=best,
        reports=list(state.reports) if state else [],
        earlier=state.seconds if state else 0.0,
    )


def _over(config: TrialConfig, best: Best, done: int) -> bool:
    """Whether all epochs are done, or as many in a row without gain as patience allows."""
    if done >= config.epochs:
        return True
    return bool(config.patience and done and done - 1 - best.epoch >= config.patience)


def _tell(runtime: Runtime, report: EpochReport) -> None:
    if runtime.report(report) is Verdict.STOP:
        raise StoppedEarly


def seed_layers(seed: int, *, epoch: int, rank: int) -> None:
    """Seed torch for layers that draw (dropout): for this epoch, whatever was drawn before it."""
    torch.manual_seed(derive_seed(seed, "layers", epoch, rank))


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
    seed_layers(randomness.seed, epoch=randomness.epoch, rank=runtime.rank)
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
