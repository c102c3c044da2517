"""What must not matter: the order of a batch, the numbers of domains, who computes which rows."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import torch

from wbcray.core.config import Composition
from wbcray.methods.base import NOISE_COLUMNS, PENALTY_NOISE, Targets
from wbcray.testing.batches import COUNTS, WIDE_COUNTS, Batch, batch
from wbcray.testing.check import expect_close
from wbcray.testing.learner import Learner

_ORDERS = {
    "two domains": torch.tensor([3, 0, 5, 1, 4, 2]),
    "three domains": torch.tensor([8, 3, 0, 5, 1, 7, 4, 2, 6]),
}


def invariance_properties(composition: Composition) -> Mapping[str, Callable[[], None]]:
    """What must change nothing."""
    return {
        "the order of the batch does not matter": partial(_order, composition),
        "the numbers of the domains do not matter": partial(_numbers, composition),
        "two halves of a batch, gathered, give the loss of the whole": partial(
            _halves, composition
        ),
        "chance comes from the part's own columns of the noise": partial(_columns, composition),
    }


def _order(composition: Composition) -> None:
    for name, order in _ORDERS.items():
        learner = Learner(composition, counts=WIDE_COUNTS)
        given = batch(name)
        terms, gradient = learner.loss(given)
        other, other_gradient = learner.loss(given.permuted(order))
        what = f"for a batch with {name} in another order"
        expect_close(other.total, terms.total, f"the loss {what}")
        expect_close(other_gradient, gradient[order], f"the gradient {what}")


def _numbers(composition: Composition) -> None:
    plain = Learner(composition)
    # Weights of a part that learns start at random, domain by domain: the sources keep their order.
    learns = any(True for _ in plain.method.parameters())
    new_id = torch.tensor([0, 2, 1] if learns else [1, 2, 0])
    counts = COUNTS[new_id.argsort()]
    terms, gradient = plain.loss(batch())
    other, other_gradient = Learner(composition, counts=counts).loss(batch().renumbered(new_id))
    expect_close(other.total, terms.total, "the loss with other numbers for the domains")
    expect_close(other_gradient, gradient, "the gradient with other numbers for the domains")


def _halves(composition: Composition) -> None:
    learner, given = Learner(composition), batch()
    terms, gradient = learner.loss(given)
    other, other_gradient = learner.loss(given, workers=2)
    expect_close(other.total, terms.total, "the loss by two workers")
    expect_close(other_gradient, gradient, "the gradient by two workers")


def _columns(composition: Composition) -> None:
    """Neither the mixing nor the penalty reads the columns of the other."""
    learner, given = Learner(composition), batch()
    mixing, penalty = torch.arange(PENALTY_NOISE), torch.arange(PENALTY_NOISE, NOISE_COLUMNS)
    terms, _ = learner.loss(given)
    outputs, targets = learner.outputs(given.features, given.targets)
    logits = learner.outputs(given.features, _other(given, penalty))[0].logits
    expect_close(logits, outputs.logits, "what is mixed, with other noise for the penalty")
    given_noise = replace(targets, noise=_other(given, mixing).noise)
    total = learner.method(outputs, given_noise, 1.0).total
    expect_close(total, terms.total, "the loss, with other noise for the mixing")


def _other(given: Batch, columns: torch.Tensor) -> Targets:
    """The targets with other noise in `columns`."""
    if given.targets.noise is None:
        return given.targets
    noise = given.targets.noise.clone()
    noise[:, columns] = 1 - noise[:, columns]
    return replace(given.targets, noise=noise)
