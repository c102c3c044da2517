"""Everything that decides a trial, as one frozen value with a stable name."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from wbcray.core.digest import digest
from wbcray.core.errors import unknown_name
from wbcray.core.hyper import Scalar, choice, hyper

Axis = Literal[
    "classification",
    "domain_risk",
    "penalty",
    "sampler",
    "mixing",
    "normalization",
    "colour",
    "finish",
]
AXES: tuple[Axis, ...] = get_args(Axis)

SECTIONS = ("optimizer", "network", "augment")
"""What a configuration holds besides a method, under these names also in `wbcray.yaml`."""

Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One named part on one axis, with all of its hyper-parameters."""

    name: str
    params: tuple[tuple[str, Scalar], ...] = ()

    @property
    def values(self) -> dict[str, Scalar]:
        """The hyper-parameters by name."""
        return dict(self.params)


_LATER_AXES: Mapping[Axis, Part] = {
    "mixing": Part(name="none"),
    "normalization": Part(name="network"),
    "colour": Part(name="none"),
}
"""Axes that records may not name because they are older, and what such a record was made with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """A method: one part on every axis; `name` is the preset it came from."""

    name: str
    classification: Part
    domain_risk: Part
    penalty: Part
    sampler: Part
    finish: Part
    mixing: Part = _LATER_AXES["mixing"]
    normalization: Part = _LATER_AXES["normalization"]
    colour: Part = _LATER_AXES["colour"]

    def part(self, axis: Axis) -> Part:
        """The part on `axis`."""
        found: Part = getattr(self, axis)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizerConfig:
    """AdamW with linear warm-up and cosine decay; the same declaration for every method."""

    lr: float = hyper(3e-4, 1e-6, 1e-1, log=True, help="peak learning rate")
    weight_decay: float = hyper(1e-4, 0.0, 1.0, help="decoupled weight decay")
    batch_size: int = hyper(32, 2, 4096, help="images per step, over all domains and workers")
    warmup: float = hyper(0.05, 0.0, 0.5, help="share of the steps with rising learning rate")
    clip_norm: float = hyper(5.0, 1e-3, 1e6, log=True, help="largest gradient norm")


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConfig:
    """The network before any training."""

    backbone: str = choice("resnet50", ("resnet18", "resnet50"), help="torchvision network")
    weights: str = "imagenet"
    """`imagenet`, `none`, or `sha256:<digest>` of a given file."""
    normalization: str = choice("batch", ("batch", "frozen", "group"), help="normalisation layers")
    dropout: float = hyper(0.0, 0.0, 0.9, help="dropout on the features")


@dataclass(frozen=True, slots=True, kw_only=True)
class AugmentConfig:
    """How training images are changed at random; the same declaration for every method.

    Every number is the largest change; the change itself is uniform up to it, in either direction,
    and drawn for each image and epoch. At 0 a change is not made at all.
    """

    orientation: str = choice(
        "dihedral", ("none", "dihedral"), help="all eight orientations of the square, or one"
    )
    rotation: float = hyper(0.0, 0.0, 180.0, help="rotation, degrees")
    translation: float = hyper(0.0, 0.0, 0.5, help="shift along either side, share of the side")
    scale: float = hyper(0.0, 0.0, 0.7, help="magnification, as a natural logarithm")
    shear: float = hyper(0.0, 0.0, 45.0, help="shear along the rows, degrees")
    brightness: float = hyper(0.10, 0.0, 1.0, help="what is added to all pixels, of 0 .. 1")
    contrast: float = hyper(0.20, 0.0, 1.0, help="change of the factor of contrast")
    gain: float = hyper(0.10, 0.0, 1.0, help="change of each channel's own factor")
    saturation: float = hyper(0.0, 0.0, 1.0, help="change of the factor of saturation")
    hue: float = hyper(0.0, 0.0, 180.0, help="rotation of the hue, degrees")
    blur: float = hyper(0.0, 0.0, 8.0, help="standard deviation of a Gaussian blur, pixels")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialConfig:
    """One configuration; together with a held-out domain, fold and seed it names a cell."""

    method: Composition
    optimizer: OptimizerConfig
    network: NetworkConfig
    image_size: int
    epochs: int
    patience: int
    precision: Precision
    augment: AugmentConfig = AugmentConfig()

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` is the inverse."""
        values = asdict(self) | {"method": composition_json(self.method)}
        del values["augment"]
        return values | augment_json(self.augment)

    @property
    def digest(self) -> str:
        """16 hexadecimal digits that name this configuration."""
        return digest(self.as_json())

    def flat(self) -> dict[str, Scalar]:
        """Every tunable value under its dotted name, e.g. `penalty.weight`."""
        values: dict[str, Scalar] = {}
        for axis in AXES:
            part = self.method.part(axis)
            values[axis] = part.name
            values |= {f"{axis}.{name}": value for name, value in part.params}
        for group in SECTIONS:
            config = getattr(self, group)
            values |= {
                f"{group}.{item.name}": getattr(config, item.name) for item in fields(config)
            }
        return values

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "TrialConfig":
        """The configuration that `as_json` wrote."""
        return cls(
            method=_composition(data["method"]),
            optimizer=OptimizerConfig(**data["optimizer"]),
            network=NetworkConfig(**data["network"]),
            augment=AugmentConfig(**data.get("augment", {})),
            **{name: data[name] for name in ("image_size", "epochs", "patience", "precision")},
        )


def augment_json(augment: AugmentConfig) -> dict[str, Any]:
    """The section `augment` as plain JSON values, or nothing where it is the default.

    What was trained before there was a choice was trained with the default, and keeps its digest.
    """
    return {} if augment == AugmentConfig() else {"augment": asdict(augment)}


def composition_json(method: Composition) -> dict[str, Any]:
    """A composition as plain JSON values.

    An axis that came later is left out where it does nothing, so that a configuration keeps the
    digest it had before.
    """
    parts = {
        axis: {"name": method.part(axis).name, "params": method.part(axis).values}
        for axis in AXES
        if method.part(axis) != _LATER_AXES.get(axis)
    }
    return {"name": method.name} | parts


def _composition(data: Mapping[str, Any]) -> Composition:
    parts = {
        axis: Part(
            name=data[axis]["name"],
            params=tuple(sorted(data[axis]["params"].items())),
        )
        for axis in AXES
        if axis in data or axis not in _LATER_AXES
    }
    return Composition(name=data["name"], **parts)


def split_dotted(values: Mapping[str, Scalar], *, where: str = "") -> dict[str, dict[str, Scalar]]:
    """Group `{"penalty.weight": 1}` as `{"penalty": {"weight": 1}}`; bare axes keep key `""`.

    Raises:
        UsageError: For a group that does not exist.
    """
    groups: dict[str, dict[str, Scalar]] = {name: {} for name in (*AXES, *SECTIONS)}
    for dotted, value in values.items():
        group, _, name = dotted.partition(".")
        if group not in groups:
            raise unknown_name("hyper-parameter group", group, groups, where=where)
        groups[group][name] = value
    return groups
