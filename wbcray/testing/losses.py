"""The loss of a method is finite, of one shape and type, and near itself in half precision."""

from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor

from wbcray.core.config import Composition
from wbcray.methods.base import LossTerms, Outputs
from wbcray.testing.batches import BATCHES, batch, counts_of
from wbcray.testing.check import expect, expect_close, expect_finite
from wbcray.testing.learner import Learner

_PROGRESS = (0.0, 1.0)


def loss_properties(composition: Composition) -> Mapping[str, Callable[[], None]]:
    """What holds of every loss, batch by batch."""
    return {
        "finite loss and gradient for every kind of batch": partial(_finite, composition),
        "finite before any statistic exists": partial(_finite, composition, known=False),
        "a float32 number, with parts that are shown": partial(_one_number, composition),
        "the same names of parts in every batch": partial(_same_names, composition),
        "shown parts hold no graph": partial(_no_graph, composition),
        "bfloat16 autocast is near float32": partial(_autocast, composition),
        "half-precision features give a float32 loss": partial(_half, composition),
    }


def expect_finite_loss(terms: LossTerms, gradient: Tensor, *, where: str) -> None:
    """Refuse a loss, a part or a gradient that is NaN or infinite."""
    expect_finite(terms.total, f"the loss {where}")
    expect_finite(gradient, f"the gradient {where}")
    for name, value in terms.parts.items():
        expect_finite(value, f"the part '{name}' {where}")


def _finite(composition: Composition, *, known: bool = True) -> None:
    for name in BATCHES:
        learner = Learner(composition, counts=counts_of(name), known=known)
        for progress in _PROGRESS:
            where = f"for a batch with {name} at progress {progress}"
            expect_finite_loss(*learner.loss(batch(name), progress=progress), where=where)


def _one_number(composition: Composition) -> None:
    learner, given = Learner(composition), batch()
    outputs, targets = learner.outputs(given.features, given.targets)
    losses = learner.method.classification(outputs.logits, targets.labels, 0.5)
    expect(
        losses.shape == targets.labels.shape,
        f"the classification loss has the shape {tuple(losses.shape)}, not one number an image",
    )
    total = learner.method(outputs, targets, 0.5).total
    expect(total.shape == (), f"the loss has the shape {tuple(total.shape)} and is no number")
    expect(total.dtype == torch.float32, f"the loss is {total.dtype}, not float32")


def _same_names(composition: Composition) -> None:
    wanted = None
    for number, name in enumerate(BATCHES):
        # Every other one before any statistic exists.
        learner = Learner(composition, counts=counts_of(name), known=number % 2 == 0)
        for progress in (0.0, 1.0):
            names = tuple(learner.loss(batch(name), progress=progress)[0].parts)
            wanted = wanted or names
            expect(
                names == wanted,
                f"the parts are {', '.join(names)} for a batch with {name}, but "
                f"{', '.join(wanted)} before",
            )


def _no_graph(composition: Composition) -> None:
    terms, _ = Learner(composition).loss(batch())
    for name, value in terms.parts.items():
        expect(not value.requires_grad, f"the part '{name}' holds a graph: detach it")
        expect(value.shape == (), f"the part '{name}' is no number: {tuple(value.shape)}")


def _autocast(composition: Composition) -> None:
    learner, given = Learner(composition), batch()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        terms, gradient = learner.loss(given)
    expect_finite_loss(terms, gradient, where="under autocast")
    exact, _ = learner.loss(given)
    expect_close(terms.total, exact.total, "the loss under autocast", rtol=2e-2, atol=1e-3)


def _half(composition: Composition) -> None:
    learner, given = Learner(composition), batch()
    outputs, targets = learner.outputs(given.features, given.targets)
    half = Outputs(features=outputs.features.bfloat16(), logits=outputs.logits.bfloat16())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        total = learner.method(half, targets, 1.0).total
    expect(total.dtype == torch.float32, f"the loss of half-precision features is {total.dtype}")
    expect_finite(total, "the loss of half-precision features")
