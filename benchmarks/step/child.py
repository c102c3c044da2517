"""A process that makes steps when it is told to: `python -m benchmarks.step.child`.

It says `ready` after its first steps. Each line on its standard input is a number of seconds; it
makes steps for as long and answers with images a second.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import final

import torch

from benchmarks.step.ready import OURS, VARIANTS, ReadyStep, Size, Variant, ready_step
from benchmarks.step.turns import CLOCKS

READY = "ready"


@final
class Child:
    """One such process, seen from outside; a context manager that ends it.

    `environment`: Variables it has beside ours. `clock`: A name of `turns.CLOCKS`.
    """

    def __init__(
        self,
        size: Size,
        *,
        threads: int,
        device: str = "cpu",
        variant: Variant = OURS,
        environment: Mapping[str, str] | None = None,
        clock: str = "wall",
    ) -> None:
        words = ("--size", size.word, "--threads", str(threads), "--device", device)
        more = ("--variant", str(variant), "--clock", clock)
        self._process = subprocess.Popen(  # noqa: S603  # our own words
            [sys.executable, "-m", "benchmarks.step.child", *words, *more],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()  # the end of its input ends it

    def wait(self) -> None:
        """Until it has made its first steps.

        Raises:
            RuntimeError: When it ends before.
        """
        if self._answer() != READY:
            raise RuntimeError("a process that was to make steps ended before the first one")

    def begin(self, seconds: float) -> None:
        """Have it make steps."""
        if self._process.stdin is not None:
            self._process.stdin.write(f"{seconds}\n")
            self._process.stdin.flush()

    def rate(self) -> float:
        """Images a second of what was begun last."""
        return float(self._answer())

    def _answer(self) -> str:
        return self._process.stdout.readline().strip() if self._process.stdout else ""


def together(children: Sequence[Child], seconds: float) -> float:
    """Images a second in sum, of all at the same time."""
    for child in children:
        child.begin(seconds)
    return sum(child.rate() for child in children)


def ready_children(
    stack: ExitStack, size: Size, *, number: int, threads: int, device: str
) -> list[Child]:
    """Processes that have made their first steps and wait."""
    found = [
        stack.enter_context(Child(size, threads=threads, device=device)) for _ in range(number)
    ]
    for child in found:
        child.wait()
    return found


def rate_of(step: ReadyStep, seconds: float, clock: Callable[[], float]) -> float:
    """Images a second of steps made for `seconds` by `clock`."""
    began = clock()
    images = 0
    while (taken := clock() - began) < seconds:
        step()  # it reads the loss, so the device has finished
        images += len(step.batch.images)
    return images / taken


def main() -> None:
    """Obey the standard input."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=Size.parse, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--device", type=torch.device, required=True)
    parser.add_argument("--variant", choices=[str(one) for one in VARIANTS], required=True)
    parser.add_argument("--clock", choices=CLOCKS, required=True)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    variant = next(one for one in VARIANTS if str(one) == given.variant)
    step = ready_step(given.size, variant, device=given.device)
    step(3)
    print(READY, flush=True)
    for line in sys.stdin:
        print(rate_of(step, float(line), CLOCKS[given.clock]), flush=True)


if __name__ == "__main__":
    main()
