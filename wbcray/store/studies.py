"""Records of one search: what was asked for, what was told, and what may not change."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, final

from wbcray.core.config import TrialConfig
from wbcray.core.hyper import Scalar
from wbcray.store.commit import commit, read

TrialState = Literal["COMPLETE", "PRUNED", "FAILED", "INFEASIBLE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A suggestion, recorded before it is trained."""

    number: int
    params: Mapping[str, Scalar]
    config: TrialConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How a trial ended.

    Attributes:
        number: As in `Asked`.
        state: PRUNED trials were stopped early and are never ranked; INFEASIBLE means that the
            configuration is at fault, FAILED that something else was.
        value: Mean over folds of validation macro F1; None unless COMPLETE.
        values: Validation macro F1 of each fold.
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


@final
class StudyStore:
    """The records of one study (method x held-out domain)."""

    def __init__(self, run: Path, method: str, held_out: str) -> None:
        self.method, self.held_out = method, held_out
        self.folder = run / "studies" / f"{method}--{held_out}"

    def identity(self) -> dict[str, Any] | None:
        """What the study was begun with, or None if it is new."""
        path = self.folder / "study.json"
        return read(path, "study") if path.exists() else None

    def begin(self, identity: Mapping[str, Any]) -> None:
        """Write down what may not change while the study lives."""
        commit(self.folder / "study.json", "study", identity)

    def plan(self, trials: int) -> None:
        """Write down that this many trials are wanted; the largest number counts."""
        if trials > self.planned():
            number = len(list(self.folder.glob("plan-*.json"))) + 1
            while not commit(self.folder / f"plan-{number:03d}.json", "plan", {"trials": trials}):
                number += 1

    def planned(self) -> int:
        """Trials wanted so far."""
        plans = self.folder.glob("plan-*.json")
        return max((int(read(path, "plan")["trials"]) for path in plans), default=0)

    def remaining(self) -> int:
        """Trials that are wanted and have not ended.

        FAILED ones are wanted again, for something other than the configuration was at fault.
        """
        ended = sum(told.state != "FAILED" for told in self.told().values())
        return max(0, self.planned() - ended)

    def ask(self, asked: Asked) -> None:
        """Record a suggestion; a number that is taken keeps its first suggestion."""
        payload = {
            "number": asked.number,
            "params": dict(asked.params),
            "config": asked.config.as_json(),
        }
        commit(self._trial(asked.number, "asked"), "asked", payload)

    def tell(self, told: Told) -> None:
        """Record how a trial ended; the first telling counts."""
        commit(self._trial(told.number, "told"), "told", asdict(told))

    def asked(self) -> dict[int, Asked]:
        """All suggestions by number."""
        found = {}
        for path in sorted((self.folder / "trials").glob("*-asked.json")):
            data = read(path, "asked")
            found[data["number"]] = Asked(
                number=data["number"],
                params=data["params"],
                config=TrialConfig.from_json(data["config"]),
            )
        return found

    def told(self) -> dict[int, Told]:
        """All ended trials by number."""
        found = {}
        for path in sorted((self.folder / "trials").glob("*-told.json")):
            data = read(path, "told")
            data["values"] = tuple(data["values"])
            data["intermediate"] = tuple((int(b), float(v)) for b, v in data["intermediate"])
            found[data["number"]] = Told(**data)
        return found

    def best(self) -> tuple[Asked, Told] | None:
        """The complete trial with the highest value, the earliest of equals."""
        complete = [
            t for t in self.told().values() if t.state == "COMPLETE" and t.value is not None
        ]
        if not complete:
            return None
        winner = max(complete, key=lambda told: (told.value or 0.0, -told.number))
        return self.asked()[winner.number], winner

    def _trial(self, number: int, what: str) -> Path:
        return self.folder / "trials" / f"{number:05d}-{what}.json"


def studies_of(run: Path) -> list[StudyStore]:
    """All studies of a run, by name."""
    folders = sorted((run / "studies").glob("*--*/study.json"))
    return [StudyStore(run, *path.parent.name.split("--", 1)) for path in folders]
