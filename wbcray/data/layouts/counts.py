"""Compare the images that were found with what was published: to warn with, never to refuse."""

from collections.abc import Mapping
from dataclasses import dataclass

from wbcray.data.layouts.layout import Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRow:
    """One raw label.

    Attributes:
        code: Raw label.
        expected: Images as published, None where that is not known.
        found: Images that are there.
    """

    code: str
    expected: int | None
    found: int

    @property
    def difference(self) -> int | None:
        """How many images there are too many (below 0: too few), None where nobody can say."""
        return None if self.expected is None else self.found - self.expected


@dataclass(frozen=True, slots=True, kw_only=True)
class CountReport:
    """Expected and found images of one part.

    Attributes:
        layout: Name of the data set.
        part: Name of the part.
        rows: A row for each raw label, in the order of the default mapping.
        swapped: Pairs of raw labels of which the first should be the more frequent one and is
            not, as when somebody took one for the other while unpacking.
    """

    layout: str
    part: str
    rows: tuple[CountRow, ...]
    swapped: tuple[tuple[str, str], ...]

    @property
    def differs(self) -> bool:
        """Whether any raw label has other than the published number of images."""
        return any(row.difference for row in self.rows)

    @property
    def is_known(self) -> bool:
        """Whether there are published numbers to compare with."""
        return any(row.expected is not None for row in self.rows)


def count_report(layout: Layout, part: str | None, found: Mapping[str, int]) -> CountReport:
    """How the images of `part`, counted by raw label in `found`, compare with what was published.

    Raises:
        UsageError: For a part that the layout does not have.
    """
    chosen = layout.part(part)
    rows = tuple(
        CountRow(code=code, expected=chosen.published.get(code), found=found.get(code, 0))
        for code in layout.codes
    )
    swapped = tuple(
        (more, less) for more, less in layout.more_of if found.get(more, 0) < found.get(less, 0)
    )
    return CountReport(layout=layout.name, part=chosen.name, rows=rows, swapped=swapped)
