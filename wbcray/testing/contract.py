"""Which checks a part of each axis, and a whole method, must pass."""

from collections.abc import Callable, Mapping

from wbcray.core.config import AXES, Axis, Composition
from wbcray.methods.compose import default_composition, override
from wbcray.methods.parts import part_class
from wbcray.methods.presets import PRESETS
from wbcray.testing.check import Check, checks_about
from wbcray.testing.colours import colour_properties
from wbcray.testing.declarations import declaration_properties, normalization_properties
from wbcray.testing.draws import draw_properties
from wbcray.testing.finishes import finish_properties
from wbcray.testing.invariance import invariance_properties
from wbcray.testing.learning import learning_properties
from wbcray.testing.losses import loss_properties
from wbcray.testing.mixings import mixing_properties
from wbcray.testing.penalties import penalty_properties
from wbcray.testing.state import state_properties

_Properties = Mapping[str, Callable[[], None]]
_OF_THE_LOSS: frozenset[Axis] = frozenset({"classification", "domain_risk", "penalty", "mixing"})
_OF_AN_AXIS: Mapping[Axis, Callable[[Composition], _Properties]] = {
    "penalty": penalty_properties,
    "sampler": draw_properties,
    "mixing": mixing_properties,
    "normalization": normalization_properties,
    "colour": colour_properties,
    "finish": finish_properties,
}


def checks_of_part(axis: Axis, name: str) -> tuple[Check, ...]:
    """The contract of the part `name` on `axis`, with plain parts on all other axes.

    Raises:
        UsageError: For a name that no table and no installed package has.
    """
    part_class(axis, name)
    plain = _plain()
    composition = override(plain, {axis: name})
    properties: dict[str, Callable[[], None]] = {}
    properties |= declaration_properties(axis, name, plain)
    if axis in _OF_THE_LOSS:
        properties |= _of_the_loss(composition)
    if axis in _OF_AN_AXIS:
        properties |= _OF_AN_AXIS[axis](composition)
    return checks_about(f"the {axis} '{name}'", properties)


def checks_of_method(method: str | Composition) -> tuple[Check, ...]:
    """The contract of a whole method: a preset's name, or any composition.

    What `checks_of_part` says of a part with its default values is not said again.

    Raises:
        UsageError: For a name that is no preset.
    """
    composition = default_composition(method) if isinstance(method, str) else method
    plain = _plain()
    properties = _of_the_loss(composition)
    for axis in AXES:
        part = composition.part(axis)
        if axis in _OF_AN_AXIS and part != override(plain, {axis: part.name}).part(axis):
            properties |= _OF_AN_AXIS[axis](composition)
    return checks_about(f"the method '{composition.name}'", properties)


def _plain() -> Composition:
    """The baseline, which is the first preset: cross-entropy and nothing added."""
    return default_composition(next(iter(PRESETS)))


def _of_the_loss(composition: Composition) -> dict[str, Callable[[], None]]:
    properties: dict[str, Callable[[], None]] = {}
    for found in (loss_properties, invariance_properties, state_properties, learning_properties):
        properties |= found(composition)
    return properties
