"""Records of one search: what was asked for, what was told, and what may not change.

A damaged record does not block its study: a trial whose end is lost is open again, a trial whose
suggestion is lost is left out, and `remarks` says so.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, final

from wbcray.core.config import TrialConfig
from wbcray.core.digest import canonical_json
from wbcray.core.errors import StoreError
from wbcray.core.hyper import Scalar
from wbcray.store.commit import commit
from wbcray.store.intact import read_intact
from wbcray.store.place import Place, listed

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


@final
class StudyStore:
    """The records of one study (method x held-out domain).

    Args:
        check: Called before a suggestion or an end is recorded; raises when this process may not
            write to the run any more (`Driver.check`).
    """

    def __init__(
        self, run: Place, method: str, held_out: str, *, check: Callable[[], None] | None = None
    ) -> None:
        self.method, self.held_out = method, held_out
        self.folder = run / "studies" / f"{method}--{held_out}"
        self._check = check

    def identity(self) -> dict[str, Any] | None:
        """What the study was begun with, or None if it is new.

        Raises:
            StoreError: When that is damaged, or gone while trials are there.
        """
        path = self.folder / "study.json"
        found = read_intact(path, "study")
        if found is None and (path.exists() or self.exists()):
            raise self._without_identity("is corrupt" if path.exists() else "is gone")
        return found

    def exists(self) -> bool:
        """Whether the study has any record."""
        return bool(listed(self.folder, "*.json") or self._trials())

    @property
    def objective(self) -> str:
        """What the study maximises, as its search space says; empty where it does not say."""
        return str(self.space.get("objective", ""))

    @property
    def space(self) -> dict[str, Any]:
        """The search space as it was begun with, as JSON; empty where it does not say."""
        return dict((self.identity() or {}).get("space", {}))

    def begin(self, identity: Mapping[str, Any]) -> None:
        """Write down what may not change while the study lives."""
        commit(self.folder / "study.json", "study", identity)

    def plan(self, trials: int) -> None:
        """Write down that this many trials are wanted; the largest number counts."""
        if trials > self.planned():
            number = len(self._plans()) + 1
            while not commit(self.folder / f"plan-{number:03d}.json", "plan", {"trials": trials}):
                number += 1

    def planned(self) -> int:
        """Trials wanted so far, as far as the plans are intact."""
        plans = [read_intact(path, "plan") for path in self._plans()]
        return max((int(plan["trials"]) for plan in plans if plan), default=0)

    def remaining(self) -> int:
        """Trials that are wanted and have not ended.

        FAILED ones are wanted again, for something other than the configuration was at fault.
        """
        ended = sum(told.state != "FAILED" for told in self.told().values())
        return max(0, self.planned() - ended)

    def next_number(self) -> int:
        """The number of the next trial: above every one that was given, also to lost trials."""
        return max(map(_number, self._trials()), default=-1) + 1

    def ask(self, asked: Asked) -> None:
        """Record a suggestion, before it is trained.

        Raises:
            StoreError: When the number belongs to another suggestion already: two processes search
                at once, and this one must not train under a number that is not its own.
        """
        if self._check:
            self._check()
        payload = {
            "number": asked.number,
            "params": dict(asked.params),
            "config": asked.config.as_json(),
        }
        path = self._folder_of_trials / f"{asked.number:05d}-asked.json"
        if commit(path, "asked", payload):
            return
        found = read_intact(path, "asked")
        if found is None or canonical_json(found) != canonical_json(payload):
            raise StoreError(
                f"trial {asked.number} of {self} was asked already, with other parameters",
                where=str(path),
                fix="another process searches, too: let one go on, and stop the other",
            )

    def tell(self, told: Told) -> None:
        """Record how a trial ended; the first telling that is intact counts."""
        if self._check:
            self._check()
        name, again = f"{told.number:05d}-told", 1
        path = self._folder_of_trials / f"{name}.json"
        while not commit(path, "told", asdict(told)) and read_intact(path, "told") is None:
            again += 1
            path = self._folder_of_trials / f"{name}-{again:03d}.json"

    def asked(self) -> dict[int, Asked]:
        """All suggestions that are intact, by number."""
        return {number: _asked(data) for number, data in self._read("asked").items()}

    def suggestion(self, number: int) -> Asked | None:
        """One of them, if it was made and is intact; no other record is read."""
        data = read_intact(self._folder_of_trials / f"{number:05d}-asked.json", "asked")
        return None if data is None else _asked(data)

    def told(self) -> dict[int, Told]:
        """All ended trials by number; without those whose suggestion is lost."""
        asked = self._read("asked")
        return {n: _told(data) for n, data in self._read("told").items() if n in asked}

    def best(self) -> tuple[Asked, Told] | None:
        """The complete trial with the highest value, the earliest of equals."""
        ended = [t for t in self.told().values() if t.state == "COMPLETE" and t.value is not None]
        if not ended:
            return None
        winner = max(ended, key=lambda told: (told.value or 0.0, -told.number))
        return self.asked()[winner.number], winner

    def remarks(self) -> tuple[str, ...]:
        """What is damaged and what becomes of it, a sentence each."""
        asked, told = self._read("asked"), self._read("told")
        ended = {_number(path) for path in self._trials() if "-told" in path.name}
        lost = [
            f"trial {number} of {self}: its suggestion is lost; it is left out, and its number is "
            "not used again"
            for number in sorted({_number(path) for path in self._trials()})
            if number not in asked
        ]
        opened = [
            f"trial {number} of {self}: its end is corrupt; it is open again, and what is recorded "
            "of its folds is replayed"
            for number in sorted(ended & set(asked))
            if number not in told
        ]
        plans = [
            f"{path.name} of {self} is corrupt; {self.planned()} trials are planned without it"
            for path in self._plans()
            if read_intact(path, "plan") is None
        ]
        return (*lost, *opened, *plans)

    def __str__(self) -> str:
        return f"study '{self.method} without {self.held_out}'"

    @property
    def _folder_of_trials(self) -> Place:
        return self.folder / "trials"

    def _plans(self) -> list[Place]:
        return listed(self.folder, "plan-*.json")

    def _trials(self) -> list[Place]:
        return listed(self._folder_of_trials, "[0-9]*-*.json")

    def _read(self, kind: Literal["asked", "told"]) -> dict[int, dict[str, Any]]:
        """The first intact record of each trial."""
        found: dict[int, dict[str, Any]] = {}
        for path in self._trials():
            number = _number(path)
            if f"-{kind}" in path.name and number not in found:
                data = read_intact(path, kind)
                if data is not None and data["number"] == number:
                    found[number] = data
        return found

    def _without_identity(self, what: str) -> StoreError:
        trials = len(self._read("asked"))
        return StoreError(
            f"what {self} was begun with {what}: nobody can say whether a search now is the same",
            where=str(self.folder / "study.json"),
            fix=f"restore it from a backup, or begin a new run with --run NAME; {trials} trials "
            "and their cells remain readable here",
        )


def studies_of(run: Place) -> list[StudyStore]:
    """All studies of a run, by name."""
    named = (path.name.split("--", 1) for path in listed(run / "studies", "*--*"))
    return [study for study in (StudyStore(run, *names) for names in named) if study.exists()]


def remarks_of(run: Place) -> list[str]:
    """What is damaged in the studies of a run and what becomes of it, a sentence each."""
    return [remark for study in studies_of(run) for remark in study.remarks()]


def _number(path: Place) -> int:
    return int(path.name.partition("-")[0])


def _asked(data: Mapping[str, Any]) -> Asked:
    return Asked(**{**data, "config": TrialConfig.from_json(data["config"])})


def _told(data: Mapping[str, Any]) -> Told:
    intermediate = tuple((int(budget), float(value)) for budget, value in data["intermediate"])
    return Told(**{**data, "values": tuple(data["values"]), "intermediate": intermediate})
