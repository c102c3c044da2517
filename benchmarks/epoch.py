"""Where one epoch's time goes: `python -m benchmarks.epoch [--images FOLDER]`.

One epoch of one fold, as `train_fold` makes it: every stop of the road is timed on the processor's
clock, which is fair where others work on the machine, and shown as a share of the epoch.

gather       bytes of decoded pixels from the store
augment      to float, changed at random, normalised, onto the device
forward      the network
loss         classification loss and penalty, and what they observe of a step
backward     gradients of all of it
optimizer    gradient norm, AdamW, learning rate
evaluation   the validation images, judged once
rest         what lies between

`--images` is a folder of domains with folders of classes; without it, synthetic images are drawn.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch

from benchmarks.peers.case import Case, domains_in
from benchmarks.peers.drawn import HELD_OUT, draw
from benchmarks.peers.ours_side import config_of, plan_of, write_runs
from wbcray.data.batch import Batch, batches
from wbcray.data.draws import repeats_of
from wbcray.data.noise import Randomness
from wbcray.data.pixels import PixelStore
from wbcray.methods.base import NOISE_COLUMNS
from wbcray.methods.method import Method
from wbcray.models.network import Network
from wbcray.store.place import place_of
from wbcray.training.assembly import Assembly, assemble, make_sets
from wbcray.training.epoch import train_epoch
from wbcray.training.open_run import load_run
from wbcray.training.runtime import LocalRuntime

STOPS = ("gather", "augment", "forward", "loss", "backward", "optimizer", "evaluation")
_WARM_UP = 2
"""Steps before the epoch that is timed."""


class Watch:
    """Seconds of each stop; what a stop calls is its own, unless it is a stop of its own.

    >>> ticks = iter([0.0, 1.0, 4.0, 6.0])
    >>> watch = Watch(lambda: next(ticks))
    >>> inner = watch.timed("inner", lambda: None)
    >>> watch.timed("outer", inner)()
    >>> watch.seconds
    {'inner': 3.0, 'outer': 3.0}
    """

    def __init__(
        self, clock: Callable[[], float] = time.process_time, *, whole: tuple[str, ...] = ()
    ) -> None:
        self.seconds: dict[str, float] = {}
        self._clock = clock
        self._whole = whole
        self._inside: list[float] = []
        self._closed = False

    def timed(self, stop: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, its time counted as that of `stop`; a `whole` stop has no stops within."""

        def measured(*arguments: Any, **named: Any) -> Any:
            if self._closed:
                return function(*arguments, **named)
            self._closed = stop in self._whole
            self._inside.append(0.0)
            began = self._clock()
            try:
                return function(*arguments, **named)
            finally:
                spent = self._clock() - began
                inner = self._inside.pop()
                self.seconds[stop] = self.seconds.get(stop, 0.0) + spent - inner
                if self._inside:
                    self._inside[-1] += spent
                self._closed = False

        return measured


