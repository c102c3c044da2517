"""Which parts cannot work together, or not with what there is; refused before any training."""

from wbcray.core.config import Axis, Composition, TrialConfig
from wbcray.core.errors import UsageError
from wbcray.core.hyper import parse_params
from wbcray.methods.parts import part_class


def check_sources(composition: Composition, sources: int) -> None:
    """Refuse a penalty that compares more domains than there are to learn from.

    Raises:
        UsageError: If it does.
    """
    name = composition.penalty.name
    needed = part_class("penalty", name).needs_domains
    if sources < needed:
        raise UsageError(
            f"the penalty '{name}' compares {needed} or more source domains, "
            f"but {sources} {'has' if sources == 1 else 'have'} training images",
            where=f"method '{composition.name}'",
            fix="add a source domain, or choose a method without a penalty over domains",
        )


def check_combination(config: TrialConfig, *, where: str = "") -> None:
    """Refuse parts that contradict each other, the network or the number of epochs.

    Raises:
        UsageError: Naming the parts, and the nearest combination that works.
    """
    where = where or f"method '{config.method.name}'"
    _check_mixed_labels(config.method, where)
    _check_head(config.method, where)
    _check_epochs(config, where)
    _check_frozen(config, where)


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


def _check_head(composition: Composition, where: str) -> None:
    head = part_class("classification", composition.classification.name).head(
        _params(composition, "classification")
    )
    finish = composition.finish.name
    if head != "linear" and part_class("finish", finish).linear_only:
        raise UsageError(
            f"the finish '{finish}' works on a linear classifier, but the classification loss "
            f"'{composition.classification.name}' has a {head} one",
            where=where,
            fix="choose classification.head=linear, or finish=none",
        )


def _check_epochs(config: TrialConfig, where: str) -> None:
    finish = config.method.finish.name
    least = part_class("finish", finish).least_epochs(_params(config.method, "finish"))
    if config.epochs < least:
        raise UsageError(
            f"the finish '{finish}' needs {least} or more epochs, and {config.epochs} "
            f"{'is' if config.epochs == 1 else 'are'} planned",
            where=where,
            fix=f"train {least} epochs (`--epochs {least}`), or choose finish=none",
        )


def _check_frozen(config: TrialConfig, where: str) -> None:
    layers = part_class("normalization", config.method.normalization.name).layers
    if layers == "frozen" and config.network.weights == "none":
        raise UsageError(
            "frozen batch norm needs trained weights: from random ones its statistics are "
            "constants that mean nothing",
            where=where,
            fix="choose normalization=batch or normalization=group, or give weights",
        )


def _params(composition: Composition, axis: Axis) -> object:
    part = composition.part(axis)
    kind = part_class(axis, part.name).Params
    return parse_params(kind, part.values, prefix=f"{axis}.")
