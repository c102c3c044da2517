"""What tests of single parts share with the contract: its fold, its batches and its learner."""

from collections.abc import Iterator

from torch import Tensor

from wbcray.core.config import AXES, Axis, Composition
from wbcray.core.hyper import Scalar
from wbcray.methods.base import LossTerms, Outputs
from wbcray.methods.method import Method
from wbcray.methods.parts import part_names
from wbcray.testing import declarations
from wbcray.testing.batches import COUNTS, DIM, Batch, batch, facts, table
from wbcray.testing.learner import Learner, head

__all__ = [
    "COUNTS",
    "DIM",
    "Batch",
    "batch",
    "built",
    "extremes",
    "facts",
    "head",
    "loss",
    "table",
]


def built(composition: Composition, *, counts: Tensor = COUNTS) -> Method:
    """A method that has seen one feature pass, so that every statistic exists."""
    return Learner(composition, counts=counts).method


def loss(method: Method, given: Batch, *, progress: float = 1.0) -> LossTerms:
    """The loss of a batch that is not mixed."""
    logits = head()(given.features)
    return method(Outputs(features=given.features, logits=logits), given.targets, progress)


def extremes() -> Iterator[tuple[Axis, str, str, Scalar]]:
    """Every part with one hyper-parameter at an end of its range."""
    for axis in AXES:
        for name in part_names(axis):
            for dotted, value in declarations.extremes(axis, name):
                yield axis, name, dotted, value
