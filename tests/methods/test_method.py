"""A method put together."""

import pytest
import torch
from method_contract import COUNTS, batch, built, facts, head, loss, table
from torch.nn import functional as F

from wbcray.core.errors import UsageError
from wbcray.methods.base import Outputs
from wbcray.methods.compose import default_composition, override
from wbcray.methods.method import build_finish, build_method

ONE_SOURCE = torch.tensor([[8, 4, 2], [0, 0, 0], [0, 0, 0]])


def test_erm_is_the_mean_cross_entropy() -> None:
    terms = loss(built(default_composition("erm")), batch())
    expected = F.cross_entropy(head()(batch().features), batch().targets.labels)
    torch.testing.assert_close(terms.total, expected)


def test_the_total_is_risk_plus_penalty() -> None:
    composition = override(default_composition("coral"), {"penalty.weight": 3.0})
    terms = loss(built(composition), batch())
    torch.testing.assert_close(terms.total, terms.parts["risk"] + 3 * terms.parts["coral"])


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("erm", ["risk"]),
        ("coral", ["risk", "coral"]),
        ("dann", ["risk", "domain"]),
        ("boda", ["risk", "boda", "macro"]),
    ],
)
def test_the_risk_and_every_part_of_the_penalty_are_shown(name, parts) -> None:
    assert list(loss(built(default_composition(name)), batch()).parts) == parts


@pytest.mark.parametrize("name", ["coral", "dann", "boda"])
def test_a_penalty_over_domains_is_refused_for_a_single_source(name: str) -> None:
    with pytest.raises(UsageError, match=f"'{name}' compares 2 or more source domains"):
        build_method(default_composition(name), facts(ONE_SOURCE))


def test_erm_trains_on_a_single_source() -> None:
    terms = loss(build_method(default_composition("erm"), facts(ONE_SOURCE)), batch())
    assert terms.total.item() > 0


def test_observing_reaches_the_penalty() -> None:
    composition = override(default_composition("boda"), {"penalty.passes": 20})
    method = build_method(composition, facts())
    given = batch()
    logits = head()(given.features).detach()
    method.observe(Outputs(features=given.features, logits=logits), given.targets, 0.5)
    assert method.penalty.centroids.ready.any()


def test_a_feature_pass_reaches_the_penalty() -> None:
    composition = override(default_composition("boda"), {"penalty.statistics": "capped"})
    method = build_method(composition, facts())
    assert (method.pass_every(), method.pass_limit()) == (1 / 40, 200)
    method.refresh(table())
    assert method.penalty.centroids.ready.all()


def test_the_discriminator_is_trained_with_the_network() -> None:
    method = built(default_composition("dann"))
    assert {name.split(".")[1] for name, _ in method.named_parameters()} == {"discriminator"}


def test_building_is_repeatable_from_the_seed() -> None:
    first, second = (built(default_composition("dann")) for _ in range(2))
    assert all(
        torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True)
    )


def test_the_finish_gets_the_values_of_the_composition() -> None:
    composition = override(default_composition("crt"), {"finish.views": 4})
    assert build_finish(composition, facts()).views() == 4


def test_the_counts_of_a_method_are_those_of_the_fold() -> None:
    assert torch.equal(built(default_composition("boda")).penalty.counts, COUNTS)
