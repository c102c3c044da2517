"""The BoDA penalty: weights, warm-up and where its centroids come from."""

from typing import Any

import pytest
import torch
from method_contract import COUNTS, DIM, Batch, batch, facts, head, table

from wbcray.methods.base import LossTerms, Outputs, Targets
from wbcray.methods.functional import boda, coral
from wbcray.methods.penalties.boda import Boda, BodaParams


def penalty(**params: Any) -> Boda:
    return Boda(BodaParams(**params), facts())


def outputs(given: Batch) -> Outputs:
    return Outputs(features=given.features, logits=head()(given.features).detach())


def terms(of: Boda, *, progress: float = 1.0, name: str = "two domains") -> LossTerms:
    given = batch(name)
    return of(outputs(given), given.targets, progress)


def test_the_total_is_the_weighted_sum_of_the_two_parts() -> None:
    boda_penalty = penalty(weight=0.5, macro_weight=3.0)
    boda_penalty.refresh(table())
    found = terms(boda_penalty)
    torch.testing.assert_close(found.total, 0.5 * found.parts["boda"] + 3 * found.parts["macro"])
    assert found.parts["boda"] > 0


def test_after_a_pass_it_is_the_function_of_the_table_s_means() -> None:
    boda_penalty = penalty(statistics="full", nu=0.3, temperature=2.0)
    boda_penalty.refresh(table())
    given, rows, pairs = batch(), table(), COUNTS.nonzero()
    means = torch.stack(
        [rows.features[(rows.domains == d) & (rows.labels == c)].mean(0) for d, c in pairs]
    )
    expected = boda(
        given.features,
        given.targets.labels,
        given.targets.domains,
        centroids=means,
        centroid_domains=pairs[:, 0],
        centroid_labels=pairs[:, 1],
        counts=COUNTS,
        nu=0.3,
        temperature=2.0,
    )
    torch.testing.assert_close(terms(boda_penalty).parts["boda"], expected)


def test_the_macro_part_is_coral() -> None:
    expected = coral(batch().features, batch().targets.domains)
    assert torch.equal(terms(penalty()).parts["macro"], expected)


def test_macro_weight_zero_leaves_the_poster_s_two_terms() -> None:
    boda_penalty = penalty(macro_weight=0.0, weight=2.0)
    boda_penalty.refresh(table())
    found = terms(boda_penalty)
    assert found.parts["macro"].item() == 0.0
    assert torch.equal(found.total, 2 * found.parts["boda"])


@pytest.mark.parametrize(("progress", "present"), [(0.0, False), (0.29, False), (0.3, True)])
def test_the_boda_part_waits_for_the_end_of_the_warm_up(progress, present) -> None:
    boda_penalty = penalty(warm_up=0.3)
    boda_penalty.refresh(table())
    assert bool(terms(boda_penalty, progress=progress).parts["boda"] > 0) is present


def test_without_statistics_the_boda_part_is_zero() -> None:
    assert terms(penalty()).parts["boda"].item() == 0.0


def test_online_statistics_come_from_the_steps() -> None:
    # 20 steps and 10 passes: centroids every second step
    boda_penalty = penalty(passes=10)
    first, second = batch(seed=1), batch(seed=2)
    for given in (first, second):
        boda_penalty.observe(outputs(given), given.targets)
    # rows 3 and 5 of each batch are domain 1, class 0: the third observed pair after (0, 2)
    rows = torch.stack([first.features[3], first.features[5], *second.features[[3, 5]]])
    torch.testing.assert_close(boda_penalty.centroids.means[3], rows.mean(0))


def test_other_statistics_ignore_the_steps() -> None:
    boda_penalty = penalty(statistics="full", passes=20)
    boda_penalty.observe(outputs(batch()), batch().targets)
    assert not boda_penalty.centroids.ready.any()


def test_a_pair_without_a_centroid_is_absent() -> None:
    # Only domain 0 was seen, so that its images have no positive pair, and those of domain 1 have
    # one; a centroid at the origin would change this.
    boda_penalty = penalty(passes=20)
    seen = batch("one domain")
    boda_penalty.observe(outputs(seen), seen.targets)
    assert boda_penalty.centroids.ready.tolist() == [True, True, True, False, False]
    assert terms(boda_penalty).parts["boda"] > 0
    given = Targets(labels=torch.tensor([0, 2]), domains=torch.tensor([0, 0]))
    features = torch.ones(2, DIM)
    lonely = Outputs(features=features, logits=head()(features).detach())
    assert boda_penalty(lonely, given, 1.0).parts["boda"].item() == 0.0


@pytest.mark.parametrize(
    ("statistics", "every", "limit"),
    [("online", None, None), ("capped", 0.1, 50), ("full", 0.1, None)],
)
def test_it_asks_for_the_passes_it_needs(statistics, every, limit) -> None:
    boda_penalty = penalty(statistics=statistics, passes=10, cap=50)
    assert (boda_penalty.pass_every(), boda_penalty.pass_limit()) == (every, limit)


def test_observing_in_a_step_leaves_no_graph() -> None:
    boda_penalty = penalty(passes=20)
    features = batch().features.requires_grad_()
    boda_penalty.observe(Outputs(features=features, logits=head()(features)), batch().targets)
    assert not boda_penalty.centroids.means.requires_grad
