"""The valley of the validation loss, and the mean of the weights in it."""

import math
from typing import Any

import pytest
import torch
from method_contract import facts
from torch import Tensor, nn

from wbcray.methods.base import WeightAverage
from wbcray.methods.finish.swad import Swad, SwadParams

STEPS = 2


def average(**params: Any) -> WeightAverage:
    return Swad(SwadParams(**params), facts()).average()


def one_hot(epoch: int, epochs: int, step: int) -> Tensor:
    """Weights of a step, such that the mean over the steps of an epoch is its one-hot vector."""
    return nn.functional.one_hot(torch.tensor(epoch - 1), epochs) * (0.5 + step)


def valley(losses: list[float], **params: Any) -> list[int]:
    """Epochs, counted from 1, whose mean weights are averaged; each must count alike."""
    each, zero = average(**params), torch.zeros(len(losses))
    for epoch, loss in enumerate(losses, 1):
        for step in range(STEPS):
            each.after_step({"w": one_hot(epoch, len(losses), step)}, 0.5)
        each.after_epoch(float(loss))
    found = each.final({"w": zero})["w"]
    counted = (found > 0).nonzero().squeeze(1) + 1
    torch.testing.assert_close(found[found > 0], torch.full((len(counted),), 1 / len(counted)))
    return counted.tolist()


def slow_valley(losses: list[float], *, n_converge: int, n_tolerance: int, ratio: float) -> list:
    """From the definition, with the losses of the whole training at hand."""
    epochs = range(len(losses))
    starts = (
        s
        for s in epochs[: len(losses) - n_converge + 1]
        if losses[s] == min(losses[s : s + n_converge])
    )
    lowest = next(starts, None)
    if lowest is None:
        return [len(losses)]
    threshold = (1 + ratio) * sum(losses[lowest : lowest + n_converge]) / n_converge
    low = [loss <= threshold for loss in losses]
    last = max(
        e
        for e in epochs[lowest:]
        if low[e] and all(any(low[k : k + n_tolerance]) for k in range(lowest, e + 1))
    )
    back = max(0, lowest - max(0, n_tolerance - n_converge))
    first = next(e for e in range(back, lowest + 1) if all(low[e : lowest + 1]))
    return list(range(min(first + 1, lowest) + 1, last + 2))


def test_a_valley_by_hand() -> None:
    # Epoch 4 is the first that is lowest of three: (1.9 + 2 + 2.6) / 3 * 1.3 = 2.817 is tolerated.
    # Epoch 3 is low and epoch 2 is not, so epoch 3 led down into the valley and does not belong.
    # Epochs 8 and 9 are higher: that ends the valley if two in a row do.
    losses = [5, 3, 2, 1.9, 2, 2.6, 2.8, 3.5, 3.0, 2.0]
    assert valley(losses, n_tolerance=2) == [4, 5, 6, 7]
    assert valley(losses, n_tolerance=3) == [4, 5, 6, 7, 8, 9, 10]


def test_an_earlier_epoch_belongs_if_the_loss_was_low_before_and_after_it() -> None:
    # tolerated: 1 * 1.3; epochs 3 and 4 (1.2 and 1.1) start at 1.25 and 1.2, epoch 2 starts at 3
    losses = [3, 1.25, 1.2, 1.1, 1, 1, 1]
    assert valley(losses, n_tolerance=6) == [3, 4, 5, 6, 7]


def test_it_looks_back_over_n_tolerance_minus_n_converge_losses() -> None:
    losses = [1.25, 1.24, 1.23, 1.2, 1.1, 1, 1, 1]
    assert valley(losses, n_tolerance=5) == [5, 6, 7, 8]
    assert valley(losses, n_tolerance=3) == [6, 7, 8]


def test_a_short_rise_is_crossed_and_one_at_the_end_is_cut_off() -> None:
    # The tolerated loss is 1.3.
    assert valley([1, 1, 1, 9, 9, 1, 9, 9], n_tolerance=3) == [1, 2, 3, 4, 5, 6]


def test_what_comes_after_the_valley_does_not_count() -> None:
    assert valley([1, 1, 1, 9, 9, 9, 0.1, 0.1, 0.1], n_tolerance=3) == [1, 2, 3]


