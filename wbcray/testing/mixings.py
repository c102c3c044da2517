"""A mixing pairs the images of a batch by their own noise, and mixes row by row."""

from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor

from wbcray.core.config import Composition
from wbcray.methods.base import Mixing
from wbcray.testing.batches import BATCHES, DIM, batch, counts_of
from wbcray.testing.check import expect, expect_close, expect_finite
from wbcray.testing.learner import Learner

_STAGES = range(1, 5)
_ROUNDING = 1e-6
"""How far beyond [0, 1] a weighted sum of two numbers in it may end."""
_SHAPES: Mapping[str, tuple[int, ...]] = {
    "none": (DIM,),
    "features": (DIM,),
    "maps": (8, 5, 5),
    "images": (3, 16, 16),
}


def mixing_properties(composition: Composition) -> Mapping[str, Callable[[], None]]:
    """What holds of mixings."""
    return {
        "partners are rows and shares lie in [0, 1]": partial(expect_mixtures, composition),
        "a permuted batch has the same partners": partial(_equivariant, composition),
        "a second draw is the first": partial(_repeats, composition),
        "share 1 leaves a row alone": partial(_identity, composition),
        "each row from itself and its partner, in its shape and type": partial(_rows, composition),
        "constant rows mix with finite gradient": partial(_constant, composition),
        "stages are residual stages": partial(_stages, composition),
    }


def expect_mixtures(composition: Composition) -> None:
    """Refuse partners that are no rows, and shares beyond [0, 1]."""
    for name in BATCHES:
        mixing, targets = _mixing(composition, name), batch(name).targets
        for place in _places(mixing):
            mixture, rows = mixing.draw(targets, place), len(targets.labels)
            where = f"for a batch with {name}"
            partner, share = mixture.partner, mixture.share
            expect(
                partner.shape == share.shape == (rows,), f"not one partner and share a row {where}"
            )
            expect(partner.dtype == torch.int64, f"partners {where} are {partner.dtype}")
            valid = bool(((partner >= 0) & (partner < rows)).all())
            expect(valid, f"partners {where} are no rows: {partner.tolist()}")
            inside = bool(((share >= 0) & (share <= 1)).all())
            expect(inside, f"shares {where} are not in [0, 1]: {share.tolist()}")
            expect(share.dtype == torch.float32, f"shares {where} are {share.dtype}")


def _mixing(composition: Composition, name: str = "two domains") -> Mixing:
    mixing: Mixing = Learner(composition, counts=counts_of(name)).method.mixing
    return mixing


def _places(mixing: Mixing) -> range:
    return range(max(1, len(mixing.stages)))


def _equivariant(composition: Composition) -> None:
    given = batch("three domains")
    order = torch.tensor([8, 3, 0, 5, 1, 7, 4, 2, 6])
    mixing = _mixing(composition, "three domains")
    for place in _places(mixing):
        wanted = mixing.draw(given.targets, place)
        found = mixing.draw(given.permuted(order).targets, place)
        expect(
            torch.equal(order[found.partner], wanted.partner[order]),
            "an image has another partner in a permuted batch",
        )
        expect_close(found.share, wanted.share[order], "the shares of a permuted batch")


def _repeats(composition: Composition) -> None:
    mixing, targets = _mixing(composition), batch().targets
    for place in _places(mixing):
        first = mixing.draw(targets, place)
        torch.rand(5)  # another state of torch's own generator
        second = mixing.draw(targets, place)
        same = torch.equal(first.partner, second.partner) and torch.equal(first.share, second.share)
        expect(same, "a second draw from the same noise gives another mixture")


def _x(mixing: Mixing, rows: int = 6) -> Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.rand(rows, *_SHAPES[mixing.level], generator=generator)


def _identity(composition: Composition) -> None:
    mixing = _mixing(composition)
    x = _x(mixing)
    mixed = mixing.mix(x, mixing.summary(x).flip(0), torch.ones(len(x)))
    expect_close(mixed, x, "a row mixed at share 1", rtol=0.0, atol=1e-5)


def _rows(composition: Composition) -> None:
    mixing = _mixing(composition)
    x, share = _x(mixing), torch.linspace(0, 1, 6)
    summary = mixing.summary(x)
    expect(len(summary) == len(x), f"{len(summary)} summaries of {len(x)} rows")
    mixed = mixing.mix(x, summary.flip(0), share)
    expect(mixed.shape == x.shape, f"mixed rows have the shape {tuple(mixed.shape)}")
    expect_finite(mixed, "a mixed row")
    if mixing.level == "images":
        low, high = float(mixed.min()), float(mixed.max())
        inside = -_ROUNDING <= low <= high <= 1 + _ROUNDING
        expect(inside, f"mixed images are in [{low:.6g}, {high:.6g}], not in [0, 1]")
    for rows in ([4], [5, 0, 4]):
        alone = mixing.mix(x[rows], mixing.summary(x).flip(0)[rows], share[rows])
        expect_close(alone, mixed[rows], "a row that is mixed beside fewer rows")
        expect_close(mixing.summary(x[rows]), summary[rows], "the summary beside fewer rows")
    half = x.bfloat16()
    mixed_half = mixing.mix(half, mixing.summary(half).flip(0), share)
    expect(mixed_half.dtype == torch.bfloat16, f"bfloat16 rows become {mixed_half.dtype}")


def _constant(composition: Composition) -> None:
    mixing = _mixing(composition)
    x = torch.full_like(_x(mixing), 0.5).requires_grad_()
    mixed = mixing.mix(x, mixing.summary(x).flip(0), torch.full((len(x),), 0.3))
    (gradient,) = torch.autograd.grad(mixed.square().sum(), x)
    expect_finite(mixed, "a mixed row of equal numbers")
    expect_finite(gradient, "the gradient of a row of equal numbers")


def _stages(composition: Composition) -> None:
    mixing = _mixing(composition)
    expect(mixing.level in _SHAPES, f"level is '{mixing.level}'")
    stages = mixing.stages
    fits = set(stages) <= set(_STAGES) and len(set(stages)) == len(stages)
    expect(fits, f"stages are {stages}, not some of 1 to 4")
    expect(bool(stages) == (mixing.level == "maps"), f"level '{mixing.level}', stages {stages}")
