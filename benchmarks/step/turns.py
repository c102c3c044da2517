"""Images a second of several ways to make steps, measured in turns."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Work = Callable[[int], object]
"""Makes so many steps, and comes back when the device has done them."""
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Images a second of each, round by round; the reference first."""

    of: dict[str, list[float]]

    def ratios(self, name: str) -> list[float]:
        """To the reference in the same round."""
        first = next(iter(self.of.values()))
        return [own / other for own, other in zip(self.of[name], first, strict=True)]


def in_turns(
    works: Mapping[str, Work],
    *,
    images: int,
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
    least_seconds: float = 0.5,
) -> Rates:
    """Each once a round, A/B/C/A/B/C, for at least `least_seconds`; first calls do not count.

    Args:
        works: By name, the reference first.
        images: Of one step.
        rounds: How often each is measured.
        clock: Seconds.
        least_seconds: Of one measurement.
    """
    steps = {}
    for name, work in works.items():
        work(2)
        began = clock()
        work(1)
        steps[name] = max(1, round(least_seconds / max(1e-6, clock() - began)))
    rates = Rates(of={name: [] for name in works})
    for _ in range(rounds):
        for name, work in works.items():
            began = clock()
            work(steps[name])
            rates.of[name].append(steps[name] * images / (clock() - began))
    return rates
