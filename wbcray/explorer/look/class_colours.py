"""A colour for each class of a run, everywhere the same."""

from collections.abc import Sequence

from wbcray.explorer.look.style import COLORS, REFERENCE_COLOR

_PALETTE = (*COLORS, REFERENCE_COLOR)


def class_colours(classes: Sequence[str]) -> dict[str, str]:
    """By name; give all classes of the run. More than 13 begin anew."""
    return {name: _PALETTE[place % len(_PALETTE)] for place, name in enumerate(classes)}
