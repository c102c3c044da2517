"""What a method remembers: all of it in `state_dict`, moved by `observe` and `refresh` alone."""

import copy
import dataclasses
from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor, nn

from wbcray.core.config import Composition
from wbcray.testing.batches import COUNTS, batch, table
from wbcray.testing.check import expect, expect_close
from wbcray.testing.learner import Learner


def state_properties(composition: Composition) -> Mapping[str, Callable[[], None]]:
    """What holds of checkpoints, and of calling twice."""
    return {
        "calling twice gives the same value": partial(_twice, composition),
        "no stray tensors": partial(_no_strays, composition),
        "a restored method goes on as if never stopped": partial(_restored, composition),
        "feature passes are asked for in shares of training": partial(_passes, composition),
    }


def stray_tensors(module: nn.Module) -> list[str]:
    """Tensors that neither `state_dict` nor `.to(device)` would carry."""
    known = {"_parameters", "_buffers", "_modules"}
    return [
        f"{name}.{key}"
        for name, part in module.named_modules()
        for key, value in vars(part).items()
        if key not in known and _holds_tensor(value)
    ]


def _holds_tensor(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_tensor, value.values()))
    if isinstance(value, list | tuple | set | frozenset):
        return any(map(_holds_tensor, value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return any(_holds_tensor(getattr(value, item.name)) for item in dataclasses.fields(value))
    return isinstance(value, Tensor)


def _twice(composition: Composition) -> None:
    learner = Learner(composition)
    learner.observe(seed=4)
    before = copy.deepcopy(learner.method.state_dict())
    first = [learner.loss(batch(), progress=progress) for progress in (0.0, 1.0)]
    learner.loss(batch("a lone image in a domain"))
    again = [learner.loss(batch(), progress=progress) for progress in (0.0, 1.0)]
    for (terms, gradient), (other, other_gradient) in zip(first, again, strict=True):
        expect_close(other.total, terms.total, "the loss of a second call", rtol=1e-6, atol=0.0)
        expect_close(other_gradient, gradient, "the gradient of a second call", rtol=1e-5)
    for name, value in learner.method.state_dict().items():
        expect(
            torch.equal(value, before[name]),
            f"the state '{name}' moves when the loss is computed; it may in observe and refresh",
        )


def _no_strays(composition: Composition) -> None:
    learner = Learner(composition)
    learner.loss(batch())
    learner.observe(seed=4)
    lost = stray_tensors(learner.method)
    expect(not lost, f"no checkpoint carries {', '.join(lost)}: register them as buffers")


def _restored(composition: Composition) -> None:
    learner, restored = Learner(composition), Learner(composition, known=False)
    for seed in (4, 5):
        learner.observe(seed=seed)
    restored.method.load_state_dict(copy.deepcopy(learner.method.state_dict()))
    for each in (learner, restored):
        each.observe(seed=6)
        each.method.refresh(table(COUNTS, seed=7))
        each.observe(seed=8)
    for progress in (0.5, 1.0):
        wanted, gradient = learner.loss(batch(), progress=progress)
        found, found_gradient = restored.loss(batch(), progress=progress)
        expect_close(found.total, wanted.total, "the loss after a restart", rtol=1e-6, atol=0.0)
        expect_close(found_gradient, gradient, "the gradient after a restart", rtol=1e-5)


def _passes(composition: Composition) -> None:
    method = Learner(composition).method
    every, limit = method.pass_every(), method.pass_limit()
    expect(every is None or 0 < every <= 1, f"pass_every() is {every}: no share of training")
    expect(limit is None or limit >= 1, f"pass_limit() is {limit}: no number of images")
