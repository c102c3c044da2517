"""From a preset's name and a few overrides to a complete composition, every value checked."""

from collections.abc import Mapping
from dataclasses import fields, replace

from wbcray.core.config import AXES, Axis, Composition, Part, split_dotted
from wbcray.core.errors import UsageError, unknown_name
from wbcray.core.hyper import Declared, Scalar, declared, parse_params
from wbcray.methods.parts import part_class, part_names
from wbcray.methods.presets import PRESETS
from wbcray.methods.variant import changes_of, name_of, preset_of


def plain_composition() -> Composition:
    """Empirical risk minimisation: nothing but cross-entropy on the images as they come."""
    return default_composition("erm")


def default_composition(method: str) -> Composition:
    """The composition of a method, with every hyper-parameter filled in.

    Args:
        method: A preset, or a preset with changes (`methods/variant.py`). The composition has the
            one name of what results: `erm+sampler=domain` is `erm`.

    Raises:
        UsageError: For a preset, part or hyper-parameter that does not exist, and for a value
            outside its declared range.
    """
    preset = _preset(preset_of(method))
    changes = changes_of(method)
    if not changes:
        return preset
    changed = override(preset, changes, where=f"method '{method}'")
    return replace(changed, name=name_of(preset.name, changes_from(preset, changed)))


def with_parts(method: str, values: Mapping[str, Scalar]) -> str:
    """The one name of `method` with the parts that `values` names; what else it sets is not in it.

    Raises:
        UsageError: As `override`.
    """
    preset = _preset(preset_of(method))
    parts: dict[str, Scalar] = {axis: values[axis] for axis in AXES if axis in values}
    changed = override(default_composition(method), parts)
    return name_of(preset.name, changes_from(preset, changed))


def changes_from(before: Composition, after: Composition) -> dict[str, Scalar]:
    """What `override` needs to make `after` of `before`, axis by axis, and nothing more."""
    plain = override(before, {str(axis): after.part(axis).name for axis in AXES})
    changes: dict[str, Scalar] = {}
    for axis in AXES:
        name = after.part(axis).name
        if name != before.part(axis).name:
            changes[axis] = name
        changes |= {
            f"{axis}.{short}": value
            for short, value in after.part(axis).params
            if value != plain.part(axis).values[short]
        }
    return changes


def _preset(name: str) -> Composition:
    chosen = PRESETS[name]
    parts = {axis: _part(axis, part, {}) for axis, part in chosen.parts.items()}
    return override(Composition(name=name, **parts), dict(chosen.values))


def override(
    composition: Composition, dotted: Mapping[str, Scalar], *, where: str = ""
) -> Composition:
    """`composition` with other parts or values; its name stays that of the preset.

    A bare axis (`{"sampler": "balanced"}`) changes the part and resets it to its defaults; a dotted
    name (`{"penalty.weight": 0.3}`) changes one value of the part that is then active. The order
    of the entries does not matter.

    Args:
        composition: Where to start.
        dotted: The changes.
        where: Where they were written, for error messages.

    Raises:
        UsageError: For an unknown axis, part or hyper-parameter, for a hyper-parameter of a part
            that is not active, and for a value outside its declared range.
    """
    groups = split_dotted(dotted, where=where)
    changed: dict[Axis, Part] = {}
    for group, values in groups.items():
        if group in AXES:
            changed[group] = _changed(composition, group, values, where=where)
        elif values:
            raise UsageError(
                f"{_first(group, values)} is not a hyper-parameter of a method",
                where=where,
                fix=f"a method has {', '.join(AXES)}; set '{group}' beside it",
            )
    parts = {axis: changed.get(axis, composition.part(axis)) for axis in AXES}
    return Composition(name=composition.name, **parts)


def all_declared(axis: Axis, name: str) -> tuple[Declared, ...]:
    """What the part `name` declares, under dotted names (`penalty.weight`)."""
    return declared(part_class(axis, name).Params, prefix=f"{axis}.")


def declared_of(composition: Composition) -> tuple[Declared, ...]:
    """What all active parts declare, under dotted names."""
    return tuple(item for axis in AXES for item in all_declared(axis, composition.part(axis).name))


def _changed(
    composition: Composition, axis: Axis, values: Mapping[str, Scalar], *, where: str
) -> Part:
    """The part on `axis` after `values`, in which the key `""` names the part itself."""
    active = composition.part(axis)
    name = values.get("", active.name)
    if not isinstance(name, str):
        raise UsageError(
            f"{axis} must be the name of a part, got {name!r}",
            where=where,
            fix=f"choose one of {', '.join(part_names(axis))}",
        )
    if name not in part_names(axis):
        raise unknown_name(axis, name, part_names(axis), where=where)
    kept = active.values if name == active.name else {}
    given = {short: value for short, value in values.items() if short}
    for short in given:
        _refuse_inactive(axis, short, active=name, where=where)
    return _part(axis, name, kept | given, where=where)


def _refuse_inactive(axis: Axis, short: str, *, active: str, where: str) -> None:
    """Tell a hyper-parameter of another part from one that does not exist."""
    dotted = f"{axis}.{short}"
    owners = [
        name
        for name in part_names(axis)
        if dotted in {item.name for item in all_declared(axis, name)}
    ]
    if owners and active not in owners:
        raise UsageError(
            f"{dotted} belongs to {axis} '{owners[0]}', but the active {axis} is '{active}'",
            where=where,
            fix=f"drop it, or choose {axis}={owners[0]}",
        )


def _part(axis: Axis, name: str, values: Mapping[str, Scalar], *, where: str = "") -> Part:
    kind = part_class(axis, name).Params
    params = parse_params(kind, values, where=where, prefix=f"{axis}.")
    names = sorted(item.name for item in fields(kind))
    # Sorted, as `TrialConfig.from_json` reads them back.
    return Part(name=name, params=tuple((item, getattr(params, item)) for item in names))


def _first(group: str, values: Mapping[str, Scalar]) -> str:
    name = next(iter(values))
    return f"{group}.{name}" if name else group
