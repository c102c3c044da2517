"""A moving average of the weights: the network that is judged is the mean of many steps.

Exponential, Tarvainen & Valpola, "Mean teachers are better role models: Weight-averaged consistency
targets improve semi-supervised deep learning results", NeurIPS 2017,
https://arxiv.org/abs/1703.01780; arithmetic, Izmailov et al., "Averaging Weights Leads to Wider
Optima and Better Generalization", UAI 2018, https://arxiv.org/abs/1803.05407, in every step as
Teterwak et al., "ERM++: An Improved Baseline for Domain Generalization", 2023,
https://arxiv.org/abs/2304.01973. Differs from the first: nothing is learnt from the average, and
its decay warms up by a rule that fits trainings of any length. Differs from the second: no cyclic
learning rate, and running statistics of batch norm are averaged like weights in place of being
estimated anew. Differs from the third: the start is a share of training, and neither its
initialisation nor its probing steps are taken over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from torch import Tensor

from wbcray.core.hyper import choice, hyper
from wbcray.methods.base import Finish, TrainingFacts, WeightAverage
from wbcray.methods.weight_mean import ArithmeticMean, ExponentialMean, completed


@dataclass(frozen=True, slots=True, kw_only=True)
class EmaParams:
    """Hyper-parameters of the moving average."""

    kind: str = choice(
        "exponential",
        ("exponential", "arithmetic"),
        help="exponential: old steps fade by `decay`; arithmetic: all steps since `start` count "
        "alike (`decay` is not used)",
    )
    decay: float = hyper(
        0.999, 0.0, 0.99999, help="what is kept in a step; less while the average is young"
    )
    start: float = hyper(0.1, 0.0, 0.9, help="share of training before averaging starts")


@final
class Ema(Finish):
    """Judges every epoch by the average so far, and keeps that of the best epoch.

    Until averaging starts, the network is judged as it is.
    """

    citation = "tarvainen2017mean"
    formula = "w' = d w' + (1 - d) w after step k, d = min(decay, (1 + k) / (10 + k)); or the mean"
    cost = "one pass over the weights; one more copy of them, of twice the size where arithmetic"
    Params = EmaParams

    def __init__(self, params: EmaParams, facts: TrainingFacts) -> None:  # noqa: ARG002  # the common signature
        self.params = params

    def average(self) -> WeightAverage:
        """A new average."""
        return _MovingAverage(self.params)


@final
class _MovingAverage(WeightAverage):
    def __init__(self, params: EmaParams) -> None:
        self._start = params.start
        self._mean: ArithmeticMean | ExponentialMean = (
            ArithmeticMean() if params.kind == "arithmetic" else ExponentialMean(params.decay)
        )

    def after_step(self, weights: Mapping[str, Tensor], progress: float) -> None:
        if progress >= self._start:
            self._mean.add(weights)

    def judged(self, weights: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        return completed(self._mean.mean(), weights) if self._mean.count else weights

    def after_epoch(self, validation_loss: float) -> None:
        pass

    def final(self, best: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        return best

    def state(self) -> Mapping[str, Tensor]:
        return self._mean.state()

    def restore(self, state: Mapping[str, Tensor]) -> None:
        self._mean.restore(state)
