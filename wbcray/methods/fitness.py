"""Which parts cannot work together, or not with what there is; refused before any training."""

from dataclasses import replace
from typing import Any

from wbcray.core.config import Axis, Composition, TrialConfig
from wbcray.core.errors import UsageError
from wbcray.core.hyper import declared, parse_params
from wbcray.methods.parts import part_class, part_names

_OVER_DOMAINS: tuple[Axis, ...] = ("domain_risk", "penalty", "mixing")
"""Axes with parts that have no meaning for one source domain."""


def check_sources(composition: Composition, sources: int) -> None:
    """Refuse a part that compares or mixes more domains than there are to learn from.

    Raises:
        UsageError: Naming the part, and those that work with so few domains.
    """
    for axis in _OVER_DOMAINS:
        name = composition.part(axis).name
        needed = domains_needed(axis, name, _params(composition, axis))
        if sources >= needed:
            continue
        fewer = [other for other in part_names(axis) if domains_needed(axis, other) <= sources]
        raise UsageError(
            f"{axis} '{name}' compares {needed} or more source domains, "
            f"but {sources} {'has' if sources == 1 else 'have'} training images",
            where=f"method '{composition.name}'",
            fix=f"add a source domain, or choose {axis}={' or '.join(fewer)}",
        )


def domains_needed(axis: Axis, name: str, params: Any = None) -> int:
    """Source domains below which a part does nothing; with its own defaults if none are given."""
    kind = part_class(axis, name)
    if axis == "mixing":
        return int(kind.domains_needed(kind.Params() if params is None else params))
    return int(getattr(kind, "needs_domains", 1))


def check_combination(config: TrialConfig, *, where: str = "") -> None:
    """Refuse parts that contradict each other, the network or the number of epochs.

    Raises:
        UsageError: Naming the parts, and the nearest combination that works.
    """
    where = where or f"method '{config.method.name}'"
    check_parts(config.method, where=where)
    _check_epochs(config, where)
    _check_frozen(config, where)


def check_parts(composition: Composition, *, where: str) -> None:
    """Refuse parts that contradict each other, whatever the network and the number of epochs.

    Raises:
        UsageError: Naming the parts, and the nearest combination that works.
    """
    _check_mixed_labels(composition, where)
    _check_head(composition, where)


def _check_mixed_labels(composition: Composition, where: str) -> None:
    mixing, penalty = composition.mixing.name, composition.penalty.name
    if part_class("mixing", mixing).mixes_labels and penalty != "none":
        raise UsageError(
            f"mixing '{mixing}' makes images that belong to no one domain or class, and the "
            f"penalty '{penalty}' compares domains or classes",
            where=where,
            fix=f"choose penalty=none beside mixing={mixing}, or mixing=mixstyle, which keeps "
            "labels",
        )
    if part_class("mixing", mixing).mixes_labels and composition.domain_risk.name != "mean":
        raise UsageError(
            f"mixing '{mixing}' makes images that belong to no one domain, so that all domains "
            f"have the same risk, and the domain risk '{composition.domain_risk.name}' tells them "
            "apart by it",
            where=where,
            fix=f"choose domain_risk=mean beside mixing={mixing}, or mixing=mixstyle, which keeps "
            "labels",
        )


def _check_head(composition: Composition, where: str) -> None:
    head = part_class("classification", composition.classification.name).head(
        _params(composition, "classification")
    )
    axes: tuple[Axis, ...] = ("penalty", "finish")
    for axis in axes:
        name = composition.part(axis).name
        if head != "linear" and part_class(axis, name).linear_only:
            raise UsageError(
                f"the {axis} '{name}' works on a linear classifier, but the classification loss "
                f"'{composition.classification.name}' has a {head} one",
                where=where,
                fix=f"choose classification.head=linear, or {axis}=none",
            )


def _check_epochs(config: TrialConfig, where: str) -> None:
    finish = config.method.finish.name
    kind, params = part_class("finish", finish), _params(config.method, "finish")
    least = kind.least_epochs(params)
    if config.epochs < least:
        nearest = " or ".join([*_with_fewer_epochs(kind, params, config.epochs), "finish=none"])
        raise UsageError(
            f"the finish '{finish}' needs {least} or more epochs, and {config.epochs} "
            f"{'is' if config.epochs == 1 else 'are'} planned",
            where=where,
            fix=f"train {least} epochs (`--epochs {least}`), or choose {nearest}",
        )


def _with_fewer_epochs(kind: type[Any], params: Any, epochs: int) -> list[str]:
    """The values of a finish, one at a time, with which so few epochs are enough."""
    return [
        f"finish.{item.name}={epochs}"
        for item in declared(kind.Params)
        if item.kind == "int"
        and item.low <= epochs <= item.high
        and kind.least_epochs(replace(params, **{item.name: epochs})) <= epochs
    ]


def _check_frozen(config: TrialConfig, where: str) -> None:
    layers = part_class("normalization", config.method.normalization.name).layers
    if layers == "frozen" and config.network.weights == "none":
        raise UsageError(
            "frozen batch norm needs trained weights: from random ones its statistics are "
            "constants that mean nothing",
            where=where,
            fix="choose normalization=batch or normalization=group, or give weights",
        )


def _params(composition: Composition, axis: Axis) -> Any:
    part = composition.part(axis)
    kind = part_class(axis, part.name).Params
    return parse_params(kind, part.values, prefix=f"{axis}.")
