"""Every record of a run, read again and hashed again."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from wbcray.store.cell import KIND as CELL
from wbcray.store.cell import SEALED_KIND
from wbcray.store.intact import read_one_of
from wbcray.store.record_files import record_files
from wbcray.store.record_kinds import OTHER_ATTEMPT, Parts, RecordKind

Look = Callable[[Parts, str, Mapping[str, Any]], Iterable[str]]
"""Given path, kind and payload of a record that is unchanged; says what is wrong inside."""

CORRUPT = "corrupt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that is not as it was written, or cannot be right.

    Attributes:
        path: Below the run folder.
        what: `corrupt`, or what is wrong inside.
        concerns: What the record is about.
        then: What becomes of it, or what to do.
    """

    path: str
    what: str
    concerns: str
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What was found; `superseded` are valid results of a cell that do not count.

    `problems`: of corrupt records; `wrong`: of unchanged ones that cannot be right.
    """

    records: int
    valid: int
    superseded: int
    problems: tuple[Problem, ...]
    wrong: tuple[Problem, ...] = ()

    @property
    def corrupt_paths(self) -> tuple[str, ...]:
        """Where the corrupt records lie."""
        return tuple(problem.path for problem in self.problems)

    @property
    def corrupt(self) -> int:
        """Records that cannot be read or have changed."""
        return len(self.problems)

    def as_json(self) -> dict[str, Any]:
        """The contract's four numbers."""
        return {
            "records": self.records,
            "valid": self.valid,
            "corrupt": self.corrupt,
            "superseded": self.superseded,
        }


def audit(run: Path, look: Look | None = None) -> Audit:
    """Check every record of `run`; `look` may look into each that is unchanged.

    Raises:
        StoreError: For a record of a newer wbcray.
        ResourceError: When the system does not give a record.
    """
    records = valid = late = 0
    halves: set[Parts] = set()
    accepted: Counter[Parts] = Counter()
    problems: list[Problem] = []
    wrong: list[Problem] = []
    for kind, paths in record_files(run):
        for parts in paths:
            path = run.joinpath(*parts)
            found = read_one_of(path, kind.kinds)
            records += 1
            if found is not None and found[0] == SEALED_KIND:
                halves.add(parts[1:])
            if found is None or (found[0] == CELL and not _other_half(run, parts).exists()):
                problems.append(_problem(kind, parts, CORRUPT))
                continue
            valid += 1
            late += parts[-1].startswith("late-")
            if found[0] == CELL and parts[1:] in halves:
                accepted[parts[1:3]] += 1
            if look is not None:
                wrong += [_problem(kind, parts, what) for what in look(parts, *found)]
    return Audit(
        records=records,
        valid=valid,
        superseded=late + sum(accepted.values()) - len(accepted),
        problems=tuple(_of_superseded(problem, accepted) for problem in problems),
        wrong=tuple(wrong),
    )


def _other_half(run: Path, parts: Parts) -> Path:
    """The held-out counts of a result; a result that lost them counts for nothing."""
    return run.joinpath("sealed", *parts[1:3], parts[-1].replace("late-", "attempt-"))


def _problem(kind: RecordKind, parts: Parts, what: str) -> Problem:
    then = kind.then if what == CORRUPT else "tell who keeps the run; do not use the result"
    return Problem(path="/".join(parts), what=what, concerns=kind.concerns(parts), then=then)


def _of_superseded(problem: Problem, accepted: Counter[Parts]) -> Problem:
    """The same, knowing whether the cell has another result."""
    top, *rest = problem.path.split("/")
    if top in ("cells", "sealed") and accepted[tuple(rest[:2])]:
        return replace(problem, then=OTHER_ATTEMPT)
    return problem
