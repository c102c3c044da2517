"""What is drawn before anything is painted: the slide, the true class and the maturity.

Every draw hangs on its own named stream, so an image never depends on which others were made.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Float64

from wbcray.core.seeding import derive_seed
from wbcray.data.synthetic.classes import (
    CLASSES,
    at_maturity,
    maturity_range,
    morphology,
)
from wbcray.data.synthetic.morphology import Morphology
from wbcray.data.synthetic.stain import DYES
from wbcray.data.synthetic.style import DomainStyle

MATURITY_OVERLAP = 0.05
"""How far beyond a maturation threshold two experts still disagree."""

LEUKAEMIC_GAIN_SD = 0.12
"""Extra spread of the stain's strength on slides of leukaemia patients."""

DARK_FACTOR = 0.7
"""Light in the old, dark acquisition against the usual one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageLatents:
    """The hidden facts behind one image.

    Attributes:
        slide: Number of the slide (patient) within the domain.
        actual: The class that is shown; differs from the label where the label is wrong.
        maturity: Position in the granulocyte series, or None outside it.
        dark: Whether it is from the old, dark acquisition.
    """

    slide: int
    actual: str
    maturity: float | None
    dark: bool

    def morphology(self) -> Morphology:
        """The class as it looks at this maturity."""
        if self.maturity is None:
            return morphology(self.actual)
        return replace(at_maturity(self.maturity), name=self.actual)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slide:
    """Everything that all images of one slide share.

    Attributes:
        gain: Strength of the stain.
        background: RGB of the empty smear.
        hues: Shift of each dye's colour in 8-bit steps.
        blur: Factor on the domain's blur.
        size: Factor on the size of leukocytes.
        crowding: Factor on the number of erythrocytes.
    """

    gain: float
    background: Float64[npt.NDArray[Any], " 3"]
    hues: Float64[npt.NDArray[Any], "dyes 3"]
    blur: float
    size: float
    crowding: float


def draw_latents(style: DomainStyle, label: str, *, seed: int, index: int) -> ImageLatents:
    """The hidden facts of image `index` of class `label`."""
    rng = np.random.default_rng(derive_seed(seed, "latents", style.stream, label, index))
    wrong, slide_draw, home_draw, maturity_draw, dark_draw, other_draw = rng.random(6).tolist()
    others = [name for name in morphology(label).confused_with if name in style.classes]
    actual = label
    if others and wrong < style.label_noise:
        actual = others[int(other_draw * len(others))]
    slides = _possible_slides(style, actual, at_home=home_draw < style.slides.confounding)
    return ImageLatents(
        slide=slides[int(slide_draw * len(slides))],
        actual=actual,
        maturity=_maturity(actual, maturity_draw),
        dark=dark_draw < style.slides.dark,
    )


def neighbour_of(style: DomainStyle, rng: np.random.Generator) -> Morphology:
    """A second leukocyte, as common classes in the domain are."""
    priors = np.array(style.priors, dtype=np.float64)
    return morphology(CLASSES[int(rng.choice(len(CLASSES), p=priors / priors.sum()))])


def _possible_slides(style: DomainStyle, actual: str, *, at_home: bool) -> range:
    """The slides an image may be from; a class's own are every 13th, from its class id on."""
    count = style.slides.count
    if actual == "myeloblast" and style.slides.leukaemic > 0:
        count = _leukaemic_slides(style)
    class_id = CLASSES.index(actual) % count
    return range(class_id, count, len(CLASSES)) if at_home else range(count)


def _leukaemic_slides(style: DomainStyle) -> int:
    return max(1, round(style.slides.count * style.slides.leukaemic))


def _maturity(actual: str, draw: float) -> float | None:
    limits = maturity_range(actual)
    if limits is None:
        return None
    low = max(0.0, limits[0] - MATURITY_OVERLAP)
    high = min(1.0, limits[1] + MATURITY_OVERLAP)
    return low + draw * (high - low)


@lru_cache(maxsize=2048)
def slide_of(style: DomainStyle, number: int, seed: int) -> Slide:
    """Slide `number` of the domain."""
    variation = style.slides
    rng = np.random.default_rng(derive_seed(seed, "slide", style.stream, number))
    own = rng.standard_normal(5 + 3 * len(DYES))
    extra = rng.standard_normal(4)
    batch = _batches(style.stream, variation.batches, seed)[number % variation.batches]
    shared = 0.5 if variation.batches > 1 else 0.0
    mixed = np.sqrt(1 - shared) * own + np.sqrt(shared) * batch
    gain = variation.gain_sd * mixed[0]
    if variation.leukaemic > 0 and number < _leukaemic_slides(style):
        gain += LEUKAEMIC_GAIN_SD * extra[0]
    brightness = variation.background_sd * (mixed[1] + 0.25 * mixed[2:5])
    return Slide(
        gain=float(np.exp(gain)),
        background=np.clip(np.array(style.background) + brightness, 120.0, 254.0),
        hues=variation.hue_sd * mixed[5:].reshape(len(DYES), 3),
        blur=float(np.exp(0.25 * extra[1])),
        size=float(np.exp(variation.size_sd * extra[2])),
        crowding=float(np.exp(0.35 * extra[3] - 0.06)),
    )


@lru_cache(maxsize=64)
def _batches(stream: str, count: int, seed: int) -> Float64[npt.NDArray[Any], "batches draws"]:
    """Draws of every staining batch, moved to mean 0 and variance 1 over the few batches.

    Without that, three batches would shift the whole domain's colour from seed to seed.
    """
    rng = np.random.default_rng(derive_seed(seed, "batches", stream))
    draws = rng.standard_normal((count, 5 + 3 * len(DYES)))
    if count == 1:
        return np.zeros_like(draws)
    centred = draws - draws.mean(axis=0)
    return np.asarray(centred / centred.std(axis=0))
