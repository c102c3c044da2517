"""What every part and preset must hold, as functions; `test_contract.py` applies them to all."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from wbcray.core.config import AXES, Axis, Composition
from wbcray.core.hyper import Declared, Scalar
from wbcray.methods.base import FeatureTable, LossTerms, Outputs, Targets, TrainingFacts
from wbcray.methods.compose import all_declared, default_composition, override
from wbcray.methods.method import Method, build_method
from wbcray.methods.parts import part_names
from wbcray.methods.presets import PRESETS

DIM = 6
COUNTS = torch.tensor([[8, 4, 2], [6, 3, 0], [0, 0, 0]])
"""Two source domains, the second without class 2; domain 2 is held out."""

BATCHES: dict[str, list[tuple[int, int]]] = {
    "two domains": [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 0)],
    "one domain": [(0, 0), (0, 1), (0, 2), (0, 0)],
    "a lone image in a domain": [(0, 0), (0, 1), (0, 2), (1, 1)],
    "a single image": [(1, 0)],
    "no image with a positive pair": [(0, 2), (0, 2)],
    "a class is missing": [(0, 0), (0, 2), (1, 0), (1, 0)],
    "one class only": [(0, 1), (0, 1), (1, 1), (1, 1)],
}
"""(domain, class) of every image."""


@dataclass(frozen=True)
class Batch:
    features: Tensor
    targets: Targets


def batch(name: str = "two domains", *, seed: int = 0) -> Batch:
    domains, labels = (torch.tensor(ids) for ids in zip(*BATCHES[name], strict=True))
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(len(labels), DIM, generator=generator)
    return Batch(features, Targets(labels=labels, domains=domains))


def facts(counts: Tensor = COUNTS) -> TrainingFacts:
    return TrainingFacts(counts=counts, feature_dim=DIM, steps=20)


def table(counts: Tensor = COUNTS, *, seed: int = 1) -> FeatureTable:
    """A feature pass over every training image."""
    observed = counts.nonzero()
    pairs = observed.repeat_interleave(counts[observed[:, 0], observed[:, 1]], dim=0)
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(len(pairs), DIM, generator=generator)
    return FeatureTable(features=features, labels=pairs[:, 1], domains=pairs[:, 0])


def built(composition: Composition, *, counts: Tensor = COUNTS, seed: int = 0) -> Method:
    """A method that has seen one feature pass, so that every statistic exists."""
    torch.manual_seed(seed)
    method = build_method(composition, facts(counts))
    method.refresh(table(counts))
    return method


def head() -> nn.Linear:
    torch.manual_seed(3)
    return nn.Linear(DIM, COUNTS.shape[1])


def loss(method: Method, given: Batch, *, progress: float = 1.0) -> tuple[LossTerms, Tensor]:
    """The loss, and its gradient at the features (also through the logits)."""
    features = given.features.clone().requires_grad_()
    terms: LossTerms = method(
        Outputs(features=features, logits=head()(features)), given.targets, progress
    )
    (gradient,) = torch.autograd.grad(terms.total, features)
    return terms, gradient


def is_finite(terms: LossTerms, gradient: Tensor) -> bool:
    values = [terms.total, gradient, *terms.parts.values()]
    return all(bool(torch.isfinite(value).all()) for value in values)


def compositions() -> dict[str, Composition]:
    """All presets, and every part of every axis in a plain surrounding."""
    plain = default_composition("erm")
    parts = {
        f"{axis}={name}": override(plain, {axis: name})
        for axis in AXES
        for name in part_names(axis)
    }
    return {name: default_composition(name) for name in PRESETS} | parts


def ends(item: Declared) -> tuple[Scalar, ...]:
    """Both ends of the declared range, or every choice."""
    if item.kind == "choice":
        return item.choices
    cast = int if item.kind == "int" else float
    return cast(item.low), cast(item.high)


def extremes() -> Iterator[tuple[Axis, str, str, Scalar]]:
    """Every part with one hyper-parameter at an end of its range."""
    for axis in AXES:
        for name in part_names(axis):
            for item in all_declared(axis, name):
                for value in ends(item):
                    yield axis, name, item.name, value


def permuted(given: Batch, order: Tensor) -> Batch:
    targets = Targets(labels=given.targets.labels[order], domains=given.targets.domains[order])
    return Batch(given.features[order], targets)


def renumbered(given: Batch, new_id: Tensor) -> Batch:
    return Batch(given.features, replace(given.targets, domains=new_id[given.targets.domains]))


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
    if isinstance(value, dict):
        return any(map(_holds_tensor, value.values()))
    if isinstance(value, list | tuple | set):
        return any(map(_holds_tensor, value))
    return isinstance(value, Tensor)
