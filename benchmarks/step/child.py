"""A process that makes steps when it is told to: `python -m benchmarks.step.child`.

It says `ready` after its first steps. Each line on its standard input is a number of seconds; it
makes steps for as long and answers with images a second.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import final

import torch

from benchmarks.step.ready import ReadyStep, Size, ready_step

READY = "ready"


@final
class Child:
    """One such process, seen from outside; a context manager that ends it."""

    def __init__(self, size: Size, *, threads: int, device: str) -> None:
        words = ("--size", size.word, "--threads", str(threads), "--device", device)
        self._process = subprocess.Popen(  # noqa: S603  # our own words
            [sys.executable, "-m", "benchmarks.step.child", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
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


def rate_of(step: ReadyStep, seconds: float) -> float:
    """Images a second of steps made for `seconds`."""
    began = time.perf_counter()
    images = 0
    while (taken := time.perf_counter() - began) < seconds:
        step()  # it reads the loss, so the device has finished
        images += len(step.batch.images)
    return images / taken


def main() -> None:
    """Obey the standard input."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=Size.parse, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--device", type=torch.device, required=True)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    step = ready_step(given.size, device=given.device)
    step(3)
    print(READY, flush=True)
    for line in sys.stdin:
        print(rate_of(step, float(line)), flush=True)


if __name__ == "__main__":
    main()
