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
    mixing: str = "none"
    normalization: str = "network"
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
        name="mmd",
        title="Maximum mean discrepancy",
        paper="https://openaccess.thecvf.com/content_cvpr_2018/html/Li_Domain_Generalization_With_CVPR_2018_paper.html",
        penalty="mmd",
    ),
    Preset(
        name="cdann",
        title="Conditional domain-adversarial training",
        paper="https://openaccess.thecvf.com/content_ECCV_2018/html/Ya_Li_Deep_Domain_Generalization_ECCV_2018_paper.html",
        penalty="cdann",
        note="hides the domain within each class, so that domains may hold classes in other shares",
    ),
    Preset(
        name="irm",
        title="Invariant risk minimisation",
        paper="https://arxiv.org/abs/1907.02893",
        penalty="irm",
    ),
    Preset(
        name="vrex",
        title="Risk extrapolation",
        paper="https://arxiv.org/abs/2003.00688",
        penalty="vrex",
    ),
    Preset(
        name="group_dro",
        title="Group distributionally robust optimisation",
        paper="https://arxiv.org/abs/1911.08731",
        domain_risk="group_dro",
    ),
    Preset(
        name="fishr",
        title="Invariance of gradient variances",
        paper="https://arxiv.org/abs/2109.02934",
        penalty="fishr",
    ),
    Preset(
        name="mixup",
        title="Mixup between domains",
        paper="https://arxiv.org/abs/2001.00677",
        mixing="mixup",
    ),
    Preset(
        name="mixstyle",
        title="Mixed style statistics of feature maps",
        paper="https://arxiv.org/abs/2104.02008",
        mixing="mixstyle",
    ),
    Preset(
        name="sagnet",
        title="Style-agnostic network",
        paper="https://arxiv.org/abs/1910.11645",
        penalty="sagnet",
        mixing="style_randomization",
    ),
    Preset(
        name="causirl",
        title="Causal invariance with CORAL",
        paper="https://arxiv.org/abs/2206.11646",
        penalty="causirl_coral",
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
    Preset(
        name="class_balanced",
        title="Weights by effective number",
        paper="https://arxiv.org/abs/1901.05555",
        classification="class_balanced",
    ),
    Preset(
        name="focal",
        title="Focal loss",
        paper="https://arxiv.org/abs/1708.02002",
        classification="focal",
    ),
    Preset(
        name="ldam_drw",
        title="Label-distribution-aware margins, deferred weights",
        paper="https://arxiv.org/abs/1906.07413",
        classification="ldam",
        values=(("classification.head", "cosine"),),
        note=(
            "with the cosine classifier of the paper; published benchmarks often have a linear "
            "one (classification.head=linear)"
        ),
    ),
    Preset(
        name="balanced_softmax",
        title="Balanced softmax",
        paper="https://arxiv.org/abs/2007.10740",
        classification="balanced_softmax",
    ),
    Preset(
        name="logit_adjustment",
        title="Logit adjustment in training",
        paper="https://arxiv.org/abs/2007.07314",
        classification="logit_adjustment",
        note="the post-hoc form is a finish: erm+finish=logit_adjustment",
    ),
    Preset(
        name="swad",
        title="Stochastic weight averaging, densely",
        paper="https://arxiv.org/abs/2102.08604",
        finish="swad",
    ),
    Preset(
        name="sada_like",
        title="Stain augmentation and contrast across domains",
        paper="https://github.com/AnoK3111/SADA",
        penalty="supervised_contrastive",
        colour="stain_augmentation",
        finish="classifier_retraining",
        note=(
            "the ideas of SADA for white blood cells (stain augmentation, supervised contrast "
            "across domains, a second stage with balanced draws) from our parts; not its code "
            "or its recipe"
        ),
    ),
)

PRESETS: Mapping[str, Preset] = {preset.name: preset for preset in _ALL}

POSTER: tuple[str, ...] = ("erm", "dann", "coral", "boda", "boda_plus")
"""The five methods of the poster, in its order."""
