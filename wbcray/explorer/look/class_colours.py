"""A colour for each class of a run, everywhere the same."""

from collections.abc import Sequence

from wbcray.explorer.look.style import COLORS, REFERENCE_COLOR

_PALETTE = (*COLORS[:11], "#7fb800", REFERENCE_COLOR)
"""As for methods, but for the twelfth, which is too near to the fourth: both would be classes that
must not be overlooked."""


def class_colours(classes: Sequence[str]) -> dict[str, str]:
    """By name; give all classes of the run. More than 13 begin anew."""
    return {name: _PALETTE[place % len(_PALETTE)] for place, name in enumerate(classes)}
