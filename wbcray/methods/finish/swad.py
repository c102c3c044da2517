"""SWAD: the mean of the weights of every step while the validation loss lies in a valley.

Cha, Chun, Lee, Cho, Park, Lee & Park, "SWAD: Domain Generalization by Seeking Flat Minima",
NeurIPS 2021, https://arxiv.org/abs/2102.08604.

Differs from the paper as the authors' code (https://github.com/khanrc/swad) does: the loss is seen
once an epoch and weights enter by whole epochs; the valley may begin before its lowest point; and
where training ends in the valley, the valley ends with the last epoch whose loss is low enough.
Differs from that code, in which epochs count unequally: there, with n_tolerance > n_converge, the
epoch of the lowest point counts twice where earlier ones belong to the valley, and the first epochs
several times where it begins among them; epochs before the valley enter where training ends less
than n_tolerance epochs after the lowest point; and with n_tolerance <= n_converge the epoch of the
lowest point is left out. Here every epoch of the valley counts once, and no other. n_tolerance high
losses in a row also end it among the n_converge that showed it. Training is not stopped at the end
of the valley. Running statistics of batch norm are averaged, not those of one epoch, before they
are estimated anew.
"""

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from wbcray.core.hyper import hyper
from wbcray.methods.base import Finish, TrainingFacts, WeightAverage
from wbcray.methods.named_tensors import below, under
from wbcray.methods.weight_mean import ArithmeticMean, completed


@dataclass(frozen=True, slots=True, kw_only=True)
class SwadParams:
    """Hyper-parameters of SWAD."""

    n_converge: int = hyper(
        3, 2, 50, help="epochs in a row of which the first has the lowest loss: the valley begins"
    )
    n_tolerance: int = hyper(
        6, 1, 50, help="epochs in a row with a loss above the tolerance: the valley is over"
    )
    tolerance_ratio: float = hyper(
        0.3, 0.0, 10.0, help="tolerated rise above the mean loss of the first `n_converge` epochs"
    )


@final
class Swad(Finish):
    """Averages the weights of all steps of the epochs in the valley.

    With l the validation loss after each epoch, in nats, the valley is found at the first epoch s
    with l_s <= l_(s+1) .. l_(s + n_converge - 1). A loss is low if it is at most
    1 + tolerance_ratio times the mean of these n_converge. The valley ends with the last epoch of
    low loss before n_tolerance epochs of higher loss in a row, or before the end of training. It
    begins with epoch s, or with an earlier one if all losses from the end of the epoch before it
    are low, looking back over at most n_tolerance - n_converge losses. Without a valley the mean
    of the last epoch is kept.
    """

    citation = "cha2021swad"
    formula = "mean of w over all steps of the epochs s .. e of low validation loss"
    cost = "one pass over the weights and twice their size; up to n_tolerance copies on the host"
    Params = SwadParams
    linear_only = True
    """The loss of cosines hardly rises, so that no valley would end."""

    def __init__(self, params: SwadParams, facts: TrainingFacts) -> None:  # noqa: ARG002  # the common signature
        self.params = params

    @classmethod
    def least_epochs(cls, params: SwadParams) -> int:
        """So many that a valley can be found."""
        return params.n_converge

    def average(self) -> WeightAverage:
        """A new average."""
        return _Valley(self.params)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Epoch:
    """The loss after an epoch, and the mean of the weights of its steps."""

    loss: float
    mean: Mapping[str, Tensor]


@final
class _Valley(WeightAverage):
    re_estimates = True

    def __init__(self, params: SwadParams) -> None:
        self._params = params
        self._steps = ArithmeticMean()
        self._epochs = ArithmeticMean()
        self._recent: deque[_Epoch] = deque(maxlen=max(params.n_converge, params.n_tolerance))
        self._high: list[_Epoch] = []
        self._threshold: float | None = None
        self._over = False

    def after_step(self, weights: Mapping[str, Tensor], progress: float) -> None:  # noqa: ARG002  # the common signature
        if not self._over:
            self._steps.add(weights)

    def judged(self, weights: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        return weights

    def after_epoch(self, validation_loss: float) -> None:
        if self._over:
            return
        mean = {name: value.cpu() for name, value in self._steps.mean().items()}
        epoch = _Epoch(loss=validation_loss, mean=mean)
        self._steps = ArithmeticMean()
        if self._threshold is None:
            self._recent.append(epoch)
            self._look_for_a_valley()
        else:
            self._go_on(epoch, self._threshold)

    def _look_for_a_valley(self) -> None:
        lowest = len(self._recent) - self._params.n_converge
        losses = [epoch.loss for epoch in self._recent]
        window = losses[max(lowest, 0) :]
        # a loss that is no number is no valley
        if lowest < 0 or not math.isfinite(sum(window)) or min(window) < window[0]:
            return
        tolerated = sum(window) / len(window) * (1 + self._params.tolerance_ratio)
        # rounding must not put equal losses above their mean
        threshold = max(tolerated, window[0])
        self._threshold = threshold
        low = lowest
        while low > 0 and losses[low - 1] <= threshold:
            low -= 1
        for epoch in list(self._recent)[min(low + 1, lowest) :]:
            self._go_on(epoch, threshold)
        self._recent.clear()

    def _go_on(self, epoch: _Epoch, threshold: float) -> None:
        """Take an epoch of low loss, and the higher ones before it, or wait for one."""
        if self._over:
            return
        self._high.append(epoch)
        if epoch.loss <= threshold:
            for each in self._high:
                self._epochs.add(each.mean)
            self._high = []
        elif len(self._high) >= self._params.n_tolerance:
            self._over, self._high = True, []

    def final(self, best: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        if self._epochs.count:
            return completed(self._epochs.mean(), best)
        return completed(self._recent[-1].mean, best) if self._recent else best

    def state(self) -> Mapping[str, Tensor]:
        found = {
            "over": torch.tensor(self._over),
            **under("steps", self._steps.state()),
            **under("epochs", self._epochs.state()),
            **_epochs_state("recent", self._recent),
            **_epochs_state("high", self._high),
        }
        if self._threshold is not None:
            found["threshold"] = torch.tensor(self._threshold, dtype=torch.float64)
        return found

    def restore(self, state: Mapping[str, Tensor]) -> None:
        self._over = bool(state["over"])
        self._steps.restore(below("steps", state))
        self._epochs.restore(below("epochs", state))
        self._recent.extend(_restored_epochs("recent", state))
        self._high = _restored_epochs("high", state)
        self._threshold = float(state["threshold"]) if "threshold" in state else None


def _epochs_state(name: str, epochs: Iterable[_Epoch]) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for number, epoch in enumerate(epochs):
        found[f"{name}.{number}.loss"] = torch.tensor(epoch.loss, dtype=torch.float64)
        found |= under(f"{name}.{number}.mean", epoch.mean)
    return found


def _restored_epochs(name: str, state: Mapping[str, Tensor]) -> list[_Epoch]:
    found: list[_Epoch] = []
    while (loss := state.get(f"{name}.{len(found)}.loss")) is not None:
        mean = below(f"{name}.{len(found)}.mean", state)
        found.append(_Epoch(loss=float(loss), mean=mean))
    return found
