"""Where methods were measured, so that they can be compared; cheap to ask."""

from wbcray.explorer.reading.tables import UNSEEN, VALIDATION, RunTables
from wbcray.explorer.view import measured

PLACES = {UNSEEN: "unseen domain", VALIDATION: "source validation"}


def methods_there(tables: RunTables, split: str, held_out: str) -> frozenset[str]:
    """Methods with counts on one split of one held-out domain."""
    cells = tables.cells[tables.cells["held_out"] == held_out]
    if split == UNSEEN:
        cells = cells[cells["test_opened"].astype(bool)]
    return frozenset(map(str, cells["method"].unique()))


def comparable(tables: RunTables, reference: str) -> tuple[tuple[str, str], ...]:
    """Splits and held-out domains with the reference and another method that is no oracle's."""
    return tuple(
        (split, held_out)
        for split, held_out in measured(tables)
        if reference in (found := methods_there(tables, split, held_out) - tables.oracle)
        and len(found) > 1
    )


def splits_of(places: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """The splits among places, each once, in their order."""
    return tuple(dict.fromkeys(split for split, _ in places))
