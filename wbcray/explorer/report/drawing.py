"""The views of a run and their figures, with the oracle's note where it belongs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.remarks import remarked
from wbcray.explorer.pages import PAGES, Page
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View
from wbcray.explorer.wording import ORACLE_NOTE
from wbcray.store.selections import ORACLE_MARK

MOST_VARIANTS = 12
"""A file holds no more figures of a view: the first in its own order, unseen domains before others.
A reader of a file does not look through more, and 25 methods times 3 domains would fill it."""

MOST_FIGURES = 72
"""A file holds no more figures in all; on a run of 25 methods one takes up to 0.3 s to draw."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AskedView:
    """A view, where it stands, and its panel for a run; nothing is drawn yet."""

    page: Page
    view: View
    panel: Panel

    def kept(self, number: int) -> str:
        """How many figures of the view a file holds, if not all; else empty."""
        there = len(self.panel.variants)
        return "" if number == there else f"{number} of {there}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawnView:
    """A view, its panel for a run, and the figures of the panel's variants by label."""

    view: View
    panel: Panel
    figures: tuple[tuple[str, Drawn], ...]


def foremost(views: tuple[AskedView, ...], methods: Sequence[str]) -> tuple[AskedView, ...]:
    """The views with figures of single methods in the order of `methods`, the others as they are.

    A figure is of one method where its label is the method's name, alone or before a comma.
    """
    place = {name: number for number, name in enumerate(methods)}

    def rank(variant: Variant) -> int:
        return place.get(variant.label, place.get(variant.label.partition(", ")[0], -1))

    return tuple(
        replace(one, panel=replace(one.panel, variants=tuple(sorted(one.panel.variants, key=rank))))
        for one in views
    )


def asked(tables: RunTables, choice: Choice) -> tuple[AskedView, ...]:
    """Every view's panel, in reading order; those without variants say what they lack."""
    return tuple(
        AskedView(page=page, view=view, panel=view.build(tables, choice))
        for page in PAGES
        for view in page.views
    )


def in_rounds(
    views: tuple[AskedView, ...], tables: RunTables
) -> Iterator[tuple[AskedView, str, Drawn]]:
    """The first figure of every view, then every second one, and so on; each with its label.

    At most `MOST_VARIANTS` of a view and `MOST_FIGURES` in all, but the first of every view.
    """
    chosen = [
        (one, one.panel.variants[number])
        for number in range(MOST_VARIANTS)
        for one in views
        if number < len(one.panel.variants)
    ]
    firsts = sum(bool(one.panel.variants) for one in views)
    for one, variant in chosen[: max(MOST_FIGURES, firsts)]:
        yield one, variant.label, watermarked(variant.draw(), tables)


def draw_all(tables: RunTables, choice: Choice) -> tuple[DrawnView, ...]:
    """Every view that the run has an answer for, in reading order, with its first figures."""
    views = tuple(one for one in asked(tables, choice) if one.panel.variants)
    found: dict[str, list[tuple[str, Drawn]]] = {one.view.anchor: [] for one in views}
    for one, label, drawn in in_rounds(views, tables):
        found[one.view.anchor].append((label, drawn))
    return tuple(
        DrawnView(view=one.view, panel=one.panel, figures=tuple(found[one.view.anchor]))
        for one in views
    )


def watermarked(drawn: Drawn, tables: RunTables) -> Drawn:
    """The figure with the oracle's note above it where it shows what the oracle chose."""
    if tables.oracle and ORACLE_MARK in str(drawn.figure.to_json()):
        remarked(drawn.figure, ORACLE_NOTE)
    return drawn
