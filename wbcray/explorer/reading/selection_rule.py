"""By which rule the configurations of a run were chosen, in a sentence."""

from collections.abc import Mapping

from wbcray.search.space import DEFAULT_OBJECTIVE

SELECTION_RULE = (
    "highest mean over folds of validation macro F1 on the source domains (classes present); "
    "within a fold the epoch with the highest validation macro F1; held-out counts are opened "
    "only after the choice is recorded"
)


def selection_rule(objectives: Mapping[str, str], *, oracle: tuple[str, ...] = ()) -> str:
    """The rule of a run.

    Args:
        objectives: What each study maximised, by the study's name.
        oracle: What was chosen by held-out scores instead.
    """
    others = {name: item for name, item in objectives.items() if item != DEFAULT_OBJECTIVE}
    parts = [SELECTION_RULE]
    if others:
        listed = ", ".join(f"{name} by {item}" for name, item in sorted(others.items()))
        parts.append(f"but for searches that maximised another validation score: {listed}")
    if oracle:
        parts.append(f"ORACLE, chosen by held-out macro F1, not a result: {', '.join(oracle)}")
    return "; ".join(parts)
