"""One comparison: what every side of it is told, and what a side answers."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

SIDES = ("theirs", "ours float32", "ours auto")
"""In the order of their turns; `auto` is bfloat16 where the machine multiplies it faster."""

CHECKOUTS = {"domainbed": "WBCRAY_DOMAINBED", "mdlt": "WBCRAY_MDLT"}
"""The environment variable that names the checkout of each peer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is trained, alike on every side.

    Attributes:
        peer: `domainbed` or `mdlt`.
        method: By our name.
        network: torchvision's name.
        size: Side of a training image in pixels.
        per_domain: Images of each source domain in a step.
        steps: Training steps of a turn; for MDLT, those between two passes over all images.
        threads: Of each side.
        images: Folder of domains, each a folder of class folders.
        held_out: The domain that nobody trains on.
        work: Where our project, its decoded pixels and its runs lie.
    """

    peer: str
    method: str
    network: str
    size: int
    per_domain: int
    steps: int
    threads: int
    images: Path
    held_out: str
    work: Path

    @property
    def sources(self) -> tuple[str, ...]:
        """The domains that are trained on, in the order of their names."""
        return tuple(name for name in domains_in(self.images) if name != self.held_out)

    @property
    def batch(self) -> int:
        """Images of a step, over all source domains."""
        return self.per_domain * len(self.sources)

    def to_text(self) -> str:
        """For the command line of a side; `from_text` is the inverse."""
        values = asdict(self) | {"images": str(self.images), "work": str(self.work)}
        return json.dumps(values)

    @classmethod
    def from_text(cls, text: str) -> "Case":
        """The case that `to_text` wrote."""
        values = json.loads(text)
        values |= {"images": Path(values["images"]), "work": Path(values["work"])}
        return cls(**values)

    def with_method(self, method: str) -> "Case":
        """The same for another method."""
        return replace(self, method=method)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one turn of a side took.

    `images` counts those that went through a training step, `wall` and `cpu` are seconds (`cpu` of
    all threads together), `peak_mb` is the most memory that was resident since the process began,
    in MB of 10^6 bytes.
    """

    images: int
    wall: float
    cpu: float
    peak_mb: float


class Side(Protocol):
    """One code that trains, ready to go on."""

    def turn(self) -> int:
        """Train for `case.steps` steps, with what belongs to them; returns how many images."""
        ...


def domains_in(images: Path) -> tuple[str, ...]:
    """The folders of a folder of domains, by name."""
    return tuple(sorted(entry.name for entry in images.iterdir() if entry.is_dir()))