def main() -> None:
    """A column for each network, precision and method."""
    given = _parser().parse_args()
    torch.set_num_threads(given.threads)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        images = given.images or work / "cells"
        if given.images is None:
            draw(images, images=given.drawn, side=128)
        held_out = given.held_out or (HELD_OUT if given.images is None else domains_in(images)[0])
        print(
            f"{images.name} without {held_out}, {given.per_domain} images a domain and step, "
            f"{given.threads} threads, processor time, load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
        columns: dict[str, tuple[Mapping[str, float], int]] = {}
        for network in given.networks:
            backbone, size = network.split(":")
            case = Case(
                peer="",
                method="",
                network=backbone,
                size=int(size),
                per_domain=given.per_domain,
                steps=0,
                threads=given.threads,
                images=images.resolve(),
                held_out=held_out,
                work=work,
            )
            write_runs(case)
            for method in given.methods:
                for side in ("ours float32", "ours auto"):
                    found = epoch(case.with_method(method), side)
                    columns[f"{method}, {backbone}, {size} px, {side.split()[1]}"] = found
    for line in table(columns):
        print(line)


def epoch(case: Case, side: str) -> tuple[Mapping[str, float], int]:
    """Seconds of every stop and of the `total` of one epoch, and its training images."""
    plan = plan_of(case, side)
    data = load_run(place_of(plan.project.runs) / plan.name).data(case.held_out)
    config = config_of(plan.settings, case)
    train, validation, _ = make_sets(config, data, data.split.folds[0])
    runtime = LocalRuntime(torch.device("cpu"))
    parts = assemble(config, data, train, seed=0, runtime=runtime)
    order = parts.order(0)

    def loader(rows: slice) -> Iterable[Batch]:
        return batches(
            train,
            order[rows],
            runtime.device,
            randomness=Randomness(seed=0, epoch=0),
            repeats=repeats_of(order)[rows],
            noise_columns=NOISE_COLUMNS,
        )

    train_epoch(parts.steps, loader(slice(_WARM_UP)), runtime.device)
    parts.judge(validation)
    watch = Watch(whole=("evaluation",))
    with ExitStack() as stack:
        for one in _stops(watch, parts):
            stack.enter_context(one)
        began = time.process_time()
        train_epoch(parts.steps, _timed_batches(watch, loader(slice(None))), runtime.device)
        watch.timed("evaluation", parts.judge)(validation)
        total = time.process_time() - began
    return {**watch.seconds, "total": total}, order.size


def _stops(watch: Watch, parts: Assembly) -> Iterator[AbstractContextManager[Any]]:
    """Patches that put the watch around what belongs to each stop."""
    optimizer, schedule = parts.steps.optimizer, parts.steps.schedule
    for stop, owner, name in (
        ("gather", PixelStore, "gather"),
        ("forward", Network, "features"),
        ("forward", Network, "classify"),
        ("loss", Method, "forward"),
        ("loss", Method, "observe"),
        ("backward", torch.Tensor, "backward"),
        ("optimizer", torch.nn.utils, "clip_grad_norm_"),
        ("optimizer", optimizer, "step"),
        ("optimizer", optimizer, "zero_grad"),
        ("optimizer", schedule, "step"),
    ):
        yield patch.object(owner, name, watch.timed(stop, getattr(owner, name)))


def _timed_batches(watch: Watch, loader: Iterable[Batch]) -> Iterator[Batch]:
    iterator = iter(loader)
    following = watch.timed("augment", lambda: next(iterator, None))
    while (batch := following()) is not None:
        yield batch


def table(columns: Mapping[str, tuple[Mapping[str, float], int]]) -> list[str]:
    """Shares of the epoch in per cent, a row for each column of names; seconds and images/s last.

    >>> seconds = {"gather": 1.0, "forward": 2.0, "total": 4.0}
    >>> table({"erm": (seconds, 8)})[2]
    '| erm | 25.0 | 0.0 | 50.0 | 0.0 | 0.0 | 0.0 | 0.0 | 25.0 | 4.0 | 2 |'
    """
    head = ["of the epoch, %", *STOPS, "rest", "seconds", "images/s"]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for name, (seconds, images) in columns.items():
        total = seconds["total"]
        shares = [100 * seconds.get(stop, 0.0) / total for stop in STOPS]
        shares.append(100 - sum(shares))
        shown = [f"{share:.1f}" for share in shares]
        lines.append("| " + " | ".join([name, *shown, f"{total:.1f}", f"{images / total:.0f}"]))
        lines[-1] += " |"
    return lines


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.epoch")
    parser.add_argument("--images", type=Path, help="folder of domains; else images are drawn")
    parser.add_argument("--held-out", help="domain nobody trains on; else the first by name")
    parser.add_argument("--drawn", type=int, default=300, help="images of a drawn domain")
    parser.add_argument(
        "--networks", nargs="*", default=["resnet18:64", "resnet50:96"], help="network:pixels"
    )
    parser.add_argument("--methods", nargs="*", default=["erm", "coral"], help="by name")
    parser.add_argument("--per-domain", type=int, default=16, help="images of a domain in a step")
    parser.add_argument("--threads", type=int, default=1)
    return parser


if __name__ == "__main__":
    main()
