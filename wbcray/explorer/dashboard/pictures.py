"""Panels and figures of a run as they were asked for, kept while the run stays the same."""

import hashlib
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, final

import pandas as pd

from wbcray.explorer.choice import Choice, narrowed
from wbcray.explorer.pages import PAGES
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import Panel, View
from wbcray.store.selections import ORACLE_MARK

VIEWS: dict[str, View] = {view.anchor: view for page in PAGES for view in page.views}
MOST_KEPT = 160
"""Panels and pictures; all views twice over, and some more."""

Json = dict[str, Any]
"""A figure as Plotly takes it: written by plotly, read by plotly.js, and only passed on here."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """One variant of a panel, drawn.

    Attributes:
        label: Which variant it is.
        data, layout: The figure.
        axes: Equal for figures whose axes are; then one may take the other's place under a zoom.
        peeked: Whether it shows what held-out scores chose.
    """

    label: str
    data: list[Json]
    layout: Json
    numbers: pd.DataFrame
    axes: str
    peeked: bool


@final
class Pictures:
    """Draws views, and remembers what it has drawn of the newest version of a run.

    One thing is drawn at a time: two would take each other's processor, and compute twice what
    the views of a page share (`reading.remembered`).
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], Any] = OrderedDict()
        self._turn = threading.RLock()
        self._lock = threading.Lock()
        self._version = -1
        self._asked = time.monotonic()

    def stir(self) -> None:
        """Tell that a reader asks for something."""
        self._asked = time.monotonic()

    def quiet_for(self) -> float:
        """Seconds since a reader asked."""
        return time.monotonic() - self._asked

    def narrowed(self, tables: RunTables, choice: Choice, *, version: int) -> RunTables:
        """`choice.narrowed`, the same tables for all choices that leave the same rows."""
        # the reference stays among the chosen methods, and without a choice it does not matter
        methods = {*choice.methods, choice.reference} if choice.methods else set()
        rows = (frozenset(methods), choice.held_out, choice.folds, choice.states)
        there: RunTables = self.once(version, ("rows", rows), lambda: narrowed(tables, choice))
        return there

    def panel(self, tables: RunTables, choice: Choice, anchor: str, *, version: int) -> Panel:
        """The panel of a view; cheap, as `View.build` is."""

        def build() -> Panel:
            return VIEWS[anchor].build(self.narrowed(tables, choice, version=version), choice)

        panel: Panel = self.once(version, ("panel", anchor, choice.as_query()), build)
        return panel

    def picture(
        self, tables: RunTables, choice: Choice, anchor: str, label: str, *, version: int
    ) -> Picture | None:
        """The variant called `label`, else the first; None where the panel has none.

        Whatever a view raises comes through.
        """
        panel = self.panel(tables, choice, anchor, version=version)
        if not panel.variants:
            return None
        variant = next((one for one in panel.variants if one.label == label), panel.variants[0])
        key = ("picture", anchor, variant.label, choice.as_query())

        def draw() -> Picture:
            drawn = variant.draw()
            figure = drawn.figure.to_dict()
            layout = _bare(figure["layout"])
            return Picture(
                label=variant.label,
                data=figure["data"],
                layout=layout,
                numbers=drawn.numbers,
                axes=_digest({name: layout[name] for name in layout if "axis" in name}),
                peeked=bool(tables.oracle) and ORACLE_MARK in str(figure),
            )

        picture: Picture = self.once(version, key, draw)
        return picture

    def once(self, version: int, key: tuple[object, ...], make: Callable[[], Any]) -> Any:
        """What `make` makes, made once for each version of the run."""
        found = self._found(version, key)
        if found is not None:
            return found
        with self._turn:
            found = self._found(version, key)  # another may have made it meanwhile
            if found is not None:
                return found
            made = make()
            with self._lock:
                if version == self._version:
                    self._kept[key] = made
                    if len(self._kept) > MOST_KEPT:
                        self._kept.popitem(last=False)
        return made

    def _found(self, version: int, key: tuple[object, ...]) -> Any:
        with self._lock:
            if version > self._version:
                self._kept.clear()
                self._version = version
            if version != self._version or key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]


def _bare(layout: Json) -> Json:
    """Without the title, which stands above the figure on the page, and without its room."""
    bare = {name: value for name, value in layout.items() if name != "title"}
    margin = dict(layout.get("margin", {}))
    margin["t"] = max(margin.get("t", 56) - 20, 20)
    height = layout.get("height")
    return bare | {"margin": margin} | ({"height": height - 20} if height else {})


def _digest(value: Json) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def themed(layout: Json, *, dark: bool) -> Json:
    """The layout with letters that can be read on the page's paper."""
    ink, raised, line = (
        ("#e4e8ec", "#1c2229", "#313943") if dark else ("#1c2430", "#f6f8fa", "#dfe4ea")
    )
    hover = dict(layout.get("hoverlabel", {}))
    hover |= {"bgcolor": raised, "bordercolor": line}
    hover["font"] = {**hover.get("font", {}), "color": ink}
    font = {**layout.get("font", {}), "color": ink}
    return {**layout, "font": font, "hoverlabel": hover}
