"""A method put together: what the training loop calls in every step."""

from typing import Any, final

from jaxtyping import Float
from torch import Tensor, nn

from wbcray.core.config import Axis, Composition
from wbcray.core.hyper import parse_params
from wbcray.methods.base import (
    ClassificationLoss,
    Colour,
    DomainRisk,
    FeatureTable,
    Finish,
    Head,
    LossTerms,
    Mixing,
    Normalization,
    Outputs,
    Penalty,
    Sampler,
    Targets,
    TrainingFacts,
)
from wbcray.methods.fitness import check_sources
from wbcray.methods.parts import part_class


@final
class Method(nn.Module):
    """Risk plus penalty, and the mixing before them; its state travels with the network's."""

    def __init__(
        self,
        *,
        classification: ClassificationLoss,
        domain_risk: DomainRisk,
        penalty: Penalty,
        mixing: Mixing,
    ) -> None:
        super().__init__()
        self.classification = classification
        self.domain_risk = domain_risk
        self.penalty = penalty
        self.mixing = mixing

    def forward(self, outputs: Outputs, targets: Targets, progress: float) -> LossTerms:
        """The loss of one batch; its parts are `risk` and those of the penalty.

        Args:
            outputs: What the network says about the batch.
            targets: What is known about it.
            progress: From 0 to 1 over the fold's training.
        """
        losses = self._losses(outputs.logits, targets, progress)
        risk: Tensor = self.domain_risk(losses, targets.domains)
        added: LossTerms = self.penalty(outputs, targets, progress)
        return LossTerms(risk + added.total, {"risk": risk.detach(), **added.parts})

    def _losses(
        self, logits: Float[Tensor, "batch classes"], targets: Targets, progress: float
    ) -> Float[Tensor, " batch"]:
        """Loss of each image; with mixed labels, the mean of two losses by their shares."""
        own: Tensor = self.classification(logits, targets.labels, progress)
        mixture = targets.mixture
        if mixture is None:
            return own
        other: Tensor = self.classification(logits, targets.labels[mixture.partner], progress)
        return mixture.share * own + (1 - mixture.share) * other

    def observe(self, outputs: Outputs, targets: Targets, progress: float) -> None:
        """Let the parts see a finished step; `outputs` are detached."""
        losses = self._losses(outputs.logits, targets, progress)
        self.domain_risk.observe(losses, targets.domains)
        self.penalty.observe(outputs, targets)

    def pass_every(self) -> float | None:
        """Share of training between the feature passes that the penalty wants, or None."""
        return self.penalty.pass_every()

    def pass_limit(self) -> int | None:
        """Images per domain-class pair in a feature pass, or None for all of them."""
        return self.penalty.pass_limit()

    def refresh(self, table: FeatureTable) -> None:
        """Let the penalty see a feature pass."""
        self.penalty.refresh(table)


def build_method(composition: Composition, facts: TrainingFacts) -> Method:
    """The loss of `composition` for a fold with these `facts`.

    Raises:
        UsageError: If the penalty compares more domains than have training images.
    """
    check_sources(composition, int((facts.counts.sum(dim=1) > 0).sum()))
    return Method(
        classification=_built(composition, "classification", facts),
        domain_risk=_built(composition, "domain_risk", facts),
        penalty=_built(composition, "penalty", facts),
        mixing=_built(composition, "mixing"),
    )


def build_sampler(composition: Composition) -> Sampler:
    """The sampler of `composition`."""
    sampler: Sampler = _built(composition, "sampler")
    return sampler


def build_normalization(composition: Composition) -> Normalization:
    """The normalisation of `composition`."""
    normalization: Normalization = _built(composition, "normalization")
    return normalization


def build_finish(composition: Composition, facts: TrainingFacts) -> Finish:
    """The finish of `composition` for a fold with these `facts`."""
    finish: Finish = _built(composition, "finish", facts)
    return finish


def build_colour(composition: Composition) -> Colour:
    """The colour part of `composition`."""
    colour: Colour = _built(composition, "colour")
    return colour


def head_of(composition: Composition) -> Head:
    """The classifier that the classification loss of `composition` is meant for."""
    part = composition.classification
    kind = part_class("classification", part.name)
    head: Head = kind.head(parse_params(kind.Params, part.values, prefix="classification."))
    return head


def _built(composition: Composition, axis: Axis, *facts: TrainingFacts) -> Any:
    part = composition.part(axis)
    kind = part_class(axis, part.name)
    return kind(parse_params(kind.Params, part.values, prefix=f"{axis}."), *facts)
