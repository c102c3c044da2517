"""Traces collected first and added at once: one by one takes Plotly seconds where they are many."""

from dataclasses import dataclass, field
from typing import Any, final

import plotly.graph_objects as go


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Traces:
    """Traces of one figure and the facets they stand in."""

    traces: list[Any] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)

    def add(self, trace: object, *, row: int = 1, col: int = 1) -> None:
        """Keep a Plotly trace for the facet in this row and column, from 1."""
        self.traces.append(trace)
        self.rows.append(row)
        self.columns.append(col)

    def into(self, figure: go.Figure) -> None:
        """Add all of them, in their order, to a figure made with facets."""
        if self.traces:
            figure.add_traces(self.traces, rows=self.rows, cols=self.columns)
