"""A training step as wbcray makes it, on a batch that is ready: no pixels, no augmentation."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.losses.cases import make_case
from wbcray.core.config import NetworkConfig, OptimizerConfig, Precision, TrialConfig
from wbcray.data.batch import Batch, ImageSet
from wbcray.data.pixels import PixelStore
from wbcray.methods.compose import default_composition
from wbcray.methods.method import build_finish, build_method, head_of
from wbcray.models.network import Network
from wbcray.training.assembly import make_steps
from wbcray.training.epoch import Steps, train_epoch
from wbcray.training.features import FeatureCollector
from wbcray.training.learner import Learner
from wbcray.training.passes import FeaturePasses
from wbcray.training.runtime import LocalRuntime

_TOTAL = 1_000_000
"""Steps that are planned by default, so that the schedule stands still."""
_DOMAINS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A network and the batches it gets."""

    backbone: str
    side: int
    batch: int

    def __str__(self) -> str:
        return f"{self.backbone}, {self.side} px, batch {self.batch}"

    @classmethod
    def parse(cls, text: str) -> "Size":
        """From `resnet18:64:32`."""
        backbone, side, batch = text.split(":")
        return cls(backbone=backbone, side=int(side), batch=int(batch))

    @property
    def word(self) -> str:
        """What `parse` reads."""
        return f"{self.backbone}:{self.side}:{self.batch}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """How the numbers are kept and laid out."""

    precision: Precision
    channels_last: bool

    def __str__(self) -> str:
        return f"{self.precision}{', channels last' if self.channels_last else ''}"


OURS = Variant(precision="bfloat16", channels_last=True)
VARIANTS = (
    Variant(precision="float32", channels_last=False),
    Variant(precision="float32", channels_last=True),
    Variant(precision="bfloat16", channels_last=False),
    OURS,
)
"""The reference first."""


@dataclass(slots=True, kw_only=True)
class ReadyStep:
    """Calls make one training step each: forward, loss, backward, clipping, AdamW, schedule.

    Attributes:
        steps: Those of `wbcray.training`.
        batch: The same in every step.
    """

    steps: Steps
    batch: Batch

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        return self.batch.images.device

    @property
    def network(self) -> Network:
        """Inside the learner."""
        return self.steps.learner.network

    def __call__(self, number: int = 1) -> float:
        """Make `number` steps; the mean loss."""
        return train_epoch(self.steps, [self.batch] * number, self.device)["total"]

    def flops(self) -> int:
        """Floating-point operations of a step's forward and backward pass; one step is made."""
        with FlopCounterMode(display=False) as counter:
            self()
        return int(counter.get_total_flops())


def ready_step(
    size: Size,
    variant: Variant = OURS,
    *,
    device: torch.device | None = None,
    method: str = "erm",
    total: int = _TOTAL,
    seed: int = 0,
) -> ReadyStep:
    """A step on random images of 13 classes in two domains, from random weights.

    The same seed makes the same weights and images on every device. `total`: Steps planned.
    """
    device = device or torch.device("cpu")
    composition = default_composition(method)
    config = TrialConfig(
        method=composition,
        optimizer=OptimizerConfig(batch_size=size.batch),
        network=NetworkConfig(backbone=size.backbone, weights="none"),
        image_size=size.side,
        epochs=1,
        patience=0,
        precision=variant.precision,
    )
    torch.manual_seed(seed)
    case = make_case(size.batch, _DOMAINS, dim=8, seed=seed)
    classes = case.facts.counts.shape[1]
    network = Network(config.network, classes=classes, head=head_of(composition))
    facts = replace(case.facts, feature_dim=network.feature_dim, steps=total)
    learner = Learner(network, build_method(composition, facts)).to(device)
    layout = torch.channels_last if variant.channels_last else torch.contiguous_format
    network.to(memory_format=layout)
    images = torch.randn(size.batch, 3, size.side, size.side)
    batch = Batch(
        images=images.to(device).contiguous(memory_format=layout),
        labels=case.targets.labels.to(device),
        domains=case.targets.domains.to(device),
        noise=case.noise.to(device),
    )
    average = build_finish(composition, facts).average()
    steps = make_steps(config, learner, learner, _passes(learner, device), average, total=total)
    return ReadyStep(steps=steps, batch=batch)


def _passes(learner: Learner, device: torch.device) -> FeaturePasses:
    """None that is ever due: a penalty that asks for passes gets its first after many steps."""
    collect = FeatureCollector(learner.network, LocalRuntime(device), "float32")
    nothing = np.empty(0, dtype=np.int64)
    store = PixelStore(parts=(), starts=nothing, rows=nothing, fingerprint="")
    images = ImageSet(pixels=store, positions=nothing, labels=nothing, domains=nothing)
    return FeaturePasses(learner.method, collect.plain, images, steps=_TOTAL, seed=0)


def compile_network(step: ReadyStep, *, mode: str | None = None) -> None:
    """Have the network's forward and backward pass compiled at the next call."""
    network = step.network
    # The learner calls this, not the network itself.
    setattr(network, "features", torch.compile(network.features, mode=mode))  # noqa: B010  # a method is replaced
