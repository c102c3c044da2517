"""What a view is: a question, figures that answer it one at a time, and how to read them."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from wbcray.explorer.choice import Choice
from wbcray.explorer.reading.tables import UNSEEN, VALIDATION, RunTables
from wbcray.explorer.wording import many

SPLITS = (UNSEEN, VALIDATION)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """A figure and the numbers that it shows."""

    figure: go.Figure
    numbers: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Variant:
    """One choice within a view (a place, a method); drawn only when somebody looks at it."""

    label: str
    draw: Callable[[], Drawn]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Panel:
    """A question about a run, and the figures that answer it.

    Attributes:
        n: How much evidence it rests on.
        variants: Shown one at a time; empty where the run cannot answer.
        lacking: What is not there, and the command that makes it; shown where there is no variant.
    """

    question: str
    how_to_read: str
    n: str
    variants: tuple[Variant, ...]
    lacking: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """A question that can be asked of any run.

    Attributes:
        anchor: Its address within a page; stable, because links hold it.
        short: Its name in the navigation.
        build: The panel for what the reader chose. It must be cheap: figures and the numbers behind
            them belong into `Variant.draw`.
    """

    anchor: str
    short: str
    build: Callable[[RunTables, Choice], Panel]


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
