"""Several workers that train one network together, under Ray Train's TorchTrainer."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, final

import ray.train
import torch
from ray.train.torch import TorchConfig, TorchTrainer
from torch import nn

from wbcray.cluster.ending import BUDGET, STATE, VALUE, TaskEnding
from wbcray.cluster.failures import is_full_disk
from wbcray.cluster.run_task import Report, run_task
from wbcray.cluster.task import Task
from wbcray.core.result import EpochReport
from wbcray.store.cell import CellRecord
from wbcray.store.local_copy import folder_of
from wbcray.store.place import Place, place_of, url_of
from wbcray.training.collective import rank, world_size, wrap
from wbcray.training.objective import Objective
from wbcray.training.runtime import Verdict


def fit_on_workers(task: Task, *, name: str, callbacks: Sequence[Any] = ()) -> TaskEnding | None:
    """Run `task` on `task.workers` processes (NCCL on GPUs, else gloo); how it ended.

    None where the first worker did not say it, or could not write it down.

    Args:
        task: What to train.
        name: Stable name of the Train run: under it a restarted driver finds its workers' state.
        callbacks: Train callbacks, e.g. the one that passes reports on to Tune.
    """
    # Without checkpoints Train keeps no metrics, so the first worker writes down how it ended.
    # Where the run is, because that worker may be on another machine.
    run = place_of(task.run)
    ending = run / "ray" / f"{name}.json"
    if isinstance(ending, Path):
        ending.parent.mkdir(parents=True, exist_ok=True)
    ending.unlink(missing_ok=True)
    use_gpu = task.gpus > 0
    per_worker = {"GPU": task.gpus} if use_gpu else {"CPU": float(task.threads)}
    trainer = TorchTrainer(
        _work,
        train_loop_config={"task": task.as_json(), "ending": url_of(ending)},
        torch_config=TorchConfig(backend="nccl" if use_gpu else "gloo"),
        scaling_config=ray.train.ScalingConfig(
            num_workers=task.workers, use_gpu=use_gpu, resources_per_worker=per_worker
        ),
        run_config=ray.train.RunConfig(
            name=name,
            storage_path=str(folder_of(run) / "ray"),
            callbacks=list(callbacks),
            failure_config=ray.train.FailureConfig(max_failures=2),
        ),
    )
    trainer.fit()
    return read_ending(ending)


def write_ending(place: Place, metrics: dict[str, Any]) -> None:
    """Write down how a task ended; on a full disk, where there may be no room for that, nothing."""
    try:
        place.write_text(json.dumps(metrics))
    except OSError as error:
        # To start the workers again, as Ray would, brings no room.
        if not is_full_disk(error):
            raise


def read_ending(place: Place) -> TaskEnding | None:
    """How a task ended; None where nothing is written down, or not to its end."""
    try:
        return TaskEnding.from_metrics(json.loads(place.read_text())) if place.exists() else None
    except ValueError:
        return None


def _work(config: dict[str, Any]) -> None:
    task = Task.from_json(config["task"])
    torch.set_num_threads(task.threads)

    def report(metrics: dict[str, Any]) -> None:
        if metrics[STATE] and rank() == 0:
            write_ending(place_of(config["ending"]), metrics)
        ray.train.report(metrics)

    run_task(task, report, TrainRuntime)


@final
class TrainRuntime:
    """One of several workers under Ray Train; all of them report, the first one is heard."""

    def __init__(self, report: Report, objective: Objective) -> None:
        self.device = ray.train.torch.get_device()
        self.rank, self.world_size = rank(), world_size()
        self._report = report
        self._objective = objective

    def wrap(self, learner: nn.Module) -> nn.Module:
        """The learner on the device, its gradients averaged over workers."""
        return wrap(learner.to(self.device), self.device)

    def report(self, report: EpochReport) -> Verdict:
        """Tell Train the running objective; a barrier for all workers."""
        value = self._objective.after_epoch(report)
        self._report({VALUE: value, BUDGET: self._objective.budget, STATE: ""})
        return Verdict.GO_ON

    def fold_done(self, record: CellRecord) -> None:
        """Take the fold into the objective."""
        self._objective.after_fold(record.counts)
