"""Second opinions on labels, which some data sets come with: how far do readers agree?"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wbcray.core.errors import DataError
from wbcray.data.layouts.layout import Layout
from wbcray.data.layouts.where import find_below

_COLUMNS = 4
_NONE = "nan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reannotation:
    """What readers called one image; None where a reader was not asked.

    Attributes:
        path: As the table has it: `<class folder>/<file name>`.
        label: The raw label that the data set uses.
        first: The label on first re-annotation.
        second: The label on second re-annotation.
    """

    path: str
    label: str
    first: str | None
    second: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far two readings agree on the images that have both.

    Attributes:
        readings: Which two: of `label`, `first` and `second`.
        images: Images that have both.
        agree: Images that both call the same.
        kappa: Cohen's kappa, None where it is not defined (no images, or one label for all).
    """

    readings: tuple[str, str]
    images: int
    agree: int
    kappa: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reannotations:
    """The re-annotation table of a data set.

    Attributes:
        table: The file.
        images: One entry for each image that it lists, in its order.
    """

    table: Path
    images: tuple[Reannotation, ...]

    @property
    def reannotated(self) -> int:
        """Images that were read again at least once."""
        return sum(image.first is not None or image.second is not None for image in self.images)

    def agreements(self) -> tuple[Agreement, Agreement, Agreement]:
        """Label and first, label and second, first and second re-annotation."""
        label = [image.label for image in self.images]
        first = [image.first for image in self.images]
        second = [image.second for image in self.images]
        return (
            _agreement(("label", "first"), label, first),
            _agreement(("label", "second"), label, second),
            _agreement(("first", "second"), first, second),
        )


def read_reannotations(layout: Layout, root: Path) -> Reannotations | None:
    """The re-annotations below or beside `root`; None where the data set has none there.

    Raises:
        DataError: For a table with a line that is not path, label and two re-annotations.
    """
    table = _table(layout, root)
    if table is None:
        return None
    try:
        lines = table.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"cannot read the re-annotations: {error}", where=str(table), fix="unpack it anew"
        ) from error
    images = [
        _image(line.split(), where=f"{table}:{number}")
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    return Reannotations(table=table, images=tuple(images))


def _table(layout: Layout, root: Path) -> Path | None:
    for name in layout.reannotations:
        # a root that is the folder of the class folders has its table one folder further up
        for table in (find_below(layout, root, name), root.resolve().parent / name):
            if table is not None and table.is_file():
                return table
    return None


def _image(fields: Sequence[str], *, where: str) -> Reannotation:
    if len(fields) != _COLUMNS:
        raise DataError(
            f"a line of re-annotations has {_COLUMNS} columns (path, label, first, second), "
            f"this one {len(fields)}",
            where=where,
            fix="unpack the table anew",
        )
    path, label, first, second = fields
    return Reannotation(path=path, label=label, first=_reading(first), second=_reading(second))


def _reading(text: str) -> str | None:
    return None if text.lower() == _NONE else text


def _agreement(
    readings: tuple[str, str], one: Sequence[str | None], other: Sequence[str | None]
) -> Agreement:
    both = [(a, b) for a, b in zip(one, other, strict=True) if a is not None and b is not None]
    return Agreement(
        readings=readings,
        images=len(both),
        agree=sum(a == b for a, b in both),
        kappa=_kappa(both),
    )


def _kappa(both: Sequence[tuple[str, str]]) -> float | None:
    from sklearn.metrics import cohen_kappa_score

    if len({reading for pair in both for reading in pair}) <= 1:
        return None
    return float(cohen_kappa_score([a for a, _ in both], [b for _, b in both]))
