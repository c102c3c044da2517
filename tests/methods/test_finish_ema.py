"""The moving average of the weights."""

from typing import Any

import pytest
import torch
from method_contract import facts
from torch import Tensor, nn

from wbcray.methods.base import WeightAverage
from wbcray.methods.finish.ema import Ema, EmaParams

KINDS = ["exponential", "arithmetic"]
every_kind = pytest.mark.parametrize("kind", KINDS)


def average(**params: Any) -> WeightAverage:
    return Ema(EmaParams(**{"start": 0.0, **params}), facts()).average()


def weights(value: float | Tensor, steps: int = 0) -> dict[str, Tensor]:
    return {
        "weight": torch.as_tensor(value, dtype=torch.float32).clone().reshape(-1),
        "num_batches_tracked": torch.tensor(steps),
    }


def after(values: list[float], **params: Any) -> float:
    """The average after steps with these weights."""
    each = average(**params)
    for step, value in enumerate(values):
        each.after_step(weights(value), step / len(values))
    return each.judged(weights(values[-1]))["weight"].item()


@every_kind
def test_a_network_that_does_not_move_is_its_own_average(kind: str) -> None:
    value = torch.rand(50, generator=torch.Generator().manual_seed(0))
    each = average(kind=kind)
    for _ in range(300):
        each.after_step(weights(value), 0.5)
    assert torch.equal(each.judged(weights(value))["weight"], value)


def test_a_young_average_forgets_its_beginning() -> None:
    # decays 2/11 and 3/12: 0 -> 9/11 * 11 = 9 -> 9/4 + 3/4 * 1 = 3
    assert after([0.0, 11.0, 1.0]) == pytest.approx(3.0)


def test_the_decay_is_the_bound() -> None:
    # decays min(0.2, 2/11) = 2/11 and min(0.2, 3/12) = 0.2: 9 -> 1.8 + 0.8 = 2.6
    assert after([0.0, 11.0, 1.0], decay=0.2) == pytest.approx(2.6)


def test_without_decay_the_average_is_the_network() -> None:
    assert after([0.0, 11.0, 1.0], decay=0.0) == 1.0


def test_the_arithmetic_mean_counts_all_steps_alike() -> None:
    generator = torch.Generator().manual_seed(0)
    values = torch.rand(500, generator=generator, dtype=torch.float64).float()
    found = after(values.tolist(), kind="arithmetic")
    assert found == values.double().mean().float().item()


def test_a_long_arithmetic_mean_loses_no_digits() -> None:
    # In float32, a running mean of 20 000 steps stays at 1: 1e-4 / 20 000 is under its last digit.
    each, total = average(kind="arithmetic"), 20_000
    for step in range(total):
        each.after_step(weights(1.0 if step < total // 2 else 1.0001), 0.5)
    assert each.judged(weights(1.0))["weight"].item() == pytest.approx(1.00005, abs=1e-7)


@every_kind
def test_steps_before_the_start_do_not_count(kind: str) -> None:
    assert after([100.0, 100.0, 3.0, 3.0], kind=kind, start=0.5) == 3.0


@every_kind
def test_until_the_start_the_network_is_judged(kind: str) -> None:
    each, network = average(kind=kind, start=0.5), weights(2.0)
    each.after_step(weights(1.0), 0.49)
    assert each.judged(network) is network


@every_kind
def test_running_statistics_are_averaged_and_counters_copied(kind: str) -> None:
    each, norm = average(kind=kind), nn.BatchNorm1d(3)
    for step in range(40):
        norm(torch.rand(8, 3, generator=torch.Generator().manual_seed(step)) + step)
        each.after_step(norm.state_dict(), 0.5)
    judged = each.judged(norm.state_dict())
    assert list(judged) == list(norm.state_dict())
    assert judged["num_batches_tracked"].item() == 40
    assert bool((judged["running_mean"] < norm.running_mean).all())
    nn.BatchNorm1d(3).load_state_dict(judged)


@every_kind
def test_no_live_tensor_is_shared(kind: str) -> None:
    each, live = average(kind=kind), weights(1.0, steps=1)
    each.after_step(live, 0.5)
    live["weight"].fill_(7.0)
    judged = each.judged(live)
    assert judged["weight"].item() == 1.0
    live["num_batches_tracked"].fill_(9)
    judged["weight"].fill_(5.0)
    assert judged["num_batches_tracked"].item() == 1
    assert each.judged(live)["weight"].item() == 1.0


@every_kind
def test_an_average_goes_on_after_it_was_judged(kind: str) -> None:
    each = average(kind=kind)
    for value in (0.0, 11.0, 1.0):
        each.after_step(weights(value), 0.5)
        each.judged(weights(value))
        each.after_epoch(1.0)
    assert each.judged(weights(1.0))["weight"].item() == pytest.approx(
        after([0.0, 11.0, 1.0], kind=kind)
    )


@every_kind
def test_the_best_judged_weights_are_kept(kind: str) -> None:
    best = weights(3.0)
    each = average(kind=kind)
    each.after_step(weights(1.0), 0.5)
    assert each.final(best) is best
    assert not each.re_estimates


def test_every_fold_gets_an_average_of_its_own() -> None:
    finish = Ema(EmaParams(start=0.0), facts())
    finish.average().after_step(weights(1.0), 0.5)
    network = weights(2.0)
    assert finish.average().judged(network) is network
