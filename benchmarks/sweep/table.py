"""A sweep in print: the stages of the command, the parts of a trial, and what is left over."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.main_job import spread
from benchmarks.sweep.measure import Sweep
from benchmarks.sweep.stamps import Trial
from benchmarks.sweep.worker import EPOCH, FOLD, STEPS, TRIAL

_WARM = 1
"""The first trials of each slot wait for their process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Seconds.

    Attributes:
        wall: Of the whole command.
        pure: Inside epochs, summed over trials, over the number of slots.
        search: From the first suggestion to the last trial's end.
        latencies: From a suggestion to its first training step, once the slots are warm.
        gaps: From a trial's end to the next suggestion that its process trained.
    """

    wall: float
    pure: float
    search: float
    latencies: Sequence[float]
    gaps: Sequence[float]

    @property
    def ratio(self) -> float:
        """What is waited for over what is trained."""
        return self.wall / self.pure


def totals(sweep: Sweep) -> Totals:
    """The sums of a sweep."""
    slots, trials = sweep.wanted.slots, sweep.trials
    pure = sum(one.calls[EPOCH].seconds for one in trials) / slots
    of_process: dict[int, list[Trial]] = {}
    for one in sorted(trials, key=lambda trial: trial.calls[TRIAL].spans[0][0]):
        of_process.setdefault(one.pid, []).append(one)
    warm = [one for own in of_process.values() for one in own[_WARM:]]
    latencies = [
        one.calls[STEPS].spans[0][0] - sweep.handed[one.number]
        for one in warm
        if one.calls[STEPS].spans
    ]
    gaps = [
        later.calls[TRIAL].spans[0][0] - earlier.calls[TRIAL].spans[-1][1]
        for own in of_process.values()
        for earlier, later in pairwise(own)
    ]
    ends = [one.calls[TRIAL].spans[-1][1] for one in trials]
    return Totals(
        wall=sweep.ended - sweep.began,
        pure=pure,
        search=max(ends) - sweep.handed[0],
        latencies=latencies,
        gaps=gaps,
    )


def show(sweep: Sweep) -> None:
    """Print all of it."""
    found, wanted = totals(sweep), sweep.wanted
    print(f"{wanted}")
    print(
        f"wall {found.wall:.1f} s, inside epochs {found.pure:.1f} s a slot: {found.ratio:.2f} "
        f"(goal 1.10); of the search alone {found.search / found.pure:.2f}"
    )
    if found.latencies:
        print(f"from a suggestion to its first step {spread(list(found.latencies))} s (goal 0.5)")
        print(f"from a trial's end to the next one in its process {spread(list(found.gaps))} s")
    print("the command, one stage after the other:")
    for name, seconds in stages(sweep):
        print(f"  {name:44} {seconds:7.2f} s")
    print("in the workers, all trials together (slots side by side):")
    for name, seconds, processor, calls in parts(sweep):
        print(f"  {name:44} {seconds:7.2f} s, processor {processor:7.2f} s, {calls} calls")


def stages(sweep: Sweep) -> list[tuple[str, float]]:
    """Name and seconds of what the command did, in order; together its wall time."""
    begins = [one.calls[TRIAL].spans[0][0] for one in sweep.trials]
    ends = [one.calls[TRIAL].spans[-1][1] for one in sweep.trials]
    moments = [("until the run is opened", sweep.began)]
    for name in ("run opened, images decoded", "Ray started", "search"):
        for begin, end in sweep.driver[name].spans:
            moments += [(name, begin), (f"after: {name}", end)]
    moments += [("first trial to last", min(begins)), ("from the last trial's end", max(ends))]
    for name in ("Ray stopped", "tables made"):
        for begin, end in sweep.driver[name].spans:
            moments += [(name, begin), (f"after: {name}", end)]
    moments.sort(key=lambda moment: moment[1])
    ending = [*[at for _, at in moments[1:]], sweep.ended]
    return [
        (name, end - at)
        for (name, at), end in zip(moments, ending, strict=True)
        if end - at > 0.005
    ]


def parts(sweep: Sweep) -> list[tuple[str, float, float, int]]:
    """Name, seconds, processor seconds and calls of each part, summed over trials."""
    names = list(sweep.trials[0].calls)
    rows = []
    for name in names:
        calls = [one.calls[name] for one in sweep.trials]
        rows.append(
            (
                name,
                sum(one.seconds for one in calls),
                sum(one.processor for one in calls),
                sum(len(one.spans) for one in calls),
            )
        )
    by_name = {name: seconds for name, seconds, _, _ in rows}
    rest = by_name[TRIAL] - by_name[FOLD]
    births = [
        min(one.calls[TRIAL].spans[0][0] for one in sweep.trials if one.pid == pid) - born
        for pid, born in {(one.pid, one.born) for one in sweep.trials}
    ]
    return [
        *rows,
        ("of trials outside folds", rest, 0.0, len(sweep.trials)),
        ("a process until its first trial, median", statistics.median(births), 0.0, len(births)),
    ]
