"""CausIRL with CORAL: how the images are dealt, and what the two mixtures cost."""

from collections import Counter

import pytest
import torch
from torch import Tensor

from wbcray.methods.base import NOISE_COLUMNS, PENALTY_NOISE, Outputs, Targets, TrainingFacts
from wbcray.methods.penalties.causirl_coral import (
    CausirlCoral,
    CausirlCoralParams,
    in_first_mixture,
)

DOMAINS = torch.tensor([0, 0, 0, 1, 1])
PLACES = torch.tensor([0.1, 0.2, 0.3, 0.5, 0.4])
NUMBERS = torch.tensor([0.7, 0.0, 0.0, 0.9, 0.2])
"""Domain 0 sends 2 of 3 images (0.7 of its first image), domain 1 sends 0 of 2 (0.2 likewise)."""
LINE = torch.tensor([[0.0], [2.0], [4.0], [6.0], [8.0]], dtype=torch.float64)


def targets(domains: Tensor = DOMAINS, places=PLACES, numbers=NUMBERS) -> Targets:
    noise = torch.zeros(len(domains), NOISE_COLUMNS)
    noise[:, PENALTY_NOISE], noise[:, PENALTY_NOISE + 1] = places, numbers
    return Targets(labels=torch.zeros_like(domains), domains=domains, noise=noise)


def random_targets(domains: Tensor, *, seed: int) -> Targets:
    places, numbers = torch.rand(
        2, len(domains), generator=torch.Generator().manual_seed(seed)
    ).unbind()
    return targets(domains, places, numbers)


def cost(features: Tensor, given: Targets, *, weight: float = 1.0) -> Tensor:
    facts = TrainingFacts(counts=torch.ones(3, 1).long(), feature_dim=1, steps=1)
    causirl = CausirlCoral(CausirlCoralParams(weight=weight), facts)
    outputs = Outputs(features=features, logits=features.new_zeros(len(features), 1))
    return causirl(outputs, given, 0.5).total


def test_each_domain_sends_its_first_images_to_the_first_mixture() -> None:
    assert in_first_mixture(targets()).tolist() == [True, True, False, False, False]


def test_two_mixtures_cost_the_distance_of_their_moments() -> None:
    # Means 1 and 6: 25. Variances 2 and 4: 4.
    assert cost(LINE, targets()).item() == pytest.approx(29.0)
    assert cost(LINE, targets(), weight=0.5).item() == pytest.approx(14.5)


def test_only_the_second_number_of_a_domains_first_image_counts() -> None:
    other = targets(numbers=torch.tensor([0.7, 0.9, 0.9, 0.0, 0.2]))
    assert torch.equal(in_first_mixture(other), in_first_mixture(targets()))


def test_where_no_image_is_sent_the_one_with_the_lowest_number_is() -> None:
    alone = in_first_mixture(targets(numbers=torch.zeros(5)))
    assert alone.tolist() == [True, False, False, False, False]
    # The mean 0 of one image against that of four, 5.
    assert cost(LINE, targets(numbers=torch.zeros(5))).item() == pytest.approx(25.0)


@pytest.mark.parametrize("domains", [[0, 1], [0, 0], [0, 0, 1], [0, 1, 2], [0, 0, 1, 1, 2, 2]])
def test_both_mixtures_hold_images(domains: list[int]) -> None:
    for seed in range(50):
        first = in_first_mixture(random_targets(torch.tensor(domains), seed=seed))
        assert first.any()
        assert not first.all()


def test_a_domain_sends_any_number_but_all_of_its_images_equally_often() -> None:
    domains = torch.arange(4).repeat_interleave(4)
    sent = Counter(
        count
        for seed in range(500)
        for count in in_first_mixture(random_targets(domains, seed=seed))
        .reshape(4, 4)
        .sum(1)
        .tolist()
    )
    assert set(sent) == {0, 1, 2, 3}
    # 500 of 2000 each, with a standard deviation of 20.
    assert all(400 < times < 600 for times in sent.values())


def test_domains_send_independent_numbers_of_images() -> None:
    domains = torch.arange(2).repeat_interleave(4)
    sent = torch.stack(
        [
            in_first_mixture(random_targets(domains, seed=seed)).reshape(2, 4).sum(1)
            for seed in range(500)
        ]
    )
    assert abs(torch.corrcoef(sent.T.double())[0, 1].item()) < 0.15


def test_neither_order_nor_numbers_of_the_domains_matter() -> None:
    order = torch.tensor([4, 1, 3, 0, 2])
    other = targets(7 - 3 * DOMAINS[order], PLACES[order], NUMBERS[order])
    assert torch.equal(in_first_mixture(other), in_first_mixture(targets())[order])
    torch.testing.assert_close(cost(LINE[order], other), cost(LINE, targets()))


def test_a_batch_of_one_domain_costs_nothing() -> None:
    features = LINE.clone().requires_grad_()
    loss = cost(features, targets(torch.ones_like(DOMAINS)))
    assert loss.item() == 0.0
    assert not torch.autograd.grad(loss, features)[0].any()
