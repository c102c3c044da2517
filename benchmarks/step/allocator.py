"""What memory in huge pages does for a step on the CPU: the same process with and without."""

import argparse
import os
from contextlib import ExitStack

from benchmarks.main_job import spread
from benchmarks.step.child import Child
from benchmarks.step.ready import VARIANTS, Size, Variant
from benchmarks.step.turns import CLOCKS, Rates
from wbcray.cluster.ray_environment import HUGE_PAGES

_PLAIN, _HUGE = "as it comes", "huge pages"


def options(parser: argparse.ArgumentParser) -> None:
    """Of the command line."""
    parser.add_argument("--sizes", nargs="+", default=("resnet18:64:32", "resnet50:96:16"))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=5.0, help="of one measurement")
    parser.add_argument("--clock", choices=CLOCKS, default="wall", help="as in `precision`")


def main(given: argparse.Namespace) -> None:
    """Measure and print."""
    for size in map(Size.parse, given.sizes):
        for threads in given.threads:
            for variant in (VARIANTS[0], VARIANTS[-1]):
                rates = _measured(size, threads, variant, given)
                print(f"{size}, {variant}, {threads} threads; load {os.getloadavg()[0]:.1f}")
                for name, found in rates.of.items():
                    times = spread(rates.ratios(name))
                    print(f"  {name:12} {spread(found)} images/s   {times} times", flush=True)


def _measured(size: Size, threads: int, variant: Variant, given: argparse.Namespace) -> Rates:
    rates = Rates(of={_PLAIN: [], _HUGE: []})
    with ExitStack() as stack:
        children = {
            name: stack.enter_context(
                Child(
                    size,
                    threads=threads,
                    variant=variant,
                    environment=environment,
                    clock=given.clock,
                )
            )
            for name, environment in ((_PLAIN, {}), (_HUGE, {"GLIBC_TUNABLES": HUGE_PAGES}))
        }
        for child in children.values():
            child.wait()
        for _ in range(given.rounds):
            for name, child in children.items():
                child.begin(given.seconds)
                rates.of[name].append(child.rate())
    return rates
