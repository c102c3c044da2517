"""What successive halving leaves of a search, when it stops exactly its share."""

GRACE_EPOCHS, REDUCTION = 2, 3
"""Of `search_spaces/base.yaml`."""


def rungs(budget: int) -> list[tuple[int, float]]:
    """Epochs at which trials end under successive halving, and the share of them that end there."""
    found, at, share = [], GRACE_EPOCHS, 1.0
    while at < budget:
        found.append((at, share * (1 - 1 / REDUCTION)))
        at, share = at * REDUCTION, share / REDUCTION
    return [*found, (budget, share)]


def halving(budget: int) -> float:
    """Mean epochs of a trial under successive halving that stops exactly two in three."""
    return sum(at * share for at, share in rungs(budget))


def finished_folds(folds: int, epochs: int) -> float:
    """Mean number of finished folds of a trial under successive halving.

    A trial that is stopped at a fold's last epoch has not recorded it.
    """
    budget = folds * epochs
    return sum(
        share * (folds if at == budget else max(0, at - 1) // epochs) for at, share in rungs(budget)
    )
