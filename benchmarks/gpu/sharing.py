"""Several trials on one device: images a second in sum."""

from benchmarks.gpu.wanted import Wanted
from benchmarks.step.sharing import shared, show


def measure(wanted: Wanted) -> None:
    """Print the sums of one process and of several, for both networks."""
    for size, most in ((wanted.small, 4), (wanted.large, 2)):
        if not wanted.time_left():
            print("  out of time")
            return
        splits = [(number, 1) for number in (1, 2, 4) if number <= (most if wanted.on_gpu else 2)]
        rates = shared(
            size,
            splits,
            rounds=max(1, wanted.rounds // 2),
            seconds=wanted.least_seconds or 0.01,
            device=str(wanted.device),
        )
        show(size, rates)
