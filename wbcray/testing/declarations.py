"""What a part says of itself, and that it works at both ends of every range it declares."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from wbcray.core.config import Axis, Composition
from wbcray.core.hyper import Declared, Scalar, declared
from wbcray.methods.compose import all_declared, override
from wbcray.methods.method import build_normalization
from wbcray.methods.parts import part_class
from wbcray.testing.batches import batch
from wbcray.testing.check import expect
from wbcray.testing.colours import expect_images
from wbcray.testing.draws import expect_distribution
from wbcray.testing.finishes import expect_classifier
from wbcray.testing.learner import Learner
from wbcray.testing.losses import expect_finite_loss
from wbcray.testing.mixings import expect_mixtures

_LAYERS = (None, "batch", "frozen", "group")


def declaration_properties(
    axis: Axis, name: str, plain: Composition
) -> Mapping[str, Callable[[], None]]:
    """What holds of every part; `plain` is what surrounds it."""
    ranges = {
        f"both ends of {item.name} work": partial(_ends_work, axis, name, item, plain)
        for item in all_declared(axis, name)
    }
    return {"says what it is": partial(_says_what_it_is, axis, name)} | ranges


def normalization_properties(composition: Composition) -> Mapping[str, Callable[[], None]]:
    """What holds of normalisations."""
    return {"layers and shares that exist": partial(_expect_layers, composition)}


def ends(item: Declared) -> tuple[Scalar, ...]:
    """Both ends of the declared range, or every choice."""
    if item.kind == "choice":
        return item.choices
    cast = int if item.kind == "int" else float
    return cast(item.low), cast(item.high)


def extremes(axis: Axis, name: str) -> Iterator[tuple[str, Scalar]]:
    """Every hyper-parameter of a part under its dotted name, at each end of its range."""
    for item in all_declared(axis, name):
        for value in ends(item):
            yield item.name, value


def _says_what_it_is(axis: Axis, name: str) -> None:
    kind = part_class(axis, name)
    for attribute in ("citation", "formula", "cost"):
        text = getattr(kind, attribute, "")
        good = isinstance(text, str) and bool(text.strip()) and "\n" not in text
        expect(good, f"{attribute} is not one line of text")
    expect(bool(re.fullmatch(r"\w+", kind.citation)), "citation is no key of a bibliography")
    written = sys.modules[kind.__module__].__doc__ or ""
    expect("https://" in written, "its module's docstring gives no address of a paper")
    expect(bool((kind.__doc__ or "").strip()), "its class has no docstring")
    for item in declared(kind.Params):
        expect(bool(item.help.strip()), f"{item.name} has no meaning: give hyper(help=...)")


def _ends_work(axis: Axis, name: str, item: Declared, plain: Composition) -> None:
    # Work grows with whole numbers (steps, views, passes): the others stay at their smallest.
    small = {other.name: other.low for other in all_declared(axis, name) if other.kind == "int"}
    for value in ends(item):
        try:
            _expect_works(axis, override(plain, {axis: name} | small | {item.name: value}))
        except Exception as error:
            raise AssertionError(f"with {item.name}={value}: {error}") from error


def _expect_works(axis: Axis, composition: Composition) -> None:
    works: Mapping[Axis, Callable[[Composition], None]] = {
        "sampler": expect_distribution,
        "colour": expect_images,
        "finish": expect_classifier,
        "normalization": _expect_layers,
    }
    works.get(axis, _expect_loss)(composition)
    if axis == "mixing":
        expect_mixtures(composition)


def _expect_loss(composition: Composition) -> None:
    learner = Learner(composition)
    learner.observe(seed=4)
    for progress in (0.0, 1.0):
        expect_finite_loss(*learner.loss(batch(), progress=progress), where=f"at {progress}")


def _expect_layers(composition: Composition) -> None:
    part = build_normalization(composition)
    expect(part.layers in _LAYERS, f"layers are '{part.layers}'")
    share = part.training_share()
    expect(0 <= share <= 1, f"training_share() is {share}, not in [0, 1]")
    expect(part.adapts or share == 1, "keeps less than all of training, but does not adapt")
