"""Published tables of results, shipped with wbcray, and what their own numbers carry."""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import isnan
from typing import final

import pandas as pd
import yaml

from wbcray.explorer.numbers.leaderboard import REFERENCE, leaderboard
from wbcray.explorer.reading.selection import fold_scores
from wbcray.explorer.reading.tables import DEFAULT_REFERENCE, RunTables
from wbcray.metrics.comparison import ALPHA, holm
from wbcray.metrics.welch import Summary, SummaryDifference, welch

COLUMNS = [
    *("table", "split", "place", "score", "method", "preset", "mean", "std", "n"),
    *("difference", "low", "high", "p", "p_holm", "verdict"),
]
OWN_COLUMNS = ["held_out", "split", "score", "method", "mean", "std", "n", "verdict"]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedTable:
    """One table of means and standard deviations, as printed.

    Attributes:
        split: `validation` or `unseen`.
        place: Where its images are from, in words.
        held_out: The domain that was held out.
        reference: The method that the others are compared with, by its printed name.
        methods: Printed names and the presets that stand for them.
        scores: Score -> summary of each method.
    """

    title: str
    source: str
    split: str
    place: str
    held_out: str
    reference: str
    methods: tuple[tuple[str, str], ...]
    scores: tuple[tuple[str, tuple[Summary, ...]], ...]


@cache
def published() -> tuple[PublishedTable, ...]:
    """The tables that are shipped, in the order of their files."""
    folder = resources.files("wbcray.explorer.numbers") / "published"
    found = []
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        for split, table in data["tables"].items():
            scores = {name: rows for name, rows in table.items() if name != "place"}
            found.append(
                PublishedTable(
                    title=data["title"],
                    source=data["source"],
                    split=split,
                    place=table["place"],
                    held_out=data["held_out"],
                    reference=data["reference"],
                    methods=tuple((one["name"], one["preset"]) for one in data["methods"]),
                    scores=tuple(
                        (name, tuple(Summary(mean=m, std=s, n=data["folds"]) for m, s in rows))
                        for name, rows in scores.items()
                    ),
                )
            )
    return tuple(found)


def judged_again(table: PublishedTable) -> pd.DataFrame:
    """One row per score and method: the printed numbers, and the verdict that they carry.

    Each method is compared with the table's reference by Welch's test and Holm's correction, as
    only means and standard deviations were printed. Columns as in `COLUMNS`.
    """
    rows = []
    names = [name for name, _ in table.methods]
    for score, summaries in table.scores:
        by_name = dict(zip(names, summaries, strict=True))
        others = {
            name: welch(one, by_name[table.reference])
            for name, one in by_name.items()
            if name != table.reference
        }
        adjusted = dict(zip(others, holm([one.p for one in others.values()]), strict=True))
        for (name, preset), one in zip(table.methods, summaries, strict=True):
            row = {"table": table.title, "split": table.split, "place": table.place}
            row |= {"score": score, "method": name, "preset": preset}
            values = {"mean": one.mean, "std": one.std, "n": one.n}
            rows.append(row | values | _comparison(others.get(name), adjusted.get(name)))
    return pd.DataFrame(rows, columns=COLUMNS)


def own_beside(tables: RunTables, table: PublishedTable) -> pd.DataFrame:
    """The run's numbers of the same methods on the same held-out domain; empty where it has none.

    Names of domains match whatever their case. Columns as in `OWN_COLUMNS`; `n` counts folds.
    """
    presets = {preset for _, preset in table.methods}
    domains = [name for name in tables.held_out if _same(name, table.held_out)]
    rows = fold_scores(tables, table.split)
    rows = rows[rows["held_out"].isin(domains) & rows["method"].isin(presets)]
    found = []
    for score, _ in table.scores if len(rows) else ():
        board = leaderboard(tables, table.split, reference=DEFAULT_REFERENCE, score=score)
        verdicts = board.set_index(["held_out", "method"])["verdict"]
        means = rows.groupby(["held_out", "method"])[score].agg(["mean", "std", "count"])
        part = means.rename(columns={"count": "n"}).join(verdicts).reset_index()
        found.append(part.assign(split=table.split, score=score)[OWN_COLUMNS])
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=OWN_COLUMNS)


def _same(first: str, second: str) -> bool:
    return first.casefold().replace("-", "_") == second.casefold().replace("-", "_")


def _comparison(
    difference: SummaryDifference | None, adjusted: float | None
) -> dict[str, float | str]:
    if difference is None or adjusted is None:
        nothing = dict.fromkeys(("difference", "low", "high", "p", "p_holm"), float("nan"))
        return {**nothing, "verdict": REFERENCE}
    word = "better" if difference.mean > 0 else "worse"
    told = "cannot tell" if isnan(adjusted) else (word if adjusted < ALPHA else "tie")
    return {
        "difference": difference.mean,
        "low": difference.low,
        "high": difference.high,
        "p": difference.p,
        "p_holm": adjusted,
        "verdict": told,
    }
