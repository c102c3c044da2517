"""Every registered part and preset holds the contract."""

import copy
import math
import sys

import numpy as np
import pytest
import torch
from method_contract import (
    BATCHES,
    COUNTS,
    DIM,
    batch,
    built,
    compositions,
    extremes,
    facts,
    head,
    is_finite,
    loss,
    permuted,
    renumbered,
    stray_tensors,
    table,
)
from torch import nn

from wbcray.core.config import Composition
from wbcray.methods.base import Outputs, Targets
from wbcray.methods.compose import default_composition, override
from wbcray.methods.method import build_finish, build_method, build_sampler
from wbcray.methods.presets import PRESETS

ALL = compositions()
EXTREMES = list(extremes())
every_composition = pytest.mark.parametrize("composition", ALL.values(), ids=ALL.keys())


@every_composition
@pytest.mark.parametrize("name", BATCHES)
def test_the_loss_and_its_gradient_are_finite(composition: Composition, name: str) -> None:
    assert is_finite(*loss(built(composition), batch(name)))


@every_composition
def test_the_loss_is_finite_before_any_statistic_exists(composition: Composition) -> None:
    assert is_finite(*loss(build_method(composition, facts()), batch()))


@pytest.mark.parametrize(("axis", "name", "dotted", "value"), EXTREMES)
def test_both_ends_of_every_declared_range_work(axis, name, dotted, value) -> None:
    composition = override(default_composition("erm"), {axis: name, dotted: value})
    plan = build_sampler(composition).plan(*ids())
    new = build_finish(composition).fit(head(), table(), seed=0)

    assert is_finite(*loss(built(composition), batch()))
    assert plan.probabilities is None or np.isfinite(plan.probabilities).all()
    assert bool(torch.isfinite(new.weight).all())


@every_composition
def test_the_order_of_the_batch_does_not_matter(composition: Composition) -> None:
    method, given = built(composition), batch()
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    terms, gradient = loss(method, given)
    other, other_gradient = loss(method, permuted(given, order))
    torch.testing.assert_close(terms.total, other.total)
    torch.testing.assert_close(gradient[order], other_gradient)


@every_composition
def test_the_numbers_of_the_domains_do_not_matter(composition: Composition) -> None:
    new_id = torch.tensor([0, 2, 1])
    counts = COUNTS[torch.tensor([0, 2, 1])]
    terms, gradient = loss(built(composition), batch())
    other, other_gradient = loss(built(composition, counts=counts), renumbered(batch(), new_id))
    torch.testing.assert_close(terms.total, other.total)
    torch.testing.assert_close(gradient, other_gradient)


@every_composition
def test_bfloat16_autocast_stays_finite_and_near_float32(composition: Composition) -> None:
    method, given = built(composition), batch()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        terms, gradient = loss(method, given)
    assert is_finite(terms, gradient)
    assert terms.total.item() == pytest.approx(loss(method, given)[0].total.item(), rel=2e-2)


@every_composition
def test_half_precision_features_give_a_float32_loss(composition: Composition) -> None:
    outputs = Outputs(
        features=batch().features.bfloat16(), logits=head()(batch().features).bfloat16()
    )
    with torch.autocast("cpu", dtype=torch.bfloat16):
        total = built(composition)(outputs, batch().targets, 1.0).total
    assert total.dtype == torch.float32


@every_composition
def test_no_tensor_is_lost_on_the_way_to_a_checkpoint(composition: Composition) -> None:
    assert stray_tensors(built(composition)) == []


@every_composition
def test_a_restored_method_goes_on_as_if_never_stopped(composition: Composition) -> None:
    method = built(composition, seed=0)
    observe(method, seed=4)
    restored = build_method(composition, facts())
    restored.load_state_dict(copy.deepcopy(method.state_dict()))
    for each in (method, restored):
        observe(each, seed=5)
    assert torch.equal(loss(method, batch())[0].total, loss(restored, batch())[0].total)


@every_composition
def test_the_names_of_the_parts_are_the_same_in_every_batch(composition: Composition) -> None:
    method = built(composition)
    names = {
        tuple(loss(method, batch(name), progress=progress)[0].parts)
        for name in BATCHES
        for progress in (0.0, 1.0)
    }
    assert len(names) == 1


@every_composition
def test_shown_parts_hold_no_graph(composition: Composition) -> None:
    parts = loss(built(composition), batch())[0].parts
    assert not any(value.requires_grad for value in parts.values())


@pytest.mark.parametrize("name", ["coral", "dann", "boda"])
@pytest.mark.parametrize("given", ["one domain", "a single image"])
def test_a_penalty_over_domains_of_one_domain_is_exactly_zero(name: str, given: str) -> None:
    penalty = built(default_composition(name)).penalty
    features = batch(given).features.requires_grad_()
    outputs = Outputs(features=features, logits=head()(features))
    assert penalty(outputs, batch(given).targets, 1.0).total.item() == 0.0


@pytest.mark.parametrize("composition", ALL.values(), ids=ALL.keys())
def test_a_draw_plan_is_a_distribution_over_the_images(composition: Composition) -> None:
    labels, domains = ids()
    plan = build_sampler(composition).plan(labels, domains)
    chances = np.full(len(labels), 1 / len(labels))
    if plan.probabilities is not None:
        chances = plan.probabilities
    assert chances.dtype == np.float64
    assert chances.min() > 0
    assert math.isclose(chances.sum(), 1.0, abs_tol=1e-12)


@pytest.mark.parametrize("name", PRESETS)
def test_fifty_steps_learn_separated_classes(name: str) -> None:
    torch.manual_seed(0)
    domains, labels = torch.arange(32) % 2, torch.arange(32) // 2 % 2
    images = nn.functional.one_hot(labels, DIM) * 4 + domains[:, None] + torch.randn(32, DIM) / 4
    counts = torch.tensor([[8, 8, 0], [8, 8, 0], [0, 0, 0]])
    network = nn.Sequential(nn.Linear(DIM, DIM), nn.ReLU())
    classifier = nn.Linear(DIM, 3)
    method = build_method(default_composition(name), facts(counts))
    optimizer = torch.optim.AdamW(
        [*network.parameters(), *classifier.parameters(), *method.parameters()], lr=2e-2
    )
    targets = Targets(labels=labels, domains=domains)
    for step in range(50):
        features = network(images)
        outputs = Outputs(features=features, logits=classifier(features))
        optimizer.zero_grad()
        method(outputs, targets, step / 50).total.backward()
        optimizer.step()
        method.observe(Outputs(features=features.detach(), logits=outputs.logits.detach()), targets)
    assert (classifier(network(images)).argmax(1) == labels).float().mean() >= 0.95


def ids() -> tuple[np.ndarray, np.ndarray]:
    return table().labels.numpy(), table().domains.numpy()


def observe(method: nn.Module, *, seed: int) -> None:
    given = batch(seed=seed)
    method.observe(
        Outputs(features=given.features, logits=head()(given.features).detach()), given.targets
    )


def test_the_shape_checks_are_on() -> None:
    assert "jaxtyping" in sys.modules
    with pytest.raises(Exception, match="labels"):
        Targets(labels=torch.zeros(2, 1, dtype=torch.int64), domains=torch.zeros(2).long())
