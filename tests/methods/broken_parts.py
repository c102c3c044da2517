"""Parts that are broken on purpose, one fault each.

They cite no paper but https://example.org.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import nn

from wbcray.core.hyper import hyper
from wbcray.methods.base import (
    Colour,
    DrawPlan,
    Finish,
    LossTerms,
    Mixing,
    Mixture,
    Normalization,
    Penalty,
    Sampler,
    WeightAverage,
)


class Said:
    """What every part says of itself."""

    citation, formula, cost = "nobody2000nothing", "0", "none"

    def __init__(self, params, *facts):
        super().__init__()
        self.params = params


def size(outputs):
    """A plain penalty: the mean square of the features."""
    return outputs.features.float().square().mean()


class Plain(Said, Penalty):
    """A penalty without a fault."""

    def cost_of(self, outputs, targets, progress):
        return size(outputs)

    def forward(self, outputs, targets, progress):
        value = self.cost_of(outputs, targets, progress)
        return LossTerms(value, {"size": value.detach()})


class Raises(Plain):
    def cost_of(self, outputs, targets, progress):
        raise ValueError("no luck")


class NanForOneDomain(Plain):
    def cost_of(self, outputs, targets, progress):
        several = targets.domains.min() != targets.domains.max()
        return torch.where(several, size(outputs), torch.nan)


class Statistic(Plain):
    """A buffer that a feature pass fills."""

    def __init__(self, params, *facts):
        super().__init__(params, *facts)
        self.register_buffer("mean", torch.zeros(facts[0].feature_dim))

    def refresh(self, table):
        self.mean.copy_(table.features.mean(0))


class NanAtFirst(Statistic):
    def cost_of(self, outputs, targets, progress):
        return (outputs.features / self.mean).mean() * 0


class Vector(Plain):
    def cost_of(self, outputs, targets, progress):
        return outputs.features.square().mean(0)


class OtherNames(Plain):
    def forward(self, outputs, targets, progress):
        return LossTerms(size(outputs), {f"size_{len(targets.labels)}": size(outputs).detach()})


class ShowsAGraph(Plain):
    def forward(self, outputs, targets, progress):
        return LossTerms(size(outputs), {"size": size(outputs)})


class Rounds(Plain):
    def cost_of(self, outputs, targets, progress):
        return size(outputs) + outputs.logits.element_size()


class HalfPrecision(Plain):
    def forward(self, outputs, targets, progress):
        terms = super().forward(outputs, targets, progress)
        return LossTerms(terms.total.double(), terms.parts)


class FirstRow(Plain):
    def cost_of(self, outputs, targets, progress):
        return outputs.features[0].float().square().mean()


class DomainNumber(Plain):
    def cost_of(self, outputs, targets, progress):
        return (outputs.features.float() * targets.domains[:, None]).square().mean()


class MixingNoise(Plain):
    def cost_of(self, outputs, targets, progress):
        return (outputs.features.float() * targets.uniform(0)[:, None]).square().mean()


class MovesInForward(Statistic):
    def cost_of(self, outputs, targets, progress):
        self.mean += 1
        return size(outputs) * self.mean.mean()


class Stray(Plain):
    def observe(self, outputs, targets):
        self.seen = {"last": [outputs.features]}


class Forgets(Plain):
    steps = 0

    def observe(self, outputs, targets):
        self.steps += 1

    def cost_of(self, outputs, targets, progress):
        return size(outputs) * self.steps


class PassesTooOften(Plain):
    def pass_every(self):
        return 2.0


class OneDomainCosts(Plain):
    needs_domains = 2


class Overwhelms(Plain):
    def cost_of(self, outputs, targets, progress):
        return 1e4 * (size(outputs) + outputs.logits.square().mean())


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """Legal ends that are not."""

    weight: float = hyper(1.0, 0.0, 2.0, help="weight")


class InfiniteAtTheEnd(Plain):
    """A logarithm of zero."""

    Params = Weight

    def cost_of(self, outputs, targets, progress):
        return size(outputs) * np.log(self.params.weight)


class SaysNothing(Plain):
    formula = ""


class LeavesOut(Said, Sampler):
    def plan(self, labels, domains):
        return DrawPlan(probabilities=(np.arange(len(labels)) == 0).astype(float))


class Draws(Said, Sampler):
    def plan(self, labels, domains):
        chances = np.random.default_rng().random(len(labels)) + 0.1
        return DrawPlan(probabilities=chances / chances.sum())


class ByPlace(Said, Sampler):
    def plan(self, labels, domains):
        chances = np.arange(len(labels)) + 1.0
        return DrawPlan(probabilities=chances / chances.sum())


class PlainMixing(Said, Mixing):
    """A mixing without a fault: each row half with the one before it in the order of the noise."""

    level = "features"

    def draw(self, targets, place):
        order = targets.uniform(0).argsort()
        partner = order.roll(1)[order.argsort()]
        return Mixture(partner=partner, share=self.share(targets))

    def share(self, targets):
        return torch.full((len(targets.labels),), 0.5)

    def summary(self, x):
        return x

    def mix(self, x, partner, share):
        weights = share.to(x.dtype).view(-1, *[1] * (x.ndim - 1))
        return weights * x + (1 - weights) * partner


class ShareTwo(PlainMixing):
    def share(self, targets):
        return 2 * targets.uniform(1) + 1


class NextRow(PlainMixing):
    def draw(self, targets, place):
        rows = torch.arange(len(targets.labels))
        return Mixture(partner=rows.roll(1), share=self.share(targets))


class OwnChance(PlainMixing):
    def share(self, targets):
        return torch.rand(len(targets.labels))


class NotItself(PlainMixing):
    def mix(self, x, partner, share):
        return (x + partner) / 2


class WholeBatch(PlainMixing):
    def mix(self, x, partner, share):
        return super().mix(x, partner, share) + x.mean(0)


class Divides(PlainMixing):
    def mix(self, x, partner, share):
        return super().mix(x, partner, share) / x.std(1, keepdim=True)


class StageFive(PlainMixing):
    level: Literal["maps"] = "maps"
    stages = (5,)


class ShareTwoOfTraining(Said, Normalization):
    def training_share(self):
        return 2.0


class PlainColour(Said, Colour):
    """A colour part without a fault: the image."""

    def __call__(self, images, uniform):
        return images


class Bright(PlainColour):
    def __call__(self, images, uniform):
        return images + 0.5


class MeanOfTheBatch(PlainColour):
    def __call__(self, images, uniform):
        return (images + images.mean(0)) / 2


class InPlace(PlainColour):
    def __call__(self, images, uniform):
        return images.mul_(0.5)


class Chance(PlainColour):
    def __call__(self, images, uniform):
        return images * torch.rand(())


class DrawsInEvaluation(PlainColour):
    columns, in_evaluation = 1, True


class Narrow(Said, Finish):
    def fit(self, head, table, *, seed):
        return nn.Linear(head.in_features, head.out_features - 1)


class AddsUp(Said, Finish):
    def fit(self, head, table, *, seed):
        with torch.no_grad():
            head.bias += 1
        return head


class Averaged(Said, Finish):
    kind = None

    def average(self):
        return self.kind()


class Sum(WeightAverage):
    """A sum and no mean."""

    def __init__(self):
        self.steps = []

    def after_step(self, weights, progress):
        self.steps.append({name: value.clone() for name, value in weights.items()})

    def judged(self, weights):
        return weights

    def after_epoch(self, validation_loss):
        pass

    def final(self, best):
        return {name: sum(step[name] for step in self.steps) for name in best}

    def state(self):
        return {}

    def restore(self, state):
        pass


class Alias(Sum):
    """The second step's weights, without a copy."""

    def after_step(self, weights, progress):
        self.steps.append(weights)

    def final(self, best):
        return self.steps[1]


class Sums(Averaged):
    kind = Sum


class Aliases(Averaged):
    kind = Alias


class NoEpochs(Said, Finish):
    @classmethod
    def least_epochs(cls, params):
        return 0
