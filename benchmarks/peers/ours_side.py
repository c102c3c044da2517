"""Our side: the loop of `train_fold`, from decoded pixels to the optimizer's step."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import final

import torch

from benchmarks.peers.case import Case
from wbcray.core.config import Precision, TrialConfig
from wbcray.core.project import Project, load_project
from wbcray.data.batch import batches
from wbcray.data.draws import Order, repeats_of
from wbcray.data.noise import Randomness
from wbcray.methods.base import NOISE_COLUMNS
from wbcray.store.place import place_of
from wbcray.training.assembly import assemble, make_sets
from wbcray.training.epoch import train_epoch
from wbcray.training.fold import seed_layers
from wbcray.training.open_run import load_run, open_run
from wbcray.training.runtime import LocalRuntime
from wbcray.training.settings import Settings, settings_of

_FOLDS = 5
_EPOCHS = 1000
"""Of the schedule, so that no turn comes to its end."""
_BODA = {"penalty.warm_up": 0.0}
"""BoDA's loss from the first step, as on the other side."""
PRECISION: dict[str, Precision | None] = {"ours float32": "float32", "ours auto": None}


@final
class Ours:
    """Sampler, pixels, augmentation, network, losses, optimizer and schedule, as in a fold."""

    def __init__(self, case: Case, side: str) -> None:
        plan = plan_of(case, side)
        run = load_run(place_of(plan.project.runs) / plan.name)
        data = run.data(case.held_out)
        fold = data.split.folds[0]
        config = config_of(plan.settings, case)
        train, _, _ = make_sets(config, data, fold)
        runtime = LocalRuntime(torch.device("cpu"))
        self._parts = assemble(config, data, train, seed=0, runtime=runtime)
        self._train, self._case, self._device = train, case, runtime.device
        self.begin(self._parts.order)

    def begin(self, order: Callable[[int], Order]) -> None:
        """Go through `order` from its first epoch."""
        self._order, self._epochs = order, count()
        self._left: tuple[int, Order, Order] | None = None

    def turn(self) -> int:
        """So many steps; an epoch goes on where the turn before left it."""
        wanted = self._case.steps
        while wanted > 0:
            epoch, order, repeats = self.rows(wanted)
            seed_layers(0, epoch=epoch, rank=0)
            loader = batches(
                self._train,
                order,
                self._device,
                randomness=Randomness(seed=0, epoch=epoch),
                repeats=repeats,
                noise_columns=NOISE_COLUMNS,
            )
            train_epoch(self._parts.steps, loader, self._device)
            wanted -= len(order)
        return self._case.steps * self._case.batch

    def rows(self, wanted: int) -> tuple[int, Order, Order]:
        """An epoch, and at most `wanted` rows of what is left of it: images, and how often before.

        An epoch without rows left is followed by the next one.
        """
        if self._left is None:
            epoch = next(self._epochs)
            order = self._order(epoch)
            self._left = epoch, order, repeats_of(order)
        epoch, order, repeats = self._left
        rest = epoch, order[wanted:], repeats[wanted:]
        self._left = rest if len(order) > wanted else None
        return epoch, order[:wanted], repeats[:wanted]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A run that was prepared for a network, a size and a precision."""

    project: Project
    settings: Settings
    name: str


def plan_of(case: Case, side: str) -> Plan:
    """The run of a side; its project must have been written."""
    project = load_project(case.work / f"{case.size}.yaml")
    settings = settings_of(
        project, epochs=_EPOCHS, folds=_FOLDS, weights="none", precision=PRECISION[side]
    )
    settings = replace(
        settings,
        network=replace(settings.network, backbone=case.network),
        optimizer=replace(settings.optimizer, batch_size=case.batch),
    )
    name = f"{case.network}-{case.batch}-{settings.precision}"
    return Plan(project=project, settings=settings, name=name)


def config_of(settings: Settings, case: Case) -> TrialConfig:
    """Our defaults of the method."""
    return settings.config(case.method, _BODA if case.peer == "mdlt" else {})


def write_runs(case: Case) -> int:
    """Decode the images once and begin the runs of both precisions; returns how many images."""
    from wbcray.cli.init import init

    file = case.work / f"{case.size}.yaml"
    if not file.exists():
        folders = [case.images / name for name in sorted([*case.sources, case.held_out])]
        init(folders, profile="laptop", classes_from_folders=True, out=file)
        text = file.read_text().replace("size: 64 ", f"size: {case.size} ")
        file.write_text(text.replace("cache: .wbcray ", f"cache: decoded-{case.size} "))
    images = 0
    for side in PRECISION:
        plan = plan_of(case, side)
        images = len(open_run(plan.project, plan.name, plan.settings).catalog.samples)
    return images
