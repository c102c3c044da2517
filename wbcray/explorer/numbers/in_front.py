"""Which methods are drawn in colour where there are too many to tell apart."""

from wbcray.explorer.choice import Choice
from wbcray.explorer.reading.selection import fold_scores
from wbcray.explorer.reading.tables import VALIDATION, RunTables

FEW_METHODS = 8
"""So many are told apart by colour and mark."""

BEST = 5


def in_front(tables: RunTables, choice: Choice) -> frozenset[str]:
    """The reference, the rival if one is chosen, and the best; all methods where they are few.

    The best by the mean validation score over held-out domains: held-out scores take no part.
    """
    methods = tables.methods
    if len(methods) <= FEW_METHODS:
        return frozenset(methods)
    scores = fold_scores(tables, VALIDATION).groupby(["method", "held_out"])[choice.score].mean()
    means = scores.groupby("method").mean().drop(index=choice.reference, errors="ignore")
    best = map(str, means.nlargest(BEST).index)
    return frozenset({*best, choice.reference, choice.rival} & {*methods})


def in_front_note(tables: RunTables) -> str:
    """A sentence for the reader where some are grey; else empty."""
    if len(tables.methods) <= FEW_METHODS:
        return ""
    return (
        f" Of {len(tables.methods)} methods the reference and the {BEST} best on source validation "
        "are in colour; point at a grey one for its name, or filter methods in `wbcray explore`."
    )
