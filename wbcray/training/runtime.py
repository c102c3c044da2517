"""Where a trial runs: what a laptop, a Tune trial and a Train worker do differently."""

from collections.abc import Callable
from enum import Enum
from typing import Protocol, final, runtime_checkable

import torch
from torch import nn

from wbcray.core.result import EpochReport
from wbcray.store.cell import CellRecord


class Verdict(Enum):
    """The answer to a report."""

    GO_ON = "go on"
    STOP = "stop"


@runtime_checkable
class Runtime(Protocol):
    """The surroundings of a trial."""

    device: torch.device
    rank: int
    world_size: int

    def wrap(self, learner: nn.Module) -> nn.Module:
        """`learner` on the device, with gradients averaged over workers."""
        ...

    def report(self, report: EpochReport) -> Verdict:
        """Say that an epoch is over; STOP means that the trial shall end now."""
        ...

    def fold_done(self, record: CellRecord) -> None:
        """Say that a fold is recorded."""
        ...


@final
class LocalRuntime:
    """One process and no Ray: a laptop, a test, a notebook."""

    rank = 0
    world_size = 1

    def __init__(
        self,
        device: torch.device | None = None,
        *,
        on_report: Callable[[EpochReport], None] | None = None,
    ) -> None:
        self.device = device or default_device()
        self.reports: list[EpochReport] = []
        self._on_report = on_report

    def wrap(self, learner: nn.Module) -> nn.Module:
        """The learner on the device."""
        return learner.to(self.device)

    def report(self, report: EpochReport) -> Verdict:
        """Keep the report, pass it on and go on."""
        self.reports.append(report)
        if self._on_report is not None:
            self._on_report(report)
        return Verdict.GO_ON

    def fold_done(self, record: CellRecord) -> None:
        """Nothing to do: the record is on disk."""


def default_device() -> torch.device:
    """The GPU this process was given, else the CPU."""
    return torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")


def bfloat16_is_fast() -> bool:
    """Whether this machine multiplies bfloat16 faster than float32."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    flags = torch.cpu.get_capabilities()
    return bool(flags.get("avx512_bf16") or flags.get("amx_tile") or flags.get("amx_bf16"))
