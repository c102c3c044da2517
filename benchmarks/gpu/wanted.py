"""What is measured on which device, and until when."""

import time
from dataclasses import dataclass

import torch

from benchmarks.step.ready import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The sizes of one run of the script.

    Attributes:
        large: The network and batch that the goals are about.
        small: One that leaves much of a GPU idle.
        matrices: Sides of the matrices for the peak.
        images: Prepared images that the loader reads.
        rounds: How often each variant is measured.
        least_seconds: Of one measurement.
        compiles: Whether torch.compile is tried.
        ends: When no new part is begun, on `time.monotonic`.
    """

    device: torch.device
    large: Size
    small: Size
    matrices: tuple[int, ...]
    images: int
    rounds: int
    least_seconds: float
    compiles: bool
    ends: float

    @property
    def on_gpu(self) -> bool:
        """Whether there are things that only a GPU has."""
        return self.device.type == "cuda"

    def time_left(self) -> bool:
        """Whether another part may begin."""
        return time.monotonic() < self.ends


def wanted(device: torch.device, *, tiny: bool, minutes: float) -> Wanted:
    """The whole measurement, or a `tiny` one that only shows that every part works."""
    ends = time.monotonic() + 60 * minutes
    if tiny:
        size = Size(backbone="resnet18", side=32, batch=4)
        return Wanted(
            device=device,
            large=size,
            small=size,
            matrices=(64,),
            images=12,
            rounds=1,
            least_seconds=0.0,
            compiles=False,
            ends=ends,
        )
    return Wanted(
        device=device,
        large=Size(backbone="resnet50", side=224, batch=256),
        small=Size(backbone="resnet18", side=64, batch=32),
        matrices=(2048, 4096, 8192),
        images=4096,
        rounds=7,
        least_seconds=1.0,
        compiles=True,
        ends=ends,
    )


def synchronise(device: torch.device) -> None:
    """Wait until the device has done what it was asked."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
