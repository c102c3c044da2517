"""The benchmark of the losses compares equals: its pairwise forms are our losses."""

import pytest
import torch
from torch import Tensor

from benchmarks.losses import pairwise
from benchmarks.losses.cases import COUNTS, Case, Watch, make_case
from benchmarks.losses.memory import peak
from benchmarks.losses.step import loss_step
from benchmarks.losses.terms import of_each_domain, split
from wbcray.methods.functional.boda import boda
from wbcray.methods.functional.coral import coral
from wbcray.methods.functional.mmd import mmd

CPU = torch.device("cpu")


def double_case(domains: int) -> Case:
    """13 images, so that domains differ in size, in float64."""
    return make_case(13, domains, dim=16, dtype=torch.float64)


def same(ours: Tensor, features: Tensor, theirs: Tensor, groups: list[Tensor]) -> None:
    """Value and gradient agree to nine digits."""
    torch.testing.assert_close(theirs, ours, rtol=1e-9, atol=0)
    (wanted,) = torch.autograd.grad(ours, features)
    found = torch.cat(torch.autograd.grad(theirs, groups))
    assert wanted.abs().max() > 0
    torch.testing.assert_close(found, wanted, rtol=1e-9, atol=1e-9 * float(wanted.abs().max()))


@pytest.mark.parametrize("domains", [2, 3])
@pytest.mark.parametrize("name", ["coral", "mmd"])
def test_the_pairwise_distance_is_ours(name: str, domains: int) -> None:
    case = double_case(domains)
    features, groups = case.features.clone().requires_grad_(), split(case)
    ours = {"coral": coral, "mmd": mmd}[name](features, case.targets.domains)
    same(ours, features, getattr(pairwise, name)(groups), groups)


@pytest.mark.parametrize("domains", [2, 3])
def test_the_authors_operations_are_our_boda(domains: int) -> None:
    case = double_case(domains)
    features, groups = case.features.clone().requires_grad_(), split(case)
    observed = case.facts.counts.nonzero()
    given = {
        "centroids": case.table.features.view(len(observed), 3, -1).mean(1),
        "centroid_domains": observed[:, 0],
        "centroid_labels": observed[:, 1],
        "nu": 0.5,
        "temperature": 0.5,
    }
    labels = case.targets.labels
    ours = boda(features, labels, case.targets.domains, counts=case.facts.counts, **given)
    theirs = pairwise.boda(
        groups, of_each_domain(case, labels), counts=case.facts.counts.double(), **given
    )
    same(ours, features, theirs, groups)


def test_the_counts_are_those_of_23_observed_pairs() -> None:
    assert COUNTS.shape[1] == 13
    assert int((COUNTS[:2] > 0).sum()) == 23


def test_a_batch_holds_its_domains_in_order_and_only_observed_pairs() -> None:
    targets = make_case(72, 3, dim=4).targets
    assert targets.domains.bincount().tolist() == [24, 24, 24]
    assert bool((targets.domains.diff() >= 0).all())
    assert bool((COUNTS[targets.domains, targets.labels] > 0).all())


def test_turns_are_taken_after_uncounted_calls() -> None:
    order: list[str] = []
    ticks = iter(range(10**6))
    watch = Watch(device=CPU, clock=lambda: float(next(ticks)))
    pairs = watch.in_turns(lambda: order.append("a"), lambda: order.append("b"), repeats=3)
    assert "".join(order[-6:]) == "ababab"
    assert len(order) > 6
    assert pairs == [(1.0, 1.0)] * 3


def test_the_peak_counts_what_is_held_at_once_and_not_what_was_freed() -> None:
    def twice() -> None:
        for _ in range(2):
            first = torch.ones(250_000)
            del first

    assert peak(twice, CPU) == pytest.approx(1e6, rel=0.01)
    assert peak(lambda: torch.ones(250_000).exp().sum(), CPU) == pytest.approx(2e6, rel=0.01)


def test_a_loss_step_leaves_gradients_at_features_and_logits() -> None:
    case = make_case(12, 2, dim=16)
    one = loss_step("boda", case, CPU)
    one()
    for tensor in (one.outputs.features, one.outputs.logits):
        assert tensor.grad is not None
        assert float(tensor.grad.abs().max()) > 0
