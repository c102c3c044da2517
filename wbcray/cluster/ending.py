"""How a task ended: one value for all who ask, and the plain one that Ray carries it in."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from wbcray.core.errors import InfeasibleError, ResourceError, WbcrayError

VALUE = "value"
BUDGET = "budget"
STATE = "state"
"""Keys of a report: running objective, epochs spent, and in the last one how the task ended."""

State = Literal["COMPLETE", "FAILED", "INFEASIBLE"]

_KINDS: Mapping[str, type[WbcrayError]] = {
    WbcrayError.code: WbcrayError,
    **{kind.code: kind for kind in WbcrayError.__subclasses__()},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEnding:
    """How a task ended for good: with a result, or with an error that would come again.

    Attributes:
        values: The objective of each fold that was finished.
        budget: More than all epochs, so that the last report is none of an epoch.
        code: Of the error's class; empty where the task completed.
        what, where, fix: The error's texts.
    """

    values: tuple[float, ...]
    budget: int
    code: str = ""
    what: str = ""
    where: str = ""
    fix: str = ""

    @classmethod
    def failed(cls, error: WbcrayError, *, values: tuple[float, ...], budget: int) -> "TaskEnding":
        """The ending of a task that an error ended."""
        return cls(
            values=values,
            budget=budget,
            code=error.code,
            what=error.what,
            where=error.where,
            fix=error.fix,
        )

    @property
    def value(self) -> float:
        """The mean over folds; 0 where none was finished."""
        return sum(self.values) / len(self.values) if self.values else 0.0

    @property
    def state(self) -> State:
        """In the words that our records use."""
        if not self.code:
            return "COMPLETE"
        return "INFEASIBLE" if self.code == InfeasibleError.code else "FAILED"

    @property
    def error(self) -> WbcrayError | None:
        """What ended the task, as it was raised; None where it completed.

        A ResourceError is neither the configuration's fault nor the data's: such a task is to be
        taken up again.
        """
        if not self.code:
            return None
        return _KINDS[self.code](self.what, where=self.where, fix=self.fix)

    def as_metrics(self) -> dict[str, Any]:
        """The last report, of values that JSON knows; `from_metrics` is the inverse."""
        told = asdict(self) | {"values": list(self.values)}
        return told | {VALUE: self.value, STATE: self.state}

    @classmethod
    def from_metrics(cls, metrics: Mapping[str, Any]) -> "TaskEnding | None":
        """The ending that a report tells, whatever Ray added to it; None where it tells none."""
        if not metrics.get(STATE):
            return None
        told = {item.name: metrics[item.name] for item in fields(cls)}
        return cls(**told | {"values": tuple(told["values"])})


def check_ended(ending: TaskEnding | None, *, run: str) -> None:
    """Refuse what is no result.

    Args:
        ending: What the workers said; None where they said nothing.
        run: The run's folder.

    Raises:
        WbcrayError: What ended the task, of its own class; a ResourceError where nobody said it.
    """
    if ending is None:
        raise ResourceError(
            "the workers ended without a result",
            where=run,
            fix="see that every node can write to the run's folder and that its disk has room, "
            "then run the same command again",
        )
    if ending.error is not None:
        raise ending.error
