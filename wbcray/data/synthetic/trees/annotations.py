"""Second opinions on labels, and what the labels stand for, as Matek_19 comes with them.

A reader sees the leukocyte, not its label: where the label is wrong, the second opinion mostly is
the class that is shown, and a reader too takes one class for another now and then.
"""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

import numpy as np

from wbcray.core.seeding import derive_seed
from wbcray.data.layouts.layout import Layout
from wbcray.data.synthetic.classes import CLASSES, morphology
from wbcray.data.synthetic.latents import draw_latents
from wbcray.data.synthetic.trees.looks import drawn_as
from wbcray.data.synthetic.trees.plan import PartPlan, PlannedImage

READ_AGAIN = 0.2
"""Share of images that two readers see again."""

DISAGREEMENT = 0.08
"""Probability that a reader takes a class for another one."""

NOBODY = "nan"


def annotation_lines(layout: Layout, plan: PartPlan, *, seed: int) -> Iterator[str]:
    """`<folder>/<file> annotation first second` for every image; `nan` for no second opinion."""
    codes = _code_of_class(layout, plan.counts)
    for image in plan.images:
        name = "/".join(PurePosixPath(image.path).parts[-2:])
        first, second = _opinions(plan, image, codes, seed=seed)
        yield f"{name} {image.code} {first} {second}"


def abbreviation_lines(layout: Layout) -> Iterator[str]:
    """What each raw label stands for."""
    for code in layout.codes:
        yield f"{code}\t{drawn_as(layout, code).replace('_', ' ')}"


def _code_of_class(layout: Layout, counts: Mapping[str, int]) -> dict[str, str]:
    """The most frequent raw label of every class."""
    rarest_first = sorted(counts, key=lambda code: counts[code])
    return {drawn_as(layout, code): code for code in rarest_first}


def _opinions(
    plan: PartPlan, image: PlannedImage, codes: Mapping[str, str], *, seed: int
) -> tuple[str, str]:
    style = plan.style
    names = ("opinions", style.stream, image.code, image.index)
    rng = np.random.default_rng(derive_seed(seed, *names))
    again, *readers = rng.random(5).tolist()
    if image.label not in CLASSES or again >= READ_AGAIN:
        return NOBODY, NOBODY
    actual = draw_latents(style, image.label, seed=seed, index=image.index).actual
    seen = image.code if actual == image.label else codes.get(actual, image.code)
    others = [codes[name] for name in morphology(actual).confused_with if name in codes]

    def opinion(errs: float, which: float) -> str:
        return others[int(which * len(others))] if others and errs < DISAGREEMENT else seen

    return opinion(*readers[:2]), opinion(*readers[2:])
