"""What the benchmarks of the losses share: batches like those of white blood cells, and clocks."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from wbcray.methods.base import NOISE_COLUMNS, FeatureTable, Targets, TrainingFacts

CORES = len(os.sched_getaffinity(0))
DIM = 2048
"""Width of the features of ResNet50."""
COUNTS = torch.tensor(
    [
        [63, 339, 62, 2614, 56, 33, 12, 87, 6787, 1431, 3149, 9, 12],
        [974, 2494, 1241, 0, 473, 910, 812, 1306, 1316, 1136, 971, 0, 0],
        [260, 850, 600, 500, 300, 420, 350, 700, 4100, 1500, 2900, 120, 800],
    ]
)
"""Training images of [domains, 13 classes]; the second domain lacks three: 23 pairs in the first
two domains, 36 in all."""
_LEAST_SECONDS = 0.05
"""Of one measurement: many short calls are timed together."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A batch with equal numbers of images of every domain, one domain after another.

    Features are not negative and of the size of pooled ones; classes and domains shift them.
    """

    features: Tensor
    targets: Targets
    facts: TrainingFacts
    table: FeatureTable
    """Features of a pass over the training images, three images a pair."""

    @property
    def noise(self) -> Tensor:
        """The numbers that decide what is random."""
        return torch.stack([self.targets.uniform(k) for k in range(NOISE_COLUMNS)], dim=1)

    @property
    def domains(self) -> int:
        """Domains in the batch."""
        return int(self.targets.domains.max()) + 1


def make_case(
    batch: int,
    domains: int,
    *,
    dim: int = DIM,
    device: torch.device | None = None,
    dtype: torch.dtype = torch.float32,
    seed: int = 0,
) -> Case:
    """A batch of `batch` images, as even over `domains` domains as can be."""
    generator = torch.Generator().manual_seed(seed)
    counts = COUNTS[:domains]
    classes = counts.shape[1]
    of_domain = torch.arange(batch) * domains // batch
    observed = [row.nonzero().squeeze(1) for row in counts]
    drawn = torch.rand(batch, generator=generator)
    labels = torch.stack(
        [
            observed[d][int(u * len(observed[d]))]
            for d, u in zip(of_domain.tolist(), drawn.tolist(), strict=True)
        ]
    )
    of_class = torch.randn(classes, dim, generator=generator, dtype=dtype)
    of_stain = torch.randn(domains, dim, generator=generator, dtype=dtype)

    def features(labels: Tensor, of_domain: Tensor) -> Tensor:
        own = torch.randn(len(labels), dim, generator=generator, dtype=dtype)
        return (0.2 * of_class[labels] + 0.1 * of_stain[of_domain] + 0.3 * own).abs().to(device)

    pairs = counts.nonzero().repeat_interleave(3, dim=0)
    noise = torch.rand(batch, NOISE_COLUMNS, generator=generator)
    return Case(
        features=features(labels, of_domain),
        targets=Targets(
            labels=labels.to(device), domains=of_domain.to(device), noise=noise.to(device)
        ),
        facts=TrainingFacts(counts=counts, feature_dim=dim, steps=1000),
        table=FeatureTable(
            features=features(pairs[:, 1], pairs[:, 0]),
            labels=pairs[:, 1].to(device),
            domains=pairs[:, 0].to(device),
        ),
    )


def devices() -> list[torch.device]:
    """The CPU, and the GPU if there is one."""
    return [torch.device("cpu"), *([torch.device("cuda")] if torch.cuda.is_available() else [])]


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Times calls on one device.

    `clock` is that on the wall, or the processor time of this process: with one thread, other
    programs disturb the latter little.
    """

    device: torch.device
    clock: Callable[[], float] = time.perf_counter

    def seconds(self, work: Callable[[], object], *, calls: int = 1) -> float:
        """Of one call, everything that it asked of the device included."""
        self._wait()
        began = self.clock()
        for _ in range(calls):
            work()
        self._wait()
        return (self.clock() - began) / calls

    def in_turns(
        self, first: Callable[[], object], second: Callable[[], object], *, repeats: int
    ) -> list[tuple[float, float]]:
        """Seconds of a call of each, A/B/A/B; the first calls are not counted."""
        calls = []
        for work in (first, second):
            cold = self.seconds(work)
            # A long call need not be made again to know that one of it is enough.
            once = cold if cold > 1 else self.seconds(work, calls=3)
            calls.append(max(1, round(_LEAST_SECONDS / max(1e-6, once))))
        return [
            (self.seconds(first, calls=calls[0]), self.seconds(second, calls=calls[1]))
            for _ in range(repeats)
        ]

    def _wait(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
