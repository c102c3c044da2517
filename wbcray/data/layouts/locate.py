"""Find the images of a data set, wherever its root is and however it was unpacked."""

from dataclasses import dataclass
from pathlib import Path

from wbcray.data.layouts.layout import Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """One image of a published data set.

    Attributes:
        path: Relative to the root that was given, with `/`.
        code: Raw label; None in a part without labels.
        patient: Who it is from, None where that is not known.
    """

    path: str
    code: str | None
    patient: str | None


def locate(layout: Layout, root: Path, *, part: str | None = None) -> list[Located]:
    """The images of one part, sorted by path."""
    raise NotImplementedError
