"""What this machine multiplies at most: square matrices, the best of several sizes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch

from wbcray.core.config import Precision

SIZES = (512, 1024, 2048, 4096)
_TRIES = 3
_MOST_CALLS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The highest rate that was seen, in floating-point operations a second, and its size."""

    rate: float
    size: int

    def __str__(self) -> str:
        return f"{self.rate / 1e9:.3g} GFLOP/s (n = {self.size})"


def gemm_peak(
    precision: Precision,
    *,
    device: torch.device | None = None,
    sizes: Sequence[int] = SIZES,
    clock: Callable[[], float] = time.perf_counter,
    least_seconds: float = 0.3,
) -> Peak:
    """The best rate of `a @ b` over `sizes`, with the threads that torch has now."""
    device = device or torch.device("cpu")
    kind = {"float32": torch.float32, "bfloat16": torch.bfloat16}[precision]
    found = []
    for size in sizes:
        a, b = (torch.randn(size, size, device=device).to(kind) for _ in range(2))
        work = partial(torch.mm, a, b, out=torch.empty_like(a))
        seconds = _best_seconds(work, device, clock, least_seconds)
        found.append(Peak(rate=2 * size**3 / seconds, size=size))
    return max(found, key=lambda one: one.rate)


def _best_seconds(
    work: Callable[[], object], device: torch.device, clock: Callable[[], float], least: float
) -> float:
    """Of one call: the least of several tries, each long enough for the clock."""
    work()
    calls, tries = 1, list[float]()
    while len(tries) < _TRIES:
        began = clock()
        for _ in range(calls):
            work()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        taken = clock() - began
        if taken < least / _TRIES and calls < _MOST_CALLS:
            calls *= 2
        else:
            tries.append(taken / calls)
    return min(tries)
