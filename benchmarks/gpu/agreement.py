"""The same losses on GPU and CPU, and the same bits twice: `python -m benchmarks.gpu.agreement`."""

import argparse
import hashlib
import os
import subprocess
import sys

import torch

from benchmarks.gpu.variants import flags
from benchmarks.gpu.wanted import Wanted
from benchmarks.step.ready import OURS, VARIANTS, Size, Variant, ready_step
from wbcray.training.determinism import deterministic

STEPS = 6
TOLERANCES = {"float32": (1e-4, 2e-2), "bfloat16": (2e-2, 1e-1)}
"""Largest relative difference of the first loss, and of the last: rounding grows with the steps."""


def losses(size: Size, variant: Variant, device: torch.device) -> list[float]:
    """Of a few steps at the full learning rate."""
    step = ready_step(size, variant, device=device, total=STEPS)
    return [step() for _ in range(STEPS)]


def differences(ours: list[float], theirs: list[float]) -> list[float]:
    """Relative, loss by loss.

    >>> differences([2.0, 1.0], [2.0, 1.5])
    [0.0, 0.5]
    """
    return [abs(a - b) / abs(a) for a, b in zip(ours, theirs, strict=True)]


def measure(wanted: Wanted) -> None:
    """Print how far the losses are apart, and whether two processes made the same bits.

    Raises:
        RuntimeError: When either is not as it should be.
    """
    wrong = []
    for variant in (VARIANTS[0], OURS):
        with flags(tf32=False, benchmark=False):
            here = losses(wanted.small, variant, torch.device("cpu"))
            there = losses(wanted.small, variant, wanted.device)
        apart = differences(here, there)
        first, last = TOLERANCES[variant.precision]
        held = apart[0] <= first and max(apart) <= last
        wrong += [] if held else [str(variant)]
        print(
            f"  {variant}: losses {here[0]:.4f} .. {here[-1]:.4f} on the CPU, relative difference "
            f"{apart[0]:.1e} in the first step (tolerance {first:.0e}), at most {max(apart):.1e} "
            f"({last:.0e}): {'held' if held else 'NOT HELD'}",
            flush=True,
        )
    bits = {bits_of_a_process(wanted.small, wanted.device) for _ in range(2)}
    same = len(bits) == 1
    print(f"  weights of two deterministic processes: {'the same bits' if same else 'DIFFER'}")
    if wrong or not same:
        raise RuntimeError("a check did not hold")


def bits_of_a_process(size: Size, device: torch.device) -> str:
    """The hash of the weights after a few steps in a process as `--deterministic` makes it."""
    words = ["--size", size.word, "--device", str(device)]
    return subprocess.run(  # noqa: S603  # our own words
        [sys.executable, "-m", "benchmarks.gpu.agreement", *words],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=dict(os.environ),
    ).stdout.strip()


def weights_hash(size: Size, device: torch.device) -> str:
    """SHA-256 of all weights after a few steps."""
    step = ready_step(size, device=device, total=STEPS)
    step(STEPS)
    found = hashlib.sha256()
    for value in step.network.state_dict().values():
        found.update(value.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().data)
    return found.hexdigest()


def main() -> None:
    """One process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=Size.parse, required=True)
    parser.add_argument("--device", type=torch.device, required=True)
    given = parser.parse_args()
    deterministic(1)
    print(weights_hash(given.size, given.device))


if __name__ == "__main__":
    main()
