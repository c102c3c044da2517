"""How the images of each published data set look: their style, and what is odd about the files.

Data sets that are not in the tables look like a phone's camera on a microscope, without oddities.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from wbcray.core.errors import DataError
from wbcray.data.layouts.layout import ColourMode, Layout, Part
from wbcray.data.synthetic.classes import CLASSES
from wbcray.data.synthetic.domains import (
    ACEVEDO_LIKE,
    EXTRA_LIKE,
    INT_LIKE,
    MATEK_LIKE,
    interpolate,
)
from wbcray.data.synthetic.platelets import NAME as PLATELET
from wbcray.data.synthetic.style import DomainStyle

T = TypeVar("T")

PX_PER_UM = 10.0
"""Scale of files of which nothing better is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OddFile:
    """In what a few files differ from the others; None where they do not."""

    size: tuple[int, int] | None = None
    mode: ColourMode | None = None
    suffix: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddities:
    """What a reader of a data set must cope with.

    Attributes:
        files: Kinds of odd files; there are a few of each.
        litter: Whether there are files which a Mac left behind.
        unpacked: Way to unpack it -> folders that then stand for those in the layout's pattern;
            the usual way first.
    """

    files: tuple[OddFile, ...] = ()
    litter: bool = False
    unpacked: Mapping[str, str] = field(default_factory=dict)


_STYLES: Mapping[str, DomainStyle] = {
    "matek_19": MATEK_LIKE,
    "acevedo_20": ACEVEDO_LIKE,
    "int_20": INT_LIKE,
    "mll23": INT_LIKE,
    "hida/acevedo_20": ACEVEDO_LIKE,
    "hida/matek_19": MATEK_LIKE,
    "hida/wbc1": INT_LIKE,
    "hida/wbc2": INT_LIKE,
    # the same laboratory with another microscope and camera, another scanner of the same make
    "raabin_wbc/test_b": interpolate(EXTRA_LIKE, INT_LIKE, 0.5),
    "zheng/cellavision": ACEVEDO_LIKE,
    "zheng_sorted/cellavision": ACEVEDO_LIKE,
}
"""By data set, or by data set and part."""

_ASSUMED_SCALES: Mapping[str, float] = {
    "bccd": 6.5,
    "bccd/crops": 12.0,
    "raabin_wbc": 20.0,
    "zheng/tecom": 6.0,
    "zheng_sorted/tecom": 6.0,
}
"""Pixels per micrometre where none are published: leukocytes take about as much of the picture."""

_ODDITIES: Mapping[str, Oddities] = {
    "matek_19": Oddities(
        files=(OddFile(suffix=".TIF"), OddFile(suffix=".tif")),
        unpacked={
            "tcia": "AML-Cytomorphology_LMU/AML-Cytomorphology",
            "kaggle": "data/data",
            "flat": "",
        },
    ),
    "acevedo_20": Oddities(
        files=tuple(OddFile(size=size) for size in ((360, 360), (366, 369), (359, 360))),
        litter=True,
    ),
    "int_20": Oddities(files=(OddFile(mode="CMYK"), OddFile(mode="RGBA"))),
    "mll23": Oddities(litter=True),
}


def style_for(layout: Layout, part: Part) -> DomainStyle:
    """The style of one part of a data set; it can draw every class that the data set labels.

    Each part has random streams of its own, so that no image is in two parts or two data sets.
    """
    base = _of_part(_STYLES, layout, part) or EXTRA_LIKE
    needed = {drawn_as(layout, code) for code in layout.codes}
    priors = zip(CLASSES, base.priors, strict=True)
    return replace(
        base,
        stream=f"{layout.name}/{part.name}",
        priors=tuple(prior or int(name in needed) for name, prior in priors),
    )


def oddities_of(layout: Layout) -> Oddities:
    """What is odd about the files of a data set."""
    return _ODDITIES.get(layout.name, Oddities())


def drawn_as(layout: Layout, code: str) -> str:
    """The class, or `platelet`, that images of the raw label `code` show.

    Raises:
        DataError: For a raw label of which the layout does not say what it looks like.
    """
    if code.lower() in (PLATELET, "platelets"):
        return PLATELET
    name: Any = layout.looks_like.get(code, layout.mapping()[code])
    if name not in CLASSES:
        raise DataError(
            f"layout '{layout.name}' does not say what '{code}' looks like",
            where=f"{layout.name}.yaml",
            fix="add it to `looks_like` with one of the 13 classes",
        )
    return str(name)


def px_per_um_of(layout: Layout, part: Part) -> float:
    """Scale of the files of a part, as published or assumed."""
    return part.px_per_um or _of_part(_ASSUMED_SCALES, layout, part) or PX_PER_UM


def _of_part(table: Mapping[str, T], layout: Layout, part: Part) -> T | None:
    return table.get(f"{layout.name}/{part.name}", table.get(layout.name))
