"""What the driver of a search spends its time on, call by call."""

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

ENDS = "of it record of the end"
REPORTS = "Optuna copy: report"
"""Parts that are called once a trial, and once a report."""


@dataclass(slots=True)
class Part:
    """The calls of one function: seconds of the clock and of the processor, one by one."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @property
    def calls(self) -> int:
        """How often."""
        return len(self.wall)


@contextmanager
def timed(places: dict[str, tuple[Any, str]]) -> Iterator[dict[str, Part]]:
    """Time these attributes of classes or modules; parts may hold others."""
    found = {name: Part() for name in places}
    with ExitStack() as stack:
        for name, (owner, attribute) in places.items():
            wrapped = _wrap(getattr(owner, attribute), found[name])
            stack.enter_context(mock.patch.object(owner, attribute, wrapped))
        yield found


def driver_parts() -> dict[str, tuple[Any, str]]:
    """Where a driver's time may go: ours first, then Ray's and Optuna's."""
    from ray.tune.execution.tune_controller import TuneController

    from wbcray.cluster.optuna_cache import Copy
    from wbcray.cluster.pruning import RecordedASHA
    from wbcray.cluster.shared_scheduler import SharedScheduler
    from wbcray.cluster.shared_search import SharedSearch
    from wbcray.cluster.study import WeightKeeper
    from wbcray.cluster.watchdog import Watchdog
    from wbcray.search.optuna_space import SuggestSpace
    from wbcray.store.studies import StudyStore

    return {
        "suggest": (SharedSearch, "suggest"),
        "of it Optuna's sampler": (SuggestSpace, "__call__"),
        "of it record of the suggestion": (StudyStore, "ask"),
        "end of a trial": (SharedSearch, "on_trial_complete"),
        ENDS: (StudyStore, "tell"),
        "of it checkpoints tidied": (WeightKeeper, "tidy"),
        "Optuna copy: trial begun": (Copy, "started"),
        REPORTS: (Copy, "reported"),
        "Optuna copy: trial over": (Copy, "ended"),
        "watchdog": (Watchdog, "on_step_end"),
        "trial started (watchdog)": (Watchdog, "on_trial_start"),
        "scheduler: report": (RecordedASHA, "on_trial_result"),
        "scheduler: choice": (SharedScheduler, "choose_trial_to_run"),
        "Tune: snapshot": (TuneController, "save_to_dir"),
        "Tune: everything of a step": (TuneController, "step"),
    }


def _wrap(function: Callable[..., Any], part: Part) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*values: Any, **named: Any) -> Any:
        wall, processor = time.perf_counter(), time.thread_time()
        try:
            return function(*values, **named)
        finally:
            part.wall.append(time.perf_counter() - wall)
            part.processor.append(time.thread_time() - processor)

    return call
