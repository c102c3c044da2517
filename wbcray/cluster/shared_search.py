"""The searches of several studies as one: whose trial a free slot gets."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, final

from ray.tune.search import Searcher

from wbcray.cluster.ending import VALUE
from wbcray.cluster.gate import GatedFIFO
from wbcray.cluster.pruning import RecordedASHA
from wbcray.cluster.supervisor import Supervisor

AT_ONCE = 2
"""Trials that a study runs at once before the next study gets a slot.

With two at once a search learns nearly what it learns with one (docs/scale.md); with one, the two
slots of a laptop would begin every study and finish none.
"""


@dataclass(slots=True, kw_only=True)
class Part:
    """A study's part in a sitting.

    Attributes:
        search, scheduler: Of this study alone.
        left: Trials that are still to be suggested.
        running: Ids of the Tune trials that have been suggested and are not over.
    """

    method: str
    search: Searcher
    scheduler: RecordedASHA | GatedFIFO
    left: int
    running: set[str] = field(default_factory=set)


@final
class SharedSearch(Searcher):  # type: ignore[misc]  # Ray is untyped
    """Hands each free slot to a study, which suggests the trial.

    The first study that runs fewer than `AT_ONCE` trials is asked. When all run as many, it is the
    one that runs the fewest. So two slots work on one study after the other, as a person likes to
    see one finished; many are shared among the studies, as a suggestion should know the trials
    before it; and none stands idle while a study has a trial left.

    Args:
        parts: The studies, in the order in which they are to be searched.
        supervisor: Who knows which methods were stopped.
    """

    def __init__(self, parts: Sequence[Part], supervisor: Supervisor) -> None:
        super().__init__(metric=VALUE, mode="max")
        self._parts, self._supervisor = parts, supervisor
        self._part_of: dict[str, Part] = {}

    def part_of(self, trial_id: str) -> Part:
        """The study of a trial that was suggested."""
        return self._part_of[trial_id]

    def suggest(self, trial_id: str) -> Any:
        """A study's next task; that there are none left; None while the only ones have to wait."""
        for part in self._in_turn():
            suggested = part.search.suggest(trial_id)
            if suggested is None:  # its configuration is being trained
                continue
            if suggested == Searcher.FINISHED:
                if self._supervisor.trip_of(part.method) is None:
                    return Searcher.FINISHED  # the sitting ends, or the disk has no room
                part.left = 0
                continue
            part.left -= 1
            part.running.add(trial_id)
            self._part_of[trial_id] = part
            return suggested
        return None if any(part.left for part in self._parts) else Searcher.FINISHED

    def on_trial_result(self, trial_id: str, result: dict[str, Any]) -> None:
        """Tell the trial's study."""
        self._part_of[trial_id].search.on_trial_result(trial_id, result)

    def on_trial_complete(
        self,
        trial_id: str,
        result: dict[str, Any] | None = None,
        error: bool = False,  # noqa: FBT001, FBT002  # Ray's signature
    ) -> None:
        """Tell the trial's study, which has a slot less from now on."""
        part = self._part_of[trial_id]
        part.running.discard(trial_id)
        part.search.on_trial_complete(trial_id, result, error)

    def __reduce__(self) -> tuple[Any, ...]:
        """Tune pickles its searcher into a file that is never read."""
        return Searcher, ()

    def save(self, checkpoint_path: str) -> None:
        """Write nothing: the records are the truth."""

    def restore(self, checkpoint_path: str) -> None:
        """Read nothing; see `save`."""

    def _in_turn(self) -> list[Part]:
        """The studies that have trials left; of equals the first planned comes first."""
        left = [part for part in self._parts if part.left]
        return sorted(left, key=lambda part: max(len(part.running), AT_ONCE - 1))
