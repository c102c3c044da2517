"""A training step of every preset, in turns with one of plain training."""

import statistics

from benchmarks.gpu.wanted import Wanted
from benchmarks.main_job import spread
from benchmarks.step.ready import ready_step
from benchmarks.step.turns import in_turns
from wbcray.methods.presets import PRESETS

GOAL = 1.05
"""Times a step of the reference."""


def measure(wanted: Wanted) -> None:
    """Print how many times as long each preset's step takes, and which miss the goal."""
    reference, *others = PRESETS
    plain = ready_step(wanted.large, device=wanted.device, method=reference)
    print(f"  {wanted.large}; times a step of {reference}; goal {GOAL}")
    missed = []
    for name in others:
        if not wanted.time_left():
            print(f"  out of time before {name}")
            break
        other = ready_step(wanted.large, device=wanted.device, method=name)
        rates = in_turns(
            {reference: plain, name: other},
            images=wanted.large.batch,
            rounds=max(1, wanted.rounds // 2),
            least_seconds=wanted.least_seconds / 2,
        )
        times = [1 / ratio for ratio in rates.ratios(name)]
        missed += [name] if statistics.median(times) > GOAL else []
        print(f"  {name}: {spread(times)}", flush=True)
    print(f"  above the goal: {', '.join(missed) or 'none'}")