@pytest.mark.parametrize("losses", [[3.0, 2.0, 1.0], [3.0, 2.0], [1.0]])
def test_without_a_valley_the_mean_of_the_last_epoch_is_kept(losses: list[float]) -> None:
    assert valley(losses) == [len(losses)]


def test_the_first_epoch_may_be_the_lowest() -> None:
    assert valley([1, 2, 3]) == [1, 2]


def test_equal_losses_are_a_valley_without_any_tolerance() -> None:
    # three times 0.1 over three is more than 0.1, three times 0.7 over three is less
    for loss in (0.1, 0.7):
        assert valley([loss] * 5, tolerance_ratio=0.0) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_a_loss_that_is_no_number_is_in_no_valley(broken: float) -> None:
    assert valley([broken, broken, broken, 1, 1, 1]) == [4, 5, 6]
    assert valley([1, 1, 1, broken, broken], n_tolerance=2) == [1, 2, 3]
    assert valley([broken] * 5) == [5]


@pytest.mark.parametrize("seed", range(60))
def test_the_valley_of_any_losses_is_that_of_the_definition(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    losses = (torch.randn(24, generator=generator).cumsum(0) / 6).exp().tolist()
    n_converge, n_tolerance = 2 + seed % 3, 1 + seed % 8
    found = valley(losses, n_converge=n_converge, n_tolerance=n_tolerance, tolerance_ratio=0.1)
    expected = slow_valley(losses, n_converge=n_converge, n_tolerance=n_tolerance, ratio=0.1)
    assert found == expected


def test_the_mean_of_identical_epochs_is_the_network() -> None:
    norm = nn.BatchNorm1d(4)
    norm(torch.rand(8, 4, generator=torch.Generator().manual_seed(0)))
    each, state = average(), norm.state_dict()
    for _ in range(8):
        for _ in range(3):
            each.after_step(state, 0.5)
        each.after_epoch(1.0)
    kept = each.final(state)
    assert list(kept) == list(state)
    assert all(torch.equal(kept[name], state[name]) for name in state)
    assert kept["num_batches_tracked"].dtype == torch.int64


def test_the_network_itself_is_judged() -> None:
    network = {"w": torch.ones(1)}
    each = average()
    each.after_step({"w": torch.zeros(1)}, 0.5)
    assert each.judged(network) is network


def test_no_live_tensor_is_shared() -> None:
    each, live = average(n_converge=2), {"w": torch.tensor([1.0]), "n": torch.tensor(3)}
    for _ in range(2):
        live["w"].fill_(1.0)
        each.after_step(live, 0.5)
        live["w"].fill_(7.0)
        each.after_epoch(1.0)
    kept = each.final(live)
    live["n"].fill_(9)
    assert (kept["w"].item(), kept["n"].item()) == (1.0, 3)


def test_without_any_epoch_the_best_weights_are_kept() -> None:
    best = {"w": torch.ones(1)}
    assert average().final(best) is best


def test_no_more_epochs_are_kept_than_may_still_be_needed() -> None:
    each = average(n_converge=3, n_tolerance=6)
    for epoch in range(30):
        each.after_step({"w": torch.zeros(1)}, 0.5)
        each.after_epoch(30.0 - epoch)
    assert len(each._recent) == 6
    for loss in (1.0, 1.0, 9.0, 9.0):
        each.after_step({"w": torch.zeros(1)}, 0.5)
        each.after_epoch(loss)
    assert (len(each._recent), len(each._high)) == (0, 2)


def test_a_valley_that_is_over_costs_nothing_more() -> None:
    each = average(n_converge=2, n_tolerance=1)
    for loss in (1.0, 1.0, 9.0):
        each.after_step({"w": torch.zeros(1)}, 0.5)
        each.after_epoch(loss)
    each.after_step({"w": torch.ones(1)}, 0.5)
    assert each._steps.count == 0


@pytest.mark.parametrize(("n_converge", "epochs"), [(2, 2), (5, 5)])
def test_it_needs_epochs_to_find_a_valley_in(n_converge: int, epochs: int) -> None:
    assert Swad.least_epochs(SwadParams(n_converge=n_converge)) == epochs


def test_statistics_of_batch_norm_are_estimated_anew() -> None:
    assert average().re_estimates
