"""Records of one search: what was asked for, what was told, and what may not change.

A damaged record does not block its study: a trial whose end is lost is open again, a trial whose
suggestion is lost is left out, and `remarks` says so.
"""

from collections.abc import Callable, Mapping
from typing import Any, final

from wbcray.core.digest import canonical_json
from wbcray.core.errors import StoreError
from wbcray.store.commit import commit
from wbcray.store.intact import read_intact
from wbcray.store.place import Place, listed
from wbcray.store.study_contents import ASKED, TOLD, Asked, StudyContents, Told, number_in


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
        return max((number_in(path.name) for path in self._trials()), default=-1) + 1

    def ask(self, asked: Asked) -> None:
        """Record a suggestion, before it is trained.

        Raises:
            StoreError: When the number belongs to another suggestion already: two processes search
                at once, and this one must not train under a number that is not its own.
        """
        if self._check:
            self._check()
        payload = asked.as_json()
        path = self._folder_of_trials / f"{asked.number:05d}-asked.json"
        if commit(path, ASKED, payload):
            return
        found = read_intact(path, ASKED)
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
        while not commit(path, TOLD, told.as_json()) and read_intact(path, TOLD) is None:
            again += 1
            path = self._folder_of_trials / f"{name}-{again:03d}.json"

    def contents(self) -> StudyContents:
        """Everything about its trials, each record read once."""
        return StudyContents(
            (path.name, read_intact(path, TOLD if f"-{TOLD}" in path.name else ASKED))
            for path in self._trials()
        )

    def asked(self) -> dict[int, Asked]:
        """As `StudyContents.asked`."""
        return self.contents().asked()

    def suggestion(self, number: int) -> Asked | None:
        """One of them, if it was made and is intact; no other record is read."""
        data = read_intact(self._folder_of_trials / f"{number:05d}-asked.json", ASKED)
        return None if data is None else Asked.from_json(data)

    def told(self) -> dict[int, Told]:
        """As `StudyContents.told`."""
        return self.contents().told()

    def best(self) -> tuple[Asked, Told] | None:
        """As `StudyContents.best`."""
        return self.contents().best()

    def remarks(self, contents: StudyContents) -> tuple[str, ...]:
        """What of the study, which has these contents, is damaged, and what becomes of it."""
        lost = [
            f"trial {number} of {self}: its suggestion is lost; it is left out, and its number is "
            "not used again"
            for number in contents.lost()
        ]
        opened = [
            f"trial {number} of {self}: its end is corrupt; it is open again, and what is recorded "
            "of its folds is replayed"
            for number in contents.opened()
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

    def _without_identity(self, what: str) -> StoreError:
        trials = len(self.contents().asked())
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
    return [remark for study in studies_of(run) for remark in study.remarks(study.contents())]
