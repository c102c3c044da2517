"""An image as its domain lists it, before anybody knows what its label means."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One image.

    Attributes:
        path: Relative to the domain's folder, with `/`.
        label: Raw label, None for an unlabelled image.
        patient: None where that is not known.
    """

    path: str
    label: str | None
    patient: str | None = None


def counted(number: int, noun: str) -> str:
    """`1 image`, `2 images`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
