"""One trial: one configuration on one held-out domain, trained fold by fold. Start reading here.

    image folders -> catalog -> split -> pixels -> sampler -> batch -> network -> features, logits
      -> method -> loss -> optimizer ... epoch -> counts -> report; fold -> record

`train_fold` is the way from the split to the counts; this module is the way from there to records.
"""

from collections.abc import Sequence

import torch

from wbcray.core.config import TrialConfig
from wbcray.core.errors import StoreError
from wbcray.core.provenance import provenance
from wbcray.core.split import Fold
from wbcray.store.cells import CellKey, CellRecord, CellStore
from wbcray.training.checkpoint import write_weights
from wbcray.training.collective import barrier
from wbcray.training.fold import StoppedEarly, train_fold
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
            result, weights = train_fold(config, data, fold, seed=seed, runtime=runtime)
            try:
                if runtime.rank == 0:
                    write_weights(cells.weights_folder(key), weights, {"config": config.as_json()})
                    images = _sizes(data, fold)
                    made_with = provenance(threads=torch.get_num_threads())
                    cells.keep(key, config, result, images=images, provenance=made_with)
            finally:
                barrier()
            record = _recorded(cells, key)
        else:
            _replay(record, runtime)
        runtime.fold_done(record)
        records.append(record)
    return records


def _recorded(cells: CellStore, key: CellKey) -> CellRecord:
    record = cells.find(key)
    if record is None:
        raise StoreError(
            "a cell that was just recorded cannot be read back",
            where=key.folder,
            fix="all workers must see the same run folder: put it on a shared file system",
        )
    return record


def _replay(record: CellRecord, runtime: Runtime) -> None:
    """Report a recorded fold's epochs, so that a resumed trial is judged like any other."""
    for report in record.reports:
        if runtime.report(report) is Verdict.STOP:
            raise StoppedEarly


def _sizes(data: TrialData, fold: Fold) -> dict[str, int]:
    return {
        "train": len(fold.train),
        "validation": len(fold.validation),
        "test": len(data.split.test),
    }
