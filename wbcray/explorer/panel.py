"""What a panel of the report is: a question, figures that answer it, and how to read them."""

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from wbcray.explorer.tables import UNSEEN, VALIDATION, RunTables
from wbcray.explorer.wording import many

SPLITS = (UNSEEN, VALIDATION)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Variant:
    """One choice within a panel: a figure and the numbers it shows."""

    label: str
    figure: go.Figure
    numbers: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Panel:
    """A question and the figures that answer it, one shown at a time.

    Attributes:
        anchor: Its address within the page.
        short: Its name in the navigation.
        n: How much evidence it rests on.
    """

    anchor: str
    short: str
    question: str
    how_to_read: str
    n: str
    variants: tuple[Variant, ...]


def place_name(split: str, held_out: str) -> str:
    """Where the counts of a split are from, in words."""
    if split == UNSEEN:
        return f"unseen {held_out}"
    return f"validation without {held_out}"


def grid_size(tables: RunTables) -> str:
    """How large the run's grid is, in words."""
    facts = tables.facts
    return (
        f"{many(len(tables.judged), 'method')}, {many(len(tables.held_out), 'held-out domain')}, "
        f"{many(facts.folds, 'fold')}, {many(len(facts.seeds), 'seed')}"
    )


def measured(tables: RunTables) -> list[tuple[str, str]]:
    """Splits and held-out domains that have counts, unseen ones first."""
    known = tables.confusion[["split", "held_out"]].drop_duplicates()
    pairs = set(known.itertuples(index=False, name=None))
    return [(s, h) for s in SPLITS for h in tables.held_out if (s, h) in pairs]
