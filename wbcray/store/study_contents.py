"""What the records of a study say about its trials, as it was when they were read, once."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, final

from wbcray.core.config import TrialConfig
from wbcray.core.hyper import Scalar

ASKED = "asked"
TOLD = "told"
TrialState = Literal["COMPLETE", "PRUNED", "FAILED", "INFEASIBLE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A suggestion, recorded before it is trained."""

    number: int
    params: Mapping[str, Scalar]
    config: TrialConfig

    def as_json(self) -> dict[str, Any]:
        """The payload of its record."""
        return {
            "number": self.number,
            "params": dict(self.params),
            "config": self.config.as_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Asked":
        """The suggestion that `as_json` wrote."""
        return cls(**{**data, "config": TrialConfig.from_json(data["config"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How a trial ended.

    Attributes:
        number: As in `Asked`.
        state: PRUNED trials were stopped early and are never ranked; INFEASIBLE means that the
            configuration is at fault, FAILED that something else was.
        value: Mean over folds of the study's objective; None unless COMPLETE.
        values: The objective on the validation images of each fold.
        intermediate: (epochs spent over all folds, running value) as reported.
        budget: Epochs spent over all folds.
    """

    number: int
    state: TrialState
    value: float | None
    values: tuple[float, ...]
    intermediate: tuple[tuple[int, float], ...]
    budget: int
    seconds: float
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        """The payload of its record."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Told":
        """The end that `as_json` wrote."""
        intermediate = tuple((int(budget), float(value)) for budget, value in data["intermediate"])
        return cls(**{**data, "values": tuple(data["values"]), "intermediate": intermediate})


def number_in(name: str) -> int:
    """The trial that a record of this name is about."""
    return int(name.partition("-")[0])


@final
class StudyContents:
    """The trials of a study, of each kind of record the first that is intact.

    Reading is most of what large runs cost, so who needs several answers asks one of these.

    Args:
        records: Name and payload of each record in the folder of trials, in the order of names;
            None where it is damaged.
    """

    def __init__(self, records: Iterable[tuple[str, Mapping[str, Any] | None]]) -> None:
        self._asked: dict[int, Mapping[str, Any]] = {}
        self._told: dict[int, Mapping[str, Any]] = {}
        self._numbers: set[int] = set()
        self._ended: set[int] = set()
        for name, data in records:
            number = number_in(name)
            self._numbers.add(number)
            if is_end := f"-{TOLD}" in name:
                self._ended.add(number)
            found = self._told if is_end else self._asked
            if data is not None and data["number"] == number:
                found.setdefault(number, data)
        self._ends = {n: Told.from_json(one) for n, one in self._told.items() if n in self._asked}

    def asked(self) -> dict[int, Asked]:
        """All suggestions that are intact, by number."""
        return {number: Asked.from_json(data) for number, data in self._asked.items()}

    def told(self) -> dict[int, Told]:
        """All ended trials by number; without those whose suggestion is lost."""
        return dict(self._ends)

    def running(self) -> set[int]:
        """Numbers of the trials that have not ended."""
        return set(self._asked) - set(self._ends)

    def best(self) -> tuple[Asked, Told] | None:
        """The complete trial with the highest value, the earliest of equals."""
        ended = [t for t in self._ends.values() if t.state == "COMPLETE" and t.value is not None]
        if not ended:
            return None
        winner = max(ended, key=lambda told: (told.value or 0.0, -told.number))
        return Asked.from_json(self._asked[winner.number]), winner

    def lost(self) -> list[int]:
        """Numbers of the trials whose suggestion is damaged."""
        return sorted(self._numbers - set(self._asked))

    def opened(self) -> list[int]:
        """Numbers of the trials that are open again, because their end is damaged."""
        return sorted((self._ended & set(self._asked)) - set(self._told))
