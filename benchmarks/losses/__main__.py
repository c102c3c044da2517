"""Cost of the losses: `python -m benchmarks.losses [terms] [step] [run] [memory]`.

terms   forward and backward of one loss term at 2048 features, ours against the pairwise form of
        `benchmarks/losses/pairwise.py`, and against the public codes where WBCRAY_DOMAINBED and
        WBCRAY_MDLT name checkouts of them; A/B/A/B.
step    what every preset adds to a training step of ResNet50, as a share of the step of `erm`.
        `--whole` times whole steps instead, A/B/A/B: the only way for parts that act inside the
        network.
run     seconds of a whole training of one fold, ERM against BoDA with each kind of statistics.
memory  the most bytes a penalty holds during forward and backward, besides features and logits.

Each runs on the CPU, and then on the GPU where there is one. Run it on a quiet machine. It prints
medians with the smallest and largest value. On a machine that others use, `--threads 1
--processor-time` gives ratios on the CPU that they disturb little.
"""

import argparse
import os
import time

import torch

from benchmarks.losses.cases import CORES, Watch, devices
from benchmarks.losses.memory import memory
from benchmarks.losses.run import whole_runs
from benchmarks.losses.step import step, whole
from benchmarks.losses.terms import terms

PARTS = ("terms", "step", "run", "memory")


def main() -> None:
    """The parts that were asked for, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.losses")
    parser.add_argument(
        "parts", nargs="*", choices=[*PARTS, []], metavar="part", help="all, if none is named"
    )
    parser.add_argument("--repeats", type=int, default=15, help="pairs of measurements of a loss")
    parser.add_argument("--batch", type=int, default=24, help="step: images")
    parser.add_argument("--side", type=int, default=224, help="step: pixels along a side")
    parser.add_argument("--steps", type=int, default=5, help="step: whole steps that are timed")
    parser.add_argument("--whole", action="store_true", help="step: time whole steps in turns")
    parser.add_argument("--presets", nargs="*", default=None, help="step and memory: only these")
    parser.add_argument("--threads", type=int, default=CORES, help="of the CPU")
    parser.add_argument(
        "--processor-time", action="store_true", help="on the CPU, in place of the clock"
    )
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"{CORES} cores, {given.threads} threads; load {load}; torch {torch.__version__}")
    for device in devices():
        watch = Watch(device=device)
        if given.processor_time and device.type == "cpu":
            watch = Watch(device=device, clock=time.process_time)
        for part in given.parts or PARTS:
            run(part, watch, given)


def run(part: str, watch: Watch, given: argparse.Namespace) -> None:
    """One part on one device."""
    if part == "terms":
        terms(watch, repeats=given.repeats)
    elif part == "memory":
        memory(watch.device, presets=given.presets)
    elif part == "run":
        whole_runs(images=120, size=32, epochs=3, repeats=given.steps)
    elif given.whole:
        whole(watch, given.presets, batch=given.batch, side=given.side, pairs=given.steps)
    else:
        step(
            watch,
            given.presets,
            batch=given.batch,
            side=given.side,
            steps=given.steps,
            repeats=given.repeats,
        )


if __name__ == "__main__":
    main()
