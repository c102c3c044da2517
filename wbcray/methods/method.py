"""A method put together: what the training loop calls in every step."""

from typing import Any, final

from torch import Tensor, nn

from wbcray.core.config import Axis, Composition
from wbcray.core.errors import UsageError
from wbcray.core.hyper import parse_params
from wbcray.methods.base import (
    ClassificationLoss,
    Colour,
    DomainRisk,
    FeatureTable,
    Finish,
    LossTerms,
    Outputs,
    Penalty,
    Sampler,
    Targets,
    TrainingFacts,
)
from wbcray.methods.parts import part_class


@final
class Method(nn.Module):
    """Risk plus penalty; a module, so that its state travels with the network's."""

    def __init__(
        self, *, classification: ClassificationLoss, domain_risk: DomainRisk, penalty: Penalty
    ) -> None:
        super().__init__()
        self.classification = classification
        self.domain_risk = domain_risk
        self.penalty = penalty

    def forward(self, outputs: Outputs, targets: Targets, progress: float) -> LossTerms:
        """The loss of one batch; its parts are `risk` and those of the penalty.

        Args:
            outputs: What the network says about the batch.
            targets: What is known about it.
            progress: From 0 to 1 over the fold's training.
        """
        losses: Tensor = self.classification(outputs.logits, targets.labels, progress)
        risk: Tensor = self.domain_risk(losses, targets.domains)
        added: LossTerms = self.penalty(outputs, targets, progress)
        return LossTerms(risk + added.total, {"risk": risk.detach(), **added.parts})

    def observe(self, outputs: Outputs, targets: Targets) -> None:
        """Let the penalty see a finished step."""
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
    )


def check_sources(composition: Composition, sources: int) -> None:
    """Refuse a penalty that compares more domains than there are to learn from.

    Raises:
        UsageError: If it does.
    """
    name = composition.penalty.name
    needed = part_class("penalty", name).needs_domains
    if sources < needed:
        raise UsageError(
            f"the penalty '{name}' compares {needed} or more source domains, "
            f"but {sources} {'has' if sources == 1 else 'have'} training images",
            where=f"method '{composition.name}'",
            fix="add a source domain, or choose a method without a penalty over domains",
        )


def build_sampler(composition: Composition) -> Sampler:
    """The sampler of `composition`."""
    sampler: Sampler = _built(composition, "sampler")
    return sampler


def build_finish(composition: Composition) -> Finish:
    """The finish of `composition`."""
    finish: Finish = _built(composition, "finish")
    return finish


def build_colour(composition: Composition) -> Colour:
    """The colour part of `composition`."""
    colour: Colour = _built(composition, "colour")
    return colour


def _built(composition: Composition, axis: Axis, *facts: TrainingFacts) -> Any:
    part = composition.part(axis)
    kind = part_class(axis, part.name)
    return kind(parse_params(kind.Params, part.values, prefix=f"{axis}."), *facts)
