"""Images a second of a step in each precision and memory format, and the share of the peak."""

import argparse
import os
import statistics
from collections.abc import Mapping, Sequence

import torch

from benchmarks.main_job import spread
from benchmarks.step.peak import SIZES, Peak, gemm_peak
from benchmarks.step.ready import VARIANTS, Size, ready_step
from benchmarks.step.turns import CLOCKS, Rates, in_turns

DEFAULT_SIZES = ("resnet18:64:32", "resnet50:96:16", "resnet50:224:8")


def options(parser: argparse.ArgumentParser) -> None:
    """Of the command line."""
    parser.add_argument("--sizes", nargs="+", default=DEFAULT_SIZES, metavar="NETWORK:SIDE:BATCH")
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--matrices", nargs="+", type=int, default=SIZES, help="sides, for the peak"
    )
    parser.add_argument(
        "--clock",
        choices=CLOCKS,
        default="wall",
        help="`processor` with one thread, where other work runs on the machine",
    )


def main(given: argparse.Namespace) -> None:
    """Measure and print."""
    for threads in given.threads:
        torch.set_num_threads(threads)
        clock = CLOCKS[given.clock]
        peaks: dict[str, Peak] = {
            variant.precision: gemm_peak(variant.precision, sizes=given.matrices, clock=clock)
            for variant in VARIANTS[1::2]
        }
        print(f"{threads} threads, {given.clock} clock; peaks of square matrices:")
        for precision, peak in peaks.items():
            print(f"  {precision}: {peak}", flush=True)
        for text in given.sizes:
            _measure(Size.parse(text), peaks, given, threads)


def _measure(
    size: Size, peaks: Mapping[str, Peak], given: argparse.Namespace, threads: int
) -> None:
    steps = {str(variant): ready_step(size, variant) for variant in VARIANTS}
    flops = next(iter(steps.values())).flops() / size.batch
    rates = in_turns(steps, images=size.batch, rounds=given.rounds, clock=CLOCKS[given.clock])
    load = os.getloadavg()[0]
    print(f"{size}, {threads} threads, {flops / 1e9:.3g} GFLOP an image; load {load:.1f}")
    for line in lines(rates, peaks, flops):
        print(f"  {line}", flush=True)


def lines(rates: Rates, peaks: Mapping[str, Peak], flops: float) -> Sequence[str]:
    """A line for each variant: images/s, the ratio to the first, the share of its peak.

    `flops`: of one image, forward and backward.
    """
    said = []
    for variant in VARIANTS:
        found = rates.of[str(variant)]
        share = statistics.median(found) * flops / peaks[variant.precision].rate
        said.append(
            f"{variant!s:25} {spread(found)} images/s   {spread(rates.ratios(str(variant)))} "
            f"times   {share:.0%} of the peak"
        )
    return said
