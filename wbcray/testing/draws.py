"""A draw plan is a distribution over the training images, and the same every time."""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from wbcray.core.config import Composition
from wbcray.methods.base import DrawPlan
from wbcray.methods.method import build_sampler
from wbcray.testing.batches import COUNTS, WIDE_COUNTS, table
from wbcray.testing.check import expect

_Ids = np.ndarray[Any, np.dtype[np.int64]]
_FOLDS: Mapping[str, Any] = {
    "two domains": COUNTS,
    "three domains": WIDE_COUNTS,
    "one domain": COUNTS[:1],
    "one image": COUNTS.new_tensor([[1]]),
}


def draw_properties(composition: Composition) -> Mapping[str, Callable[[], None]]:
    """What holds of draw plans."""
    return {
        "a draw plan is a distribution over the images": partial(expect_distribution, composition),
        "a draw plan is the same every time": partial(_deterministic, composition),
        "the order of the images does not matter": partial(_order, composition),
    }


def expect_distribution(composition: Composition) -> None:
    """Refuse a plan that leaves an image out, or whose probabilities are none."""
    for name, counts in _FOLDS.items():
        labels, domains = _ids(counts)
        plan = build_sampler(composition).plan(labels, domains)
        chances, strata = _chances(plan, labels), plan.strata
        where = f"for a fold with {name}"
        expect(chances.dtype == np.float64, f"probabilities {where} are {chances.dtype}")
        expect(chances.shape == labels.shape, f"not one probability an image {where}")
        expect(bool(np.isfinite(chances).all()), f"a probability {where} is not finite")
        expect(bool(chances.min() > 0), f"an image {where} is never drawn")
        total = float(chances.sum())
        expect(math.isclose(total, 1.0, abs_tol=1e-12), f"probabilities {where} sum to {total}")
        expect(strata is None or strata.shape == labels.shape, f"not one stratum an image {where}")
        expect(strata is None or strata.dtype == np.int64, f"strata {where} are no int64")


def _deterministic(composition: Composition) -> None:
    ids = _ids(WIDE_COUNTS)
    first = build_sampler(composition).plan(*ids)
    sampler = build_sampler(composition)
    for other in (sampler.plan(*ids), sampler.plan(*ids)):
        expect(_same(first.probabilities, other.probabilities), "another plan, other probabilities")
        expect(_same(first.strata, other.strata), "another plan, other strata")


def _order(composition: Composition) -> None:
    labels, domains = _ids(WIDE_COUNTS)
    order = np.random.default_rng(0).permutation(len(labels))
    sampler = build_sampler(composition)
    plan, other = sampler.plan(labels, domains), sampler.plan(labels[order], domains[order])
    gap = float(np.abs(_chances(plan, labels)[order] - _chances(other, labels)).max())
    expect(gap < 1e-12, "probabilities do not go with their images")  # noqa: PLR2004  # rounding
    if plan.strata is not None and other.strata is not None:
        together = plan.strata[order][:, None] == plan.strata[order][None, :]
        expect(
            bool((together == (other.strata[:, None] == other.strata[None, :])).all()),
            "strata do not go with their images",
        )


def _ids(counts: Any) -> tuple[_Ids, _Ids]:
    images = table(counts)
    return images.labels.numpy(), images.domains.numpy()


def _chances(plan: DrawPlan, labels: _Ids) -> np.ndarray[Any, np.dtype[Any]]:
    if plan.probabilities is None:
        return np.full(len(labels), 1 / len(labels))
    return plan.probabilities


def _same(first: Any, second: Any) -> bool:
    if first is None or second is None:
        return first is second
    return bool(np.array_equal(first, second))
