"""The table of all parts: where each is written. Listing it imports no torch.

A new part is one file and one line here. A part of another package is an entry point of the group
`wbcray.parts`, named `axis.name`, and then as good as those of the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from wbcray.core.config import AXES, Axis
from wbcray.core.errors import UsageError, did_you_mean, unknown_name

PARTS: Mapping[Axis, Mapping[str, str]] = {
    "classification": {
        "cross_entropy": "wbcray.methods.classification.cross_entropy:CrossEntropy",
        "reweight": "wbcray.methods.classification.reweight:Reweight",
        "sqrt_reweight": "wbcray.methods.classification.sqrt_reweight:SqrtReweight",
        "class_balanced": "wbcray.methods.classification.class_balanced:ClassBalanced",
        "focal": "wbcray.methods.classification.focal:Focal",
        "ldam": "wbcray.methods.classification.ldam:Ldam",
        "balanced_softmax": "wbcray.methods.classification.balanced_softmax:BalancedSoftmax",
        "logit_adjustment": "wbcray.methods.classification.logit_adjustment:LogitAdjustment",
    },
    "domain_risk": {
        "mean": "wbcray.methods.domain_risk.mean:Mean",
        "group_dro": "wbcray.methods.domain_risk.group_dro:GroupDro",
    },
    "penalty": {
        "none": "wbcray.methods.penalties.none:NoPenalty",
        "coral": "wbcray.methods.penalties.coral:Coral",
        "mmd": "wbcray.methods.penalties.mmd:Mmd",
        "dann": "wbcray.methods.penalties.dann:Dann",
        "cdann": "wbcray.methods.penalties.cdann:Cdann",
        "irm": "wbcray.methods.penalties.irm:Irm",
        "vrex": "wbcray.methods.penalties.vrex:Vrex",
        "boda": "wbcray.methods.penalties.boda:Boda",
        "fishr": "wbcray.methods.penalties.fishr:Fishr",
        "sagnet": "wbcray.methods.penalties.sagnet:SagNet",
        "causirl_coral": "wbcray.methods.penalties.causirl_coral:CausirlCoral",
        "supervised_contrastive": (
            "wbcray.methods.penalties.supervised_contrastive:SupervisedContrastive"
        ),
    },
    "sampler": {
        "instance": "wbcray.methods.samplers.instance:Instance",
        "domain": "wbcray.methods.samplers.domain:Domain",
        "balanced": "wbcray.methods.samplers.balanced:Balanced",
        "class_balanced": "wbcray.methods.samplers.class_balanced:ClassBalanced",
        "square_root": "wbcray.methods.samplers.square_root:SquareRoot",
        "class_within_domain": "wbcray.methods.samplers.class_within_domain:ClassWithinDomain",
        "domain_class_pair": "wbcray.methods.samplers.domain_class_pair:DomainClassPair",
    },
    "mixing": {
        "none": "wbcray.methods.mixing.none:NoMixing",
        "mixup": "wbcray.methods.mixing.mixup:Mixup",
        "mixstyle": "wbcray.methods.mixing.mixstyle:MixStyle",
        "style_randomization": "wbcray.methods.mixing.style_randomization:StyleRandomization",
    },
    "normalization": {
        "network": "wbcray.methods.normalization.network:AsNetwork",
        "batch": "wbcray.methods.normalization.batch:Batch",
        "frozen": "wbcray.methods.normalization.frozen:Frozen",
        "group": "wbcray.methods.normalization.group:Group",
        "adaptive_batch": "wbcray.methods.normalization.adaptive_batch:AdaptiveBatch",
    },
    "colour": {
        "none": "wbcray.methods.colour.none:NoColour",
        "stain_augmentation": "wbcray.methods.colour.stain_augmentation:StainAugmentation",
        "gray_world": "wbcray.methods.colour.gray_world:GrayWorld",
        "reinhard": "wbcray.methods.colour.reinhard:Reinhard",
    },
    "finish": {
        "none": "wbcray.methods.finish.none:NoFinish",
        "classifier_retraining": (
            "wbcray.methods.finish.classifier_retraining:ClassifierRetraining"
        ),
        "logit_adjustment": "wbcray.methods.finish.logit_adjustment:LogitAdjustment",
        "ema": "wbcray.methods.finish.ema:Ema",
        "swad": "wbcray.methods.finish.swad:Swad",
    },
}

GROUP = "wbcray.parts"
"""The group of entry points that other packages name their parts in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outside:
    """A part that is not in the table: where it is written, and who says so."""

    place: str
    owner: str


_REGISTERED: dict[tuple[Axis, str], _Outside] = {}


