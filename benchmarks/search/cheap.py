"""Train configurations cheaply: a first fold from trained weights, or a head on frozen features."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from time import process_time

import numpy as np
import torch

from benchmarks.search.curves import drawn
from benchmarks.search.starting import (
    StartingRuntime,
    Weights,
    begin,
    curve_of,
    other_weights,
)
from benchmarks.search.table import FoldCurve, Row, append, load
from benchmarks.search.trainer import Trainer, open_trainer, trainer_options
from wbcray.core.hyper import Scalar
from wbcray.methods.base import FeatureTable
from wbcray.training.assembly import assemble, make_order, make_sets
from wbcray.training.objective import OBJECTIVES
from wbcray.training.optimizer import make_optimizer, make_schedule

Cheap = Callable[[Mapping[str, Scalar]], FoldCurve]


def options(parser: argparse.ArgumentParser) -> None:
    """What is trained, and from what."""
    trainer_options(parser)
    parser.add_argument("way", choices=["warm", "frozen"])
    parser.add_argument(
        "--start",
        default="defaults",
        help="weights: `defaults` on the same fold, `none`, or the wbcray.yaml of other images",
    )
    parser.add_argument("--start-held-out", default="", help="of the other images")
    parser.add_argument("--start-epochs", type=int, default=4)
    parser.add_argument("--most", type=int, default=2, help="epochs of a first fold, or of a head")
    parser.add_argument("--rows", type=int, default=30, help="number after the last row")
    parser.add_argument("--out", type=Path, default=Path("cheap.jsonl"))


def main(given: argparse.Namespace, folder: Path) -> None:
    """Train what is not in the file yet."""
    del folder
    trainer = open_trainer(given)
    known = {row.number for row in load([given.out])}
    began = process_time()
    start = weights_of(given, trainer)
    ways: dict[str, Callable[[], Cheap]] = {
        "warm": lambda: lambda params: begin(trainer, params, start=start, most=given.most).curve,
        "frozen": lambda: Heads(trainer, start, epochs=given.most).curve,
    }
    cheap = ways[given.way]()
    print(f"once: {process_time() - began:.1f} s of processor", flush=True)
    for number in range(given.rows):
        if number not in known:
            params = drawn(trainer.space, number)
            curve = cheap(params)
            append(given.out, Row(number=number, params=params, folds=(curve,)))
            print(f"{number:4d}  {curve.value:.4f}  {curve.end:.2f} s", flush=True)


def weights_of(given: argparse.Namespace, trainer: Trainer) -> Weights | None:
    """What trials start from."""
    if given.start == "none":
        return None
    if given.start == "defaults":
        return begin(trainer, trainer.defaults(), start=None, most=given.start_epochs).weights
    return other_weights(
        Path(given.start), given.start_held_out, method=given.method, epochs=given.start_epochs
    )


class Heads:
    """Trains a linear head on features of the first fold that are computed once, not augmented.

    Args:
        trainer: Whose first fold, sampler, optimizer and schedule are taken.
        start: Weights of the network that makes the features; None takes random ones.
        epochs: Of a head.
    """

    def __init__(self, trainer: Trainer, start: Weights | None, *, epochs: int) -> None:
        self._trainer, self._epochs = trainer, epochs
        config = trainer.settings.config(trainer.method, {})
        self._train, validation, _ = make_sets(config, trainer.data, trainer.data.split.folds[0])
        runtime = StartingRuntime(start, objective=trainer.space.objective, most=0)
        parts = assemble(config, trainer.data, self._train, seed=0, runtime=runtime)
        self._features: FeatureTable = parts.collect.plain(self._train)
        self._judged: FeatureTable = parts.collect.plain(validation)

    def curve(self, params: Mapping[str, Scalar]) -> FoldCurve:
        """Scores on the validation images after each epoch of a new head."""
        began = process_time()
        config = self._trainer.settings.config(self._trainer.method, params)
        torch.manual_seed(0)
        classes = len(self._trainer.data.catalog.classes)
        head = torch.nn.Linear(self._features.features.shape[1], classes)
        order = make_order(config, self._train, seed=0)
        optimizer = make_optimizer(head, config.optimizer)
        steps = self._epochs * len(order(0))
        schedule = make_schedule(optimizer, config.optimizer, steps=steps)
        scores: list[float] = []
        seconds: list[float] = []
        for epoch in range(self._epochs):
            for rows in torch.from_numpy(order(epoch)):
                logits = head(self._features.features[rows])
                loss = torch.nn.functional.cross_entropy(logits, self._features.labels[rows])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
            scores.append(self._score(head))
            seconds.append(process_time() - began)
        return curve_of(scores, seconds)

    @torch.no_grad()
    def _score(self, head: torch.nn.Linear) -> float:
        predicted = head(self._judged.features).argmax(dim=1).numpy()
        classes = len(self._trainer.data.catalog.classes)
        counts = np.zeros((self._trainer.data.domains, classes, classes), dtype=np.int64)
        truth = (self._judged.domains.numpy(), self._judged.labels.numpy())
        np.add.at(counts, (*truth, predicted), 1)
        score = OBJECTIVES[self._trainer.space.objective].compute(counts)
        return float(np.nan_to_num(score))
