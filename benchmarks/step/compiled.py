"""What torch.compile costs before the first step, and what it gains in every later one."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import torch

from benchmarks.main_job import spread
from benchmarks.step.ready import Size, compile_network, ready_step

_PROGRAM = "benchmarks.step.compiled"
_ALONE = {"TORCHINDUCTOR_COMPILE_THREADS": "1"}
"""One compiler at a time, in this process, so that its processor time is counted."""


def with_children() -> float:
    """Seconds of processor time of this process and of the compilers that it waited for."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


CLOCKS = {"wall": time.perf_counter, "processor": with_children}


def measure(size: Size, given: argparse.Namespace) -> None:
    """Print, as JSON, seconds until the first compiled step is done and of later ones in turns."""
    torch.set_num_threads(given.threads)
    clock = CLOCKS[given.clock]
    plain, fast = (ready_step(size, device=torch.device(given.device)) for _ in range(2))
    plain(2)
    compile_network(fast, mode=given.mode)
    began = clock()
    first = fast()
    before = clock() - began
    fast(2)
    pairs = []
    for _ in range(given.rounds):
        seconds = []
        for step in (plain, fast):
            began = clock()
            step(3)
            seconds.append((clock() - began) / 3)
        pairs.append(tuple(seconds))
    print(json.dumps({"first": before, "loss": first, "pairs": pairs}))


def worth_it(before: float, plain: float, fast: float) -> float:
    """Steps after which compiling has paid for itself; infinite where it never does.

    >>> worth_it(30.0, 0.5, 0.4)
    300.0
    """
    return round(before / (plain - fast), 6) if plain > fast else float("inf")


def options(parser: argparse.ArgumentParser) -> None:
    """Of the command line."""
    parser.add_argument("--sizes", nargs="+", default=("resnet18:64:32", "resnet50:96:16"))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--mode", default=None, help="of torch.compile")
    parser.add_argument("--minutes", type=float, default=8.0, help="after which one is given up")


def main(given: argparse.Namespace) -> None:
    """Measure and print, each in a process of its own with an empty cache of compiled code."""
    for text in given.sizes:
        said = f"torch.compile mode {given.mode}, {given.clock} clock"
        print(f"{Size.parse(text)}, {given.threads} threads, {said}", flush=True)
        with tempfile.TemporaryDirectory() as cache:
            words = ["--child", text, "--threads", str(given.threads), "--device", given.device]
            words += ["--clock", given.clock, "--rounds", str(given.rounds)] + [
                "--mode",
                given.mode,
            ] * bool(given.mode)
            try:
                said = subprocess.run(  # noqa: S603  # our own words
                    [sys.executable, "-m", _PROGRAM, *words],
                    capture_output=True,
                    text=True,
                    check=True,
                    timeout=60 * given.minutes,
                    env=os.environ
                    | (_ALONE if given.clock == "processor" else {})
                    | {"TORCHINDUCTOR_CACHE_DIR": cache},
                ).stdout
            except subprocess.TimeoutExpired:
                print(f"  no result within {given.minutes:g} minutes")
                continue
            except subprocess.CalledProcessError as error:
                print(f"  it fails: {error.stderr.strip().splitlines()[-1]}")
                continue
        show(json.loads(said.splitlines()[-1]))


def show(found: dict[str, float | list[list[float]]]) -> None:
    """Print what a child measured."""
    before, pairs = found["first"], found["pairs"]
    assert isinstance(before, float)
    assert isinstance(pairs, list)
    plain, fast = (statistics.median(pair[number] for pair in pairs) for number in (0, 1))
    print(f"  until the first step is done {before:.1f} s")
    print(f"  as it is {spread([pair[0] for pair in pairs])} s a step")
    print(f"  compiled {spread([pair[1] for pair in pairs])} s a step")
    print(f"  ratio of each pair {spread([a / b for a, b in pairs])}", end="; ")
    print(f"it pays after {worth_it(before, plain, fast):.0f} steps", flush=True)


def _child() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--child", type=Size.parse, required=True)
    options(parser)
    given = parser.parse_args()
    measure(given.child, given)


if __name__ == "__main__":
    _child()