def part_names(axis: Axis) -> tuple[str, ...]:
    """The names of all parts on `axis`: those of the table in its order, then those from outside.

    Raises:
        UsageError: If an installed package names a part that cannot be.
    """
    return (*PARTS[axis], *(name for where, name in _outside() if where == axis))


def part_class(axis: Axis, name: str) -> type[Any]:
    """The class of the part `name` on `axis`; imports its module.

    Raises:
        UsageError: For a name that is not in the table, or a part from outside that cannot be
            imported or is not what its axis asks for.
    """
    known = part_names(axis)
    if name not in known:
        raise unknown_name(axis, name, known)
    if name in PARTS[axis]:
        shipped: type[Any] = _imported(PARTS[axis][name])
        return shipped
    return _outside_class(axis, name, _outside()[axis, name])


def register(axis: Axis, name: str, place: str) -> None:
    """Add a part to this process: a notebook, a script, a test.

    Workers in other processes know nothing of it; there, only installed packages count.

    Args:
        axis: What the part decides.
        name: What it is called in configurations and search spaces.
        place: `module:Class`.

    Raises:
        UsageError: For an unknown axis, a name that is taken, or a place that is not
            `module:Class`.
    """
    added = _Outside(place=place, owner="a call of register()")
    _checked(axis, name, added)
    _check_free(axis, name, added, taken=_outside())
    _REGISTERED[axis, name] = added


def _outside() -> Mapping[tuple[Axis, str], _Outside]:
    """The parts that are not in the table, by axis and name."""
    return {**_installed(), **_REGISTERED}


@cache
def _installed() -> Mapping[tuple[Axis, str], _Outside]:
    """The parts of installed packages; read once, when a table is asked for."""
    from importlib.metadata import entry_points  # 20 ms that `wbcray --help` need not spend

    found: dict[tuple[Axis, str], _Outside] = {}
    for entry in entry_points(group=GROUP):
        added = _Outside(place=entry.value, owner=f"the package '{_package(entry.dist)}'")
        written, _, name = entry.name.partition(".")
        axis = _checked(written, name, added)
        _check_free(axis, name, added, taken=found)
        found[axis, name] = added
    return found


def _package(distribution: Any) -> str:
    return str(distribution.name) if distribution is not None else "of unknown name"


def _checked(axis: str, name: str, added: _Outside) -> Axis:
    """The axis; refuses an axis, a name or a place that cannot be meant."""
    if axis not in AXES:
        raise UsageError(
            f"{added.owner} has a part on the axis '{axis}', which does not exist",
            where=f"{GROUP}: {axis}.{name} = {added.place}",
            fix=did_you_mean(axis, AXES),
        )
    module, _, attribute = added.place.partition(":")
    if not (name.isidentifier() and attribute.isidentifier() and module):
        raise UsageError(
            f"{added.owner} names a part in a form that cannot be read",
            where=f"{GROUP}: {axis}.{name} = {added.place}",
            fix="write `axis.name = module:Class`, e.g. `penalty.ddc = my_package.ddc:Ddc`",
        )
    return axis


def _check_free(
    axis: Axis, name: str, added: _Outside, *, taken: Mapping[tuple[Axis, str], _Outside]
) -> None:
    """Refuse a name that the table or another package has."""
    shipped = PARTS[axis].get(name)
    first = _Outside(place=shipped, owner="wbcray") if shipped else taken.get((axis, name))
    if first is not None:
        raise UsageError(
            f"two parts are called {axis} '{name}': {first.place} of {first.owner}, and "
            f"{added.place} of {added.owner}",
            where=GROUP,
            fix="give one of them another name, or uninstall its package",
        )


def _imported(place: str) -> Any:
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)


def _outside_class(axis: Axis, name: str, outside: _Outside) -> type[Any]:
    """The class of a part from outside, whose module may do anything when imported."""
    where = f"{GROUP}: {axis}.{name} = {outside.place}"
    try:
        found = _imported(outside.place)
    except Exception as error:
        raise UsageError(
            f"{outside.owner} has the {axis} '{name}', which cannot be imported: "
            f"{type(error).__name__}: {error}",
            where=where,
            fix="mend or uninstall it",
        ) from error
    interface = _interface(axis)
    if not (isinstance(found, type) and issubclass(found, interface)):
        raise UsageError(
            f"{outside.owner} has the {axis} '{name}', which is no {interface.__name__}",
            where=where,
            fix=f"derive it from wbcray.methods.base.{interface.__name__}",
        )
    return found


def _interface(axis: Axis) -> type[Any]:
    """The class that parts on `axis` derive from."""
    from wbcray.methods import base  # imports torch, as listing must not

    names = {"classification": "ClassificationLoss"}
    title = "".join(word.capitalize() for word in axis.split("_"))
    found: type[Any] = getattr(base, names.get(axis, title))
    return found
