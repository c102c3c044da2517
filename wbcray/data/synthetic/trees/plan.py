"""Which images a part of a data set gets, and what each of its files is like."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from wbcray.core.seeding import derive_seed
from wbcray.data.layouts.layout import ColourMode, FileFormat, Layout, Part
from wbcray.data.synthetic.classes import CLASSES
from wbcray.data.synthetic.latents import draw_latents
from wbcray.data.synthetic.platelets import NAME as PLATELET
from wbcray.data.synthetic.platelets import platelet_slide
from wbcray.data.synthetic.style import DomainStyle
from wbcray.data.synthetic.trees.looks import (
    OddFile,
    drawn_as,
    oddities_of,
    px_per_um_of,
    style_for,
)

FAR_APART = 1_000_000
"""More than a raw label has images: two labels of the same look never share an image."""

BORDERED = 3
"""Every third file has the transparent border, where a data set has them."""

ODD, FIRST_ODD = 11, 3
"""Of a data set with odd files every eleventh is one, from the fourth on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedImage:
    """One file to be written.

    Attributes:
        path: Relative to the root of the data set.
        code: Raw label.
        label: Class (or `platelet`) that it is drawn as.
        index: Number of the image within its style and class.
        width: Pixels.
        height: Pixels.
        px_per_um: Scale.
        mode: Colour mode of the file.
        border: Width of the transparent border, pixels.
    """

    path: str
    code: str
    label: str
    index: int
    width: int
    height: int
    px_per_um: float
    mode: ColourMode
    border: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPlan:
    """All files of one part.

    Attributes:
        part: The part.
        style: How the images look.
        counts: Images by raw label.
        images: The files, in the order of raw labels and numbers.
    """

    part: Part
    style: DomainStyle
    counts: Mapping[str, int]
    images: tuple[PlannedImage, ...]


def counts_for(layout: Layout, part: Part, *, images: int, floor: int) -> dict[str, int]:
    """Images by raw label: as published, scaled to about `images`, but at least `floor` each.

    Where no numbers are published a class is as frequent as in its style, and raw labels of the
    same look share its images.
    """
    published: Mapping[str, float] = part.published or _as_in_the_style(layout, part)
    share = images / sum(published.values())
    return {code: max(round(share * n), floor) for code, n in published.items() if n}


def _as_in_the_style(layout: Layout, part: Part) -> dict[str, float]:
    priors = dict(zip(CLASSES, style_for(layout, part).priors, strict=True))
    alike = Counter(drawn_as(layout, code) for code in layout.codes)
    shares = {name: priors.get(name, 1) / n for name, n in alike.items()}
    return {code: shares[drawn_as(layout, code)] for code in layout.codes}


def plan_part(
    layout: Layout, part: Part, *, counts: Mapping[str, int], unpacked: str | None, shrink: int
) -> PartPlan:
    """The files of one part.

    Args:
        layout: The data set.
        part: One of its parts.
        counts: Images by raw label.
        unpacked: Folders that stand for those with which the layout's pattern begins, if any.
        shrink: What width, height, border and scale are divided by.
    """
    frame = _Frame(
        layout=layout,
        part=part,
        pattern=_pattern(layout.files_of(part), part.under[0], unpacked),
        shrink=shrink,
    )
    return PartPlan(
        part=part,
        style=style_for(layout, part),
        counts=counts,
        images=tuple(frame.images(counts)),
    )


def slide_number(style: DomainStyle, image: PlannedImage, *, seed: int) -> int:
    """The slide, and so the patient, that an image is from."""
    if image.label == PLATELET:
        return platelet_slide(style, seed=seed, index=image.index)
    return draw_latents(style, image.label, seed=seed, index=image.index).slide


def _pattern(files: FileFormat, under: str, unpacked: str | None) -> str:
    if unpacked is None:
        return str(PurePosixPath(under) / files.pattern)
    return str(PurePosixPath(unpacked) / files.pattern[files.pattern.index("{") :])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """What all files of a part have in common."""

    layout: Layout
    part: Part
    pattern: str
    shrink: int

    def images(self, counts: Mapping[str, int]) -> Iterator[PlannedImage]:
        """The files in the order of raw labels."""
        alike: Counter[str] = Counter()
        numbers = self._numbers(sum(counts.values()))
        for rank, (code, count) in enumerate(counts.items()):
            label = drawn_as(self.layout, code)
            first = alike[label] * FAR_APART
            alike[label] += 1
            for place in range(count):
                number = place + 1 if "{code" in self.pattern else next(numbers)
                yield self._planned(code, label, number, first + place, turn=rank + place)

    def _numbers(self, total: int) -> Iterator[int]:
        """Numbers for names without the label, which must not tell it by their order either."""
        seed = derive_seed(0, "numbers", self.layout.name, self.part.name)
        return iter((np.random.default_rng(seed).permutation(total) + 1).tolist())

    def _planned(
        self, code: str, label: str, number: int, index: int, *, turn: int
    ) -> PlannedImage:
        files, odd = self.layout.files_of(self.part), self._oddity(turn)
        folder = self.layout.folders_of(code)[0]
        path = PurePosixPath(self.pattern.format(code=code, folder=folder, number=number))
        width, height = odd.size or (files.width, files.height)
        bordered = odd == OddFile() and turn % BORDERED == 0
        return PlannedImage(
            path=str(path.with_suffix(odd.suffix or path.suffix)),
            code=code,
            label=label,
            index=index,
            width=width // self.shrink,
            height=height // self.shrink,
            px_per_um=px_per_um_of(self.layout, self.part) / self.shrink,
            mode=odd.mode or files.mode,
            border=math.ceil(files.transparent_border / self.shrink) if bordered else 0,
        )

    def _oddity(self, turn: int) -> OddFile:
        kinds = oddities_of(self.layout).files
        if not kinds or turn % ODD != FIRST_ODD:
            return OddFile()
        return kinds[turn // ODD % len(kinds)]
