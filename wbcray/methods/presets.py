"""Presets: the named methods, each a choice of parts. Data only; imports no torch.

Every preset but `resample` puts equal shares of the source domains in every batch, so that two
methods differ in what their name says and in nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from wbcray.core.config import Axis
from wbcray.core.hyper import Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A named method: one part on every axis, and where it departs from their defaults."""

    name: str
    title: str
    paper: str
    note: str = ""
    classification: str = "cross_entropy"
    domain_risk: str = "mean"
    penalty: str = "none"
    sampler: str = "domain"
    finish: str = "none"
    colour: str = "none"
    values: tuple[tuple[str, Scalar], ...] = ()
    """Dotted hyper-parameters that differ from the part's default."""

    @property
    def parts(self) -> dict[Axis, str]:
        """The part on every axis."""
        return {axis: getattr(self, axis) for axis in get_args(Axis)}


_RECONSTRUCTION = (
    "a reconstruction: the poster reports this method but does not define it. Its scores (micro F1 "
    "down, macro F1 up) are those of re-balancing, and BoDA's authors publish exactly one such "
    "variant, a second stage with a new classifier and balanced draws"
)

_ALL = (
    Preset(
        name="erm",
        title="Empirical risk minimisation",
        paper="https://doi.org/10.1109/72.788640",
        note="cross-entropy alone, the baseline",
    ),
    Preset(
        name="dann",
        title="Domain-adversarial training",
        paper="https://arxiv.org/abs/1505.07818",
        penalty="dann",
    ),
    Preset(
        name="coral",
        title="Correlation alignment",
        paper="https://arxiv.org/abs/1607.01719",
        penalty="coral",
    ),
    Preset(
        name="boda",
        title="Balanced domain-class distribution alignment",
        paper="https://arxiv.org/abs/2203.09513",
        note="the poster's own method; penalty.macro_weight=0 gives the poster's two-term loss",
        penalty="boda",
    ),
    Preset(
        name="boda_plus",
        title="BoDA, then a new classifier with balanced draws",
        paper="https://arxiv.org/abs/2203.09513",
        note=_RECONSTRUCTION,
        penalty="boda",
        finish="classifier_retraining",
        values=(("finish.unit", "class_within_domain"),),
    ),
    Preset(
        name="boda_resampled",
        title="BoDA with balanced draws from the start",
        paper="https://arxiv.org/abs/2203.09513",
        note="the other plausible reading of the poster's second variant, in one stage",
        penalty="boda",
        sampler="balanced",
    ),
    Preset(
        name="resample",
        title="Class-balanced sampling",
        paper="https://arxiv.org/abs/1910.09217",
        sampler="class_balanced",
    ),
    Preset(
        name="crt",
        title="Classifier re-training",
        paper="https://arxiv.org/abs/1910.09217",
        finish="classifier_retraining",
    ),
)

PRESETS: Mapping[str, Preset] = {preset.name: preset for preset in _ALL}

POSTER: tuple[str, ...] = ("erm", "dann", "coral", "boda", "boda_plus")
"""The five methods of the poster, in its order."""
