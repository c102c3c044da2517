"""What can go wrong for a user: each error says what, where and how to fix it.

The leaves are the exit codes of the command line, so that "which error is this" and "which exit
code" are one question.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar, final


class WbcrayError(Exception):
    """A problem the user can act on; printed without a traceback.

    Args:
        what: The problem, with the value that was given.
        where: File and line, row, path or option; empty where there is no better place.
        fix: One edit or command that mends it.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the three texts when the error crosses a process border."""
        return _rebuild, (type(self), self.what, self.where, self.fix)

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"where: {self.where}")
        if self.fix:
            lines.append(f"fix: {self.fix}")
        return "\n  ".join(lines)


def _rebuild(kind: type[WbcrayError], what: str, where: str, fix: str) -> WbcrayError:
    return kind(what, where=where, fix=fix)


@final
class UsageError(WbcrayError):
    """A command, option, configuration file or search space that cannot be meant."""

    code = "usage"
    exit_code = 2


@final
class DataError(WbcrayError):
    """Images, labels or folders that cannot be used as they are."""

    code = "data"
    exit_code = 3


@final
class StoreError(WbcrayError):
    """A run folder, record or checkpoint that is damaged, locked or too new."""

    code = "store"
    exit_code = 4


@final
class ResourceError(WbcrayError):
    """Something the machine, the cluster or the network does not provide."""

    code = "environment"
    exit_code = 5


@final
class RefusedError(WbcrayError):
    """A guard rail: it could be done, but the result would mislead or lose work."""

    code = "refused"
    exit_code = 7


@final
class InfeasibleError(WbcrayError):
    """A configuration that cannot be trained (non-finite loss, out of memory): never retried."""

    code = "infeasible"
    exit_code = 6


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """The sentence that helps after a typo: the nearest names, or the list of all."""
    names = sorted(known)
    in_lower_case = {name.lower(): name for name in names}
    near = get_close_matches(given.lower(), in_lower_case, n=1, cutoff=0.6)
    listing = f"known: {', '.join(names)}" if names else "there are none"
    return f"did you mean '{in_lower_case[near[0]]}'? ({listing})" if near else listing


def unknown_name(kind: str, given: str, known: Iterable[str], *, where: str = "") -> UsageError:
    """The error for a name that is not in a table."""
    return UsageError(f"unknown {kind} '{given}'", where=where, fix=did_you_mean(given, known))
