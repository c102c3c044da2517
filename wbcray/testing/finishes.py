"""A finish gives a classifier of the same shape, and an average of weights that is one."""

import copy
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import torch
from torch import Tensor, nn

from wbcray.core.config import Composition
from wbcray.core.hyper import parse_params
from wbcray.methods.base import FeatureTable, Finish, WeightAverage
from wbcray.methods.method import build_finish
from wbcray.methods.parts import part_class
from wbcray.testing.batches import facts, table
from wbcray.testing.check import expect, expect_close, expect_finite
from wbcray.testing.learner import head

_EPOCHS, _STEPS = 8, 5
_Weights = dict[str, Tensor]


def finish_properties(composition: Composition) -> Mapping[str, Callable[[], None]]:
    """What holds of finishes."""
    return {
        "the new classifier is one for the same features and classes": partial(
            expect_classifier, composition
        ),
        "the same seed gives the same classifier": partial(_repeats, composition),
        "constant weights stay constant": partial(_constant, composition),
        "averages lie between the weights that were seen": partial(_between, composition),
        "an average keeps copies and belongs to one fold": partial(_copies, composition),
        "a restored average goes on as if never stopped": partial(_restored, composition),
        "the least number of epochs is one": partial(_least_epochs, composition),
    }


def expect_classifier(composition: Composition) -> None:
    """Refuse a classifier of another shape or type, or with weights that are not finite."""
    finish = build_finish(composition, facts())
    views, given = finish.views(), head()
    expect(views >= 0, f"views() is {views}")
    new = finish.fit(given, _passes(finish), seed=0)
    for name, wanted in given.state_dict().items():
        found = new.state_dict()[name]
        expect(found.shape == wanted.shape, f"{name} has the shape {tuple(found.shape)}")
        expect(found.dtype == wanted.dtype, f"{name} is {found.dtype}")
        expect_finite(found, f"{name} of the new classifier")


def _passes(finish: Finish) -> FeatureTable | None:
    """The augmented feature passes that it wants, one after another."""
    views = [table(seed=seed) for seed in range(finish.views())]
    if not views:
        return None
    return FeatureTable(
        features=torch.cat([view.features for view in views]),
        labels=torch.cat([view.labels for view in views]),
        domains=torch.cat([view.domains for view in views]),
    )


def _repeats(composition: Composition) -> None:
    finish, given = build_finish(composition, facts()), head()
    seen = _passes(finish)
    first = copy.deepcopy(finish.fit(given, seen, seed=0).state_dict())
    torch.rand(5)  # another state of torch's own generator
    second = finish.fit(given, seen, seed=0).state_dict()
    for name, value in first.items():
        expect(torch.equal(second[name], value), f"{name} differs in a second fit of the same seed")


def _network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))


def _final(
    average: WeightAverage,
    epochs: Iterator[list[_Weights]],
    stopped: Callable[[int, WeightAverage], WeightAverage] = lambda _, average: average,
) -> Mapping[str, Tensor]:
    """What is kept after training with these weights, step by step and epoch by epoch.

    Before every epoch `stopped` is given its number and the average, and says which one goes on.
    """
    best: Mapping[str, Tensor] = {}
    for epoch, steps in enumerate(epochs):
        average = stopped(epoch, average)
        weights: _Weights = {}
        for step, weights in enumerate(steps):  # the last ones are judged
            progress = (epoch * _STEPS + step + 1) / (_EPOCHS * _STEPS)
            average.after_step(weights, progress)
        judged = average.judged(weights)
        # The loss falls and rises again, as it does where training goes on for too long.
        average.after_epoch(1.0 + abs(epoch - _EPOCHS // 2) / 10)
        if epoch <= _EPOCHS // 2:
            best = {name: value.clone() for name, value in judged.items()}
        _expect_keys(judged, weights, "what an epoch is judged with")
    return average.final(best)


def _expect_keys(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor], what: str) -> None:
    expect(set(found) == set(wanted), f"{what}: other names than the network's weights have")
    for name, value in wanted.items():
        expect(found[name].dtype == value.dtype, f"{what}: {name} is {found[name].dtype}")
        expect(found[name].shape == value.shape, f"{what}: {name} has another shape")


def _moving() -> Iterator[list[_Weights]]:
    """New tensors in every step, whose floats rise from 1 by 1."""
    plain = _network().state_dict()
    for epoch in range(_EPOCHS):
        yield [
            {
                name: torch.full_like(value, epoch * _STEPS + step + 1)
                for name, value in plain.items()
            }
            for step in range(_STEPS)
        ]


def _in_place() -> Iterator[list[_Weights]]:
    """The weights of `_moving`, in the same tensors all the time, as training has them."""
    live = {name: value.clone() for name, value in _network().state_dict().items()}

    class Steps(list[_Weights]):
        def __iter__(self) -> Iterator[_Weights]:
            for weights in list.__iter__(self):
                for name, value in live.items():
                    value.copy_(weights[name])
                yield live

    for steps in _moving():
        yield Steps(steps)


def _constant(composition: Composition) -> None:
    average = build_finish(composition, facts()).average()
    if average is None:
        return
    weights = _network().state_dict()
    final = _final(average, iter([[weights] * _STEPS] * _EPOCHS))
    _expect_keys(final, weights, "the final weights")
    for name, value in weights.items():
        expect_close(final[name], value, f"the average of constant {name}", rtol=1e-6, atol=1e-6)


def _between(composition: Composition) -> None:
    average = build_finish(composition, facts()).average()
    if average is None:
        return
    for name, value in _final(average, _moving()).items():
        low, high = float(value.min()), float(value.max())
        inside = 1 <= low <= high <= _EPOCHS * _STEPS
        expect(inside, f"the average of {name} is {low:.6g}, of weights from 1 to 40")


def _copies(composition: Composition) -> None:
    finish = build_finish(composition, facts())
    average, other = finish.average(), finish.average()
    if average is None or other is None:
        return
    expect(average is not other, "two folds are given one average")
    wanted = {name: value.clone() for name, value in _final(average, _moving()).items()}
    for name, value in _final(other, _in_place()).items():
        expect_close(value, wanted[name], f"the average of {name} where weights move in place")


def _restored(composition: Composition) -> None:
    finish = build_finish(composition, facts())
    for at in range(_EPOCHS):
        average, other = finish.average(), finish.average()
        if average is None or other is None:
            return
        wanted = _final(average, _moving())
        found = _final(other, _moving(), partial(_stopped, finish, at))
        for name, value in wanted.items():
            expect(
                torch.equal(found[name], value),
                f"{name} is another when the average is stopped and restored after {at} epochs",
            )


def _stopped(finish: Finish, at: int, epoch: int, average: WeightAverage) -> WeightAverage:
    """Another average, restored from a copy of this one's state, if `at` is now."""
    other = finish.average()
    if epoch != at or other is None:
        return average
    state = dict(average.state())
    for name, value in state.items():
        expect(isinstance(value, Tensor), f"the state '{name}' is no tensor")
    copies = {name: value.clone() for name, value in state.items()}
    other.restore(copies)
    return other


def _least_epochs(composition: Composition) -> None:
    kind = part_class("finish", composition.finish.name)
    params = parse_params(kind.Params, composition.finish.values, prefix="finish.")
    least = kind.least_epochs(params)
    expect(isinstance(least, int) and least >= 1, f"least_epochs() is {least}")
