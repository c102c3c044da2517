"""Who is mixed with whom."""

import pytest
import torch
from torch import Tensor

from wbcray.methods.functional.partners import partners_anywhere, partners_in_other_domain


def numbers(images: int, *, seed: int = 0) -> Tensor:
    return torch.rand(images, generator=torch.Generator().manual_seed(seed))


def slow_partners(order: list[float], domains: list[int]) -> list[int]:
    """From the definition: domains by their smallest number, images by their own."""
    groups: dict[int, list[int]] = {}
    for row in sorted(range(len(order)), key=order.__getitem__):
        groups.setdefault(domains[row], []).append(row)
    cycle = list(groups.values())
    partners = [0] * len(order)
    for place, group in enumerate(cycle):
        following = cycle[(place + 1) % len(cycle)]
        for rank, row in enumerate(group):
            partners[row] = following[rank % len(following)]
    return partners


def test_two_domains_by_hand() -> None:
    # Domain 7 by number: rows 2, 0. Domain 3: rows 3, 1, 4. The third of domain 3 starts again.
    order = torch.tensor([0.5, 0.6, 0.1, 0.2, 0.9])
    domains = torch.tensor([7, 3, 7, 3, 3])
    assert partners_in_other_domain(order, domains).tolist() == [1, 0, 3, 2, 2]


def test_three_domains_form_a_cycle() -> None:
    # The smallest numbers are 0.1 (domain 2), 0.2 (domain 0), 0.3 (domain 1).
    order = torch.tensor([0.2, 0.3, 0.1])
    assert partners_in_other_domain(order, torch.tensor([0, 1, 2])).tolist() == [1, 2, 0]


@pytest.mark.parametrize("seed", range(20))
def test_any_batch_is_paired_as_the_definition_says(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    images = int(torch.randint(1, 30, (1,), generator=generator))
    domains = torch.randint(0, 1 + seed % 5, (images,), generator=generator)
    order = numbers(images, seed=seed)
    expected = slow_partners(order.tolist(), domains.tolist())
    assert partners_in_other_domain(order, domains).tolist() == expected


def test_images_with_equal_numbers_still_have_partners_in_another_domain() -> None:
    domains = torch.tensor([0, 1, 0, 1, 2, 2])
    partner = partners_in_other_domain(torch.zeros(6), domains)
    assert partner.tolist() == slow_partners([0.0] * 6, domains.tolist())
    assert bool((domains[partner] != domains).all())


def test_every_image_of_the_next_domain_is_used_before_any_is_used_again() -> None:
    domains = torch.tensor([0] * 7 + [1] * 3)
    partner = partners_in_other_domain(numbers(10), domains)
    assert sorted(partner[:7].bincount(minlength=10).tolist()) == [0] * 7 + [2, 2, 3]
    assert len(partner[7:].unique()) == 3


def test_in_one_domain_every_image_has_itself() -> None:
    partner = partners_in_other_domain(numbers(5), torch.full((5,), 4))
    assert partner.tolist() == list(range(5))


@pytest.mark.parametrize("images", [1, 2, 11])
def test_anywhere_is_one_cycle_through_all_images(images: int) -> None:
    partner = partners_anywhere(numbers(images)).tolist()
    seen, row = [], 0
    for _ in range(images):
        seen.append(row)
        row = partner[row]
    assert row == 0
    assert sorted(seen) == list(range(images))


def test_anywhere_follows_the_numbers() -> None:
    assert partners_anywhere(torch.tensor([0.5, 0.1, 0.9])).tolist() == [2, 0, 1]


def test_a_batch_in_another_order_has_the_same_pairs() -> None:
    order, domains = numbers(12), torch.arange(12) % 5 // 2
    shuffle = numbers(12, seed=1).argsort()
    for here, there in (
        (
            partners_in_other_domain(order, domains),
            partners_in_other_domain(order[shuffle], domains[shuffle]),
        ),
        (partners_anywhere(order), partners_anywhere(order[shuffle])),
    ):
        assert torch.equal(shuffle[there], here[shuffle])


def test_renumbered_domains_have_the_same_pairs() -> None:
    order, domains = numbers(12), torch.arange(12) % 3
    new_id = torch.tensor([9, 2, 5])
    assert torch.equal(
        partners_in_other_domain(order, domains), partners_in_other_domain(order, new_id[domains])
    )


def test_both_directions_of_a_cycle_of_three_equal_domains_are_equally_likely() -> None:
    # 400 fair coins: 200 within four standard deviations, 40
    domains = torch.tensor([0, 1, 2]).repeat(2)
    onward = sum(
        int(domains[partners_in_other_domain(numbers(6, seed=seed), domains)][0] == 1)
        for seed in range(400)
    )
    assert abs(onward - 200) < 40
