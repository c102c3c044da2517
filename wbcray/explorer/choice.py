"""What a reader chose to see: one filter for all views, and its text in an address."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from urllib.parse import parse_qsl, urlencode

import pandas as pd

from wbcray.explorer.reading.tables import DEFAULT_REFERENCE, RunTables
from wbcray.metrics.scores import SCORES

DEFAULT_SCORE = "macro_f1"
_MOST_TEXT = 4096
_FOLD = re.compile("[0-9]{1,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The filters that all views share; empty means everything.

    Attributes:
        reference: The method that others are compared with.
        rival: The other method of views about two; empty: the best one that is not the reference.
        score: Name of the score that decides, from `metrics.scores.SCORES`.
        classes: Classes to show; a filter of rows, never of what macro scores average over.
        states: States of trials.
        true, predicted: The confusion whose images are asked for.
    """

    reference: str = DEFAULT_REFERENCE
    rival: str = ""
    score: str = DEFAULT_SCORE
    methods: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    folds: tuple[int, ...] = ()
    classes: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    true: str = ""
    predicted: str = ""

    def as_query(self) -> str:
        """The choice as the query of an address, without what is as by default."""
        default = Choice()
        pairs: list[tuple[str, str]] = []
        for field in fields(self):
            value = getattr(self, field.name)
            if value == getattr(default, field.name):
                continue
            values = value if isinstance(value, tuple) else (value,)
            pairs += [(field.name, str(item)) for item in values]
        return urlencode(pairs)

    @classmethod
    def from_query(cls, query: str) -> "Choice":
        """The choice in the query of an address; what is not understood is left out."""
        found: dict[str, list[str]] = {}
        for name, text in parse_qsl(query.removeprefix("?")[:_MOST_TEXT]):
            found.setdefault(name, []).append(text)

        def one(name: str, default: str = "") -> str:
            return found.get(name, [default])[-1]

        def several(name: str) -> tuple[str, ...]:
            return tuple(dict.fromkeys(found.get(name, ())))

        folds = {int(text) for text in several("folds") if _FOLD.fullmatch(text)}
        return cls(
            reference=one("reference", DEFAULT_REFERENCE),
            rival=one("rival"),
            score=one("score", DEFAULT_SCORE),
            methods=several("methods"),
            held_out=several("held_out"),
            folds=tuple(sorted(folds)),
            classes=several("classes"),
            states=several("states"),
            true=one("true"),
            predicted=one("predicted"),
        )

    def within(self, tables: RunTables) -> "Choice":
        """The choice without names that the run does not know."""
        facts = tables.facts
        known = {*tables.methods}
        folds = range(facts.folds)
        return replace(
            self,
            reference=self.reference if self.reference in known else DEFAULT_REFERENCE,
            rival=self.rival if self.rival in known - {self.reference} else "",
            score=self.score if self.score in SCORES else DEFAULT_SCORE,
            methods=_among(self.methods, known),
            held_out=_among(self.held_out, tables.held_out),
            folds=tuple(fold for fold in self.folds if fold in folds),
            classes=_among(self.classes, facts.classes),
            states=_among(self.states, tables.states),
            true=self.true if self.true in facts.classes else "",
            predicted=self.predicted if self.predicted in facts.classes else "",
        )


def narrowed(tables: RunTables, choice: Choice) -> RunTables:
    """The tables with the chosen methods, held-out domains, folds and states only.

    The reference stays, because differences need it.
    """
    methods = {*choice.methods, choice.reference} if choice.methods else set()
    cell = {"method": methods, "held_out": choice.held_out, "fold": choice.folds}
    trial = {"method": methods, "held_out": choice.held_out, "state": choice.states}
    failed = tuple(
        item
        for item in tables.facts.failed_cells
        if all(
            not wanted or getattr(item, column) in set(wanted) for column, wanted in cell.items()
        )
    )
    return replace(
        tables,
        cells=_kept(tables.cells, cell),
        confusion=_kept(tables.confusion, cell),
        curves=_kept(tables.curves, cell),
        trials=_kept(tables.trials, trial),
        whole=tables.coloured,
        # the same where nothing is left out: `reading.remembered` goes by identity
        facts=replace(tables.facts, failed_cells=failed)
        if failed != tables.facts.failed_cells
        else tables.facts,
    )


def _kept(frame: pd.DataFrame, wanted: Mapping[str, Iterable[object]]) -> pd.DataFrame:
    keep = pd.Series(data=True, index=frame.index)
    for column, values in wanted.items():
        if chosen := list(values):
            keep &= frame[column].isin(chosen)
    return frame if keep.all() else frame[keep]


def _among(names: tuple[str, ...], known: Iterable[str]) -> tuple[str, ...]:
    there = set(known)
    return tuple(name for name in names if name in there)
