"""One trial: one configuration on one held-out domain, trained fold by fold. Start reading here.

    image folders -> catalog -> split -> pixels -> sampler -> batch -> network -> features, logits
      -> method -> loss -> optimizer ... epoch -> counts -> report; fold -> record

`train_fold` is the way from the split to the counts; this module is the way from there to records.
"""

from collections.abc import Sequence
from contextlib import suppress

from wbcray.core.config import TrialConfig
from wbcray.core.errors import InfeasibleError, StoreError, WbcrayError
from wbcray.core.split import Fold
from wbcray.store.cell import CellKey, CellRecord, Circumstances, LearntFrom
from wbcray.store.cells import CellStore
from wbcray.store.leases import Lease
from wbcray.training.checkpoint import write_weights
from wbcray.training.collective import barrier
from wbcray.training.determinism import made_with
from wbcray.training.fold import StoppedEarly, train_fold
from wbcray.training.progress import FoldProgress
from wbcray.training.runtime import Runtime, Verdict
from wbcray.training.trial_data import TrialData


def run_trial(
    config: TrialConfig,
    data: TrialData,
    cells: CellStore,
    runtime: Runtime,
    *,
    folds: Sequence[int],
    seed: int,
) -> list[CellRecord]:
    """Train the folds in order and record each; a fold that is recorded is replayed, not trained.

    Runs alike on a laptop (`LocalRuntime`), inside a Tune trial and on each Train worker.

    Raises:
        StoppedEarly: When the runtime stops the trial; finished folds stay recorded.
        InfeasibleError: When the configuration cannot be trained.
    """
    records = []
    for fold in (data.split.folds[number] for number in folds):
        key = CellKey(
            config=config.digest, held_out=data.split.held_out, fold=fold.number, seed=seed
        )
        record = cells.find(key)
        if record is None:
            record = _train(config, data, fold, cells, key, runtime)
        else:
            _replay(record, runtime)
        runtime.fold_done(record)
        records.append(record)
    return records


def _train(
    config: TrialConfig,
    data: TrialData,
    fold: Fold,
    cells: CellStore,
    key: CellKey,
    runtime: Runtime,
) -> CellRecord:
    """Train a fold and record it; the first worker alone writes."""
    lease = cells.begin(key) if runtime.rank == 0 else None
    progress = FoldProgress(cells.progress_folder(key), lease.beat if lease else _nothing, {})
    try:
        result, weights = train_fold(
            config, data, fold, seed=key.seed, runtime=runtime, progress=progress
        )
        try:
            if lease is not None:
                circumstances = Circumstances(
                    weights=write_weights(
                        lease.weights_folder, weights, {"config": config.as_json()}
                    ),
                    learnt_from=_learnt_from(data, fold),
                    provenance=made_with(runtime.device)
                    | {"resumed_epochs": progress.resumed, "remarks": progress.remarks},
                )
                if lease.keep(config, result, circumstances):
                    cells.release_progress(key)  # else it is another attempt's by now
        finally:
            barrier()
    except Exception as error:
        if lease is not None:
            ended = _end(lease, error)
            if ended and isinstance(error, StoppedEarly | InfeasibleError):
                cells.release_progress(key)  # nobody goes on from there
        raise
    return _recorded(cells, key)


def _nothing() -> None:
    """The first worker speaks for all."""


def _end(lease: Lease, error: Exception) -> bool:
    """Write down why the attempt brought no result; that must not hide the error itself."""
    with suppress(WbcrayError):
        if isinstance(error, StoppedEarly):
            return lease.end("STOPPED", "stopped early")
        if isinstance(error, InfeasibleError):
            return lease.end("INFEASIBLE", error.what)
        # Of ours the first line: those below may name files of images.
        said = error.what.partition("\n")[0] if isinstance(error, WbcrayError) else str(error)
        return lease.end("FAILED", f"{type(error).__name__}: {said}")
    return False


def _learnt_from(data: TrialData, fold: Fold) -> LearntFrom:
    return LearntFrom(
        fingerprint=data.pixels.fingerprint,
        split=data.split.digest,
        images={
            "train": len(fold.train),
            "validation": len(fold.validation),
            "test": len(data.split.test),
        },
    )


def _recorded(cells: CellStore, key: CellKey) -> CellRecord:
    record = cells.find(key)
    if record is None:
        raise StoreError(
            "a cell that was just trained has no record that counts",
            where=key.folder,
            fix="it was given up as lost and is trained elsewhere; or the workers do not see the "
            "same run folder: put it on a shared file system",
        )
    return record


def _replay(record: CellRecord, runtime: Runtime) -> None:
    """Report a recorded fold's epochs, so that a resumed trial is judged like any other."""
    for report in record.reports:
        if runtime.report(report) is Verdict.STOP:
            raise StoppedEarly
