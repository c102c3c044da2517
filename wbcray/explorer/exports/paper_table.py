"""A table as a paper prints it: texts, which of them are best, and what must be said below."""

from dataclasses import dataclass
from typing import final

BEST = "best"
TIED = "tied"
PLAIN = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One text of a table; `mark` is `BEST`, `TIED` (with the best) or `PLAIN`."""

    text: str
    mark: str = PLAIN


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTable:
    """A table whose texts nobody has escaped yet.

    Attributes:
        name: Of its file or label: letters, digits and hyphens.
        title: What it shows, one sentence without a full stop.
        groups: Headings over several columns and how many each spans; empty for none. They cover
            all columns.
        header: Heads of the columns; the first column holds names.
        rows: As many entries each as the header has.
        notes: Sentences that belong to the numbers: what ± is, how many folds, watermarks.
    """

    name: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Entry, ...], ...]
    notes: tuple[str, ...]
    groups: tuple[tuple[str, int], ...] = ()
