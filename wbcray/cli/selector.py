"""`wbcray compare --selection`: which scores choose, and what is asked before an oracle may."""

from enum import StrEnum

from wbcray.core.errors import RefusedError, UsageError


class Selector(StrEnum):
    """Which scores choose among the complete trials of a study."""

    VALIDATION = "validation"
    ORACLE = "oracle"


def refuse_careless(selection: Selector, *, peeks: bool) -> None:
    """Ask twice before held-out scores choose.

    Raises:
        RefusedError: For an oracle without the flag that says so.
        UsageError: For the flag without an oracle.
    """
    if selection is Selector.ORACLE and not peeks:
        raise RefusedError(
            "an oracle opens the held-out counts of every complete trial and chooses by them: its "
            "scores are optimistic and no result, and the openings stay on record for good",
            where="--selection oracle",
            fix="leave it out to select on validation, or add --i-know-this-peeks",
        )
    if peeks and selection is Selector.VALIDATION:
        raise UsageError(
            "selection on validation does not peek",
            where="--i-know-this-peeks",
            fix="leave it out, or add --selection oracle",
        )
