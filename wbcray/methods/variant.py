"""Methods by name: a preset, or a preset with changes, written `boda+stain_augmentation`.

A change is the name of a part (`swad`), or `axis=part` where parts of several axes share a name
(`sampler=class_balanced`), or one hyper-parameter (`penalty.macro_weight=0`). A name is also what a
method is called in studies, tables and figures, so each method has exactly one: that of `name_of`.
"""

from collections.abc import Mapping

from wbcray.core.config import AXES, Axis
from wbcray.core.errors import UsageError, did_you_mean, unknown_name
from wbcray.core.hyper import Scalar, as_scalar
from wbcray.methods.parts import part_names
from wbcray.methods.presets import PRESETS


def preset_of(method: str) -> str:
    """The preset that a method's name begins with.

    Raises:
        UsageError: For a name that is not in the table of presets.
    """
    preset = method.partition("+")[0].strip()
    if preset not in PRESETS:
        raise unknown_name("method", preset, PRESETS)
    return preset


def changes_of(method: str) -> dict[str, Scalar]:
    """What a method's name changes of its preset, under dotted names.

    >>> changes_of("boda+swad+penalty.macro_weight=0")
    {'finish': 'swad', 'penalty.macro_weight': 0}

    Raises:
        UsageError: For a change that names no part, or parts of several axes, and for two changes
            of one thing.
    """
    found: dict[str, Scalar] = {}
    for text in method.split("+")[1:]:
        name, value = _change(text.strip(), method)
        if name in found:
            raise UsageError(
                f"{name} is changed twice", where=f"method '{method}'", fix="drop one of the two"
            )
        found[name] = value
    return found


def name_of(preset: str, changes: Mapping[str, Scalar]) -> str:
    """The one name of a preset with these changes, which come in the order of the axes."""
    words = [preset]
    for dotted, value in changes.items():
        axis = next((axis for axis in AXES if axis == dotted), None)
        words.append(f"{dotted}={value}" if axis is None else _shortest(axis, str(value)))
    return "+".join(words)


def _change(text: str, method: str) -> tuple[str, Scalar]:
    name, equals, value = text.partition("=")
    if equals and name and value:
        return name.strip(), as_scalar(value.strip())
    axes = _axes_of(text)
    if len(axes) == 1:
        return axes[0], text
    where = f"method '{method}'"
    if axes:
        choices = " or ".join(f"{axis}={text}" for axis in axes)
        raise UsageError(f"'{text}' is a part of several axes", where=where, fix=f"write {choices}")
    everything = {name for axis in AXES for name in part_names(axis)}
    raise UsageError(
        f"there is no part '{text}'",
        where=where,
        fix=f"{did_you_mean(text, everything)}; or write axis=part, or name=value",
    )


def _axes_of(part: str) -> list[Axis]:
    return [axis for axis in AXES if part in part_names(axis)]


def _shortest(axis: Axis, part: str) -> str:
    return part if _axes_of(part) == [axis] else f"{axis}={part}"
