"""A penalty over domains has nothing to compare where there are too few of them."""

from collections.abc import Callable, Mapping
from functools import partial

from wbcray.core.config import Composition
from wbcray.testing.batches import BATCHES, batch, counts_of
from wbcray.testing.check import expect
from wbcray.testing.learner import Learner


def penalty_properties(composition: Composition) -> Mapping[str, Callable[[], None]]:
    """What holds of penalties alone."""
    return {"exactly zero for fewer domains than it compares": partial(_zero, composition)}


def _zero(composition: Composition) -> None:
    for name in BATCHES:
        given, learner = batch(name), Learner(composition, counts=counts_of(name))
        penalty = learner.method.penalty
        if len(given.targets.domains.unique()) >= penalty.needs_domains:
            continue
        outputs, targets = learner.outputs(given.features, given.targets)
        total = penalty(outputs, targets, 1.0).total.item()
        expect(
            total == 0.0,
            f"costs {total:.6g} for a batch with {name}, but compares {penalty.needs_domains} "
            "or more domains",
        )
