"""What the presets add to a training step of ResNet50."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import nn

from benchmarks.losses.cases import Case, Watch, make_case
from benchmarks.main_job import spread
from wbcray.core.config import Composition, NetworkConfig
from wbcray.core.seeding import derive_seed
from wbcray.data.batch import Batch
from wbcray.methods.base import Outputs, Targets, TrainingFacts, WeightAverage
from wbcray.methods.compose import default_composition
from wbcray.methods.method import Method, build_finish, build_method, head_of
from wbcray.methods.parts import part_class
from wbcray.methods.presets import PRESETS
from wbcray.models.network import Network
from wbcray.training.epoch import autocast
from wbcray.training.learner import Learner

GOALS = {"cpu": 3, "cuda": 5}
"""Percent of a step."""
LATE = 0.9
"""Progress at which every loss has come in."""
_WHOLE = ("mixup", "mixstyle", "sagnet", "swad", "boda", "sada_like")


def acts_elsewhere(composition: Composition, facts: TrainingFacts) -> bool:
    """Whether the mixing acts inside the network, or the finish looks at the weights."""
    level: str = part_class("mixing", composition.mixing.name).level
    return level != "none" or build_finish(composition, facts).average() is not None


def prepared(composition: Composition, case: Case, device: torch.device) -> Method:
    """A method with all of its statistics."""
    torch.manual_seed(0)
    method = build_method(composition, case.facts).to(device)
    method.refresh(case.table)
    return method


@dataclass
class WholeStep:
    """One training step on a batch that is ready, as `training/epoch.py` makes it."""

    learner: Learner
    average: WeightAverage | None
    batch: Batch

    @cached_property
    def optimizer(self) -> torch.optim.Optimizer:
        """That of `training`, without its schedule."""
        return torch.optim.AdamW(self.learner.parameters(), lr=1e-5, fused=True)

    def __call__(self) -> None:
        """Forward, backward, clip, move, observe."""
        with autocast(self.batch.images.device, "bfloat16"):
            total, _, outputs, targets = self.learner(self.batch, LATE)
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.learner.parameters(), 5.0)
        self.optimizer.step()
        self.learner.method.observe(outputs, targets, LATE)
        if self.average is not None:
            self.average.after_step(self.learner.network.state_dict(), LATE)


@dataclass
class LossStep:
    """The part of a step that knows the method: loss, its backward, its own parameters."""

    method: Method
    outputs: Outputs
    targets: Targets

    @cached_property
    def optimizer(self) -> torch.optim.Optimizer | None:
        """For the method's own parameters, if it has any."""
        own = list(self.method.parameters())
        return torch.optim.AdamW(own, lr=1e-5, fused=True) if own else None

    def __call__(self) -> None:
        """Forward and backward to features and logits, then what follows in a step."""
        given = self.outputs
        given.features.grad = given.logits.grad = None
        self.method(given, self.targets, LATE).total.backward()
        if self.optimizer is not None:
            nn.utils.clip_grad_norm_(self.method.parameters(), 5.0)
            self.optimizer.step()
            self.optimizer.zero_grad(set_to_none=True)
        seen = Outputs(features=given.features.detach(), logits=given.logits.detach())
        self.method.observe(seen, self.targets, LATE)


def loss_step(preset: str, case: Case, device: torch.device) -> LossStep:
    """A loss step on the case's features, with logits of a classifier."""
    method = prepared(default_composition(preset), case, device)
    classes = case.facts.counts.shape[1]
    torch.manual_seed(1)
    with torch.no_grad():
        logits = nn.Linear(case.features.shape[1], classes).to(device)(case.features)
    outputs = Outputs(
        features=case.features.clone().requires_grad_(), logits=logits.requires_grad_()
    )
    return LossStep(method, outputs, case.targets)


def whole_step(preset: str, case: Case, device: torch.device, *, side: int) -> WholeStep:
    """A step of ResNet50 on random images."""
    composition = default_composition(preset)
    torch.manual_seed(derive_seed(0, "network"))
    classes = case.facts.counts.shape[1]
    network = Network(NetworkConfig(weights="none"), classes=classes, head=head_of(composition)).to(
        device
    )
    learner = Learner(network, prepared(composition, case, device)).train()
    images = torch.randn(len(case.features), 3, side, side, device=device)
    targets = case.targets
    batch = Batch(
        images=images.contiguous(memory_format=torch.channels_last),
        labels=targets.labels,
        domains=targets.domains,
        noise=case.noise,
    )
    return WholeStep(learner, build_finish(composition, case.facts).average(), batch)


def step(  # the options of the command
    watch: Watch,
    presets: Sequence[str] | None,
    *,
    batch: int,
    side: int,
    steps: int,
    repeats: int,
) -> None:
    """Seconds of a step of `erm` once, and what each preset adds to its loss in turns with it."""
    device = watch.device
    case = make_case(batch, 2, device=device)
    one = whole_step("erm", case, device, side=side)
    one()
    seconds = [watch.seconds(one) for _ in range(steps)]
    middle = statistics.median(seconds)
    print(f"step: ResNet50, {side} px, batch {batch}, bfloat16, on {device.type}")
    print(f"  a step of erm: {spread(seconds)} s; goal: no preset adds {GOALS[device.type]} %")
    print("  what is added: the loss, its gradient, a step of its own weights, its statistics")
    plain = loss_step("erm", case, device)
    for name in presets or PRESETS:
        pairs = watch.in_turns(loss_step(name, case, device), plain, repeats=repeats)
        added = [a - b for a, b in pairs]
        more = acts_elsewhere(default_composition(name), case.facts)
        print(f"  {name}: {spread([100 * one / middle for one in added])} %", end="; ")
        print(f"{spread([1e3 * one for one in added])} ms", end="")
        print("; it also acts elsewhere, see --whole" if more else "", flush=True)


def whole(
    watch: Watch, presets: Sequence[str] | None, *, batch: int, side: int, pairs: int
) -> None:
    """Whole steps of a few presets in turns with those of `erm`."""
    device = watch.device
    case = make_case(batch, 2, device=device)
    print(f"whole steps: ResNet50, {side} px, batch {batch}, bfloat16, on {device.type}")
    print("  colour is not in them: it acts on the images, before the step")
    plain = whole_step("erm", case, device, side=side)
    for name in presets or _WHOLE:
        times = watch.in_turns(whole_step(name, case, device, side=side), plain, repeats=pairs)
        print(f"  {name}: {spread([a / b for a, b in times])} of a step of erm", end="; ")
        print(
            f"{spread([a for a, _ in times])} s, erm {spread([b for _, b in times])} s", flush=True
        )
