"""What ran, what failed, what is missing?"""

import pandas as pd
import plotly.graph_objects as go

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.style import ROW_HEIGHT, SMALL, dressed, label
from wbcray.explorer.numbers.coverage import STATES, coverage
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View, grid_size
from wbcray.explorer.wording import many

QUESTION = "What ran, what failed, what is missing?"
STATE_COLORS = ("#d9dee4", "#b3404a", "#e0b84c", "#3f87b5")


def _panel(tables: RunTables, _choice: Choice) -> Panel:
    variant = Variant(label="cells", draw=lambda: _drawn(tables))
    return Panel(
        question=QUESTION,
        how_to_read="One square per method, held-out domain and fold; the text counts recorded "
        "over planned seeds. Point at a square for what was opened of its held-out counts, and "
        "for why it failed. Comparisons use the folds that both methods have.",
        n=grid_size(tables),
        variants=(variant,) if tables.judged and tables.held_out else (),
        lacking="Nothing was run yet: `wbcray tune` or `wbcray compare` trains cells.",
    )


def _drawn(tables: RunTables) -> Drawn:
    grid = coverage(tables)
    return Drawn(figure=coverage_figure(grid), numbers=grid)


def coverage_figure(grid: pd.DataFrame) -> go.Figure:
    """Method x (held-out, fold): complete, partial, failed, not run; from `coverage`."""
    codes = grid.assign(code=grid["state"].map({s: n for n, s in enumerate(STATES)}))
    codes["text"] = codes["recorded"].astype(str) + "/" + codes["planned"].astype(str)
    parts = [grid[name] for name in ("recorded", "planned", "opened", "failed", "reasons")]
    codes["told"] = [_told(*values) for values in zip(*parts, strict=True)]
    order = codes[["held_out", "fold"]].drop_duplicates()
    columns = pd.MultiIndex.from_frame(order)
    wide, text, told = (
        codes.pivot(index="method", columns=["held_out", "fold"], values=name)[columns]
        for name in ("code", "text", "told")
    )
    figure = go.Figure()
    figure.add_heatmap(
        x=[[label(name) for name in order["held_out"]], [f"fold {n}" for n in order["fold"]]],
        y=[label(name) for name in wide.index],
        z=wide.to_numpy(),
        text=text.to_numpy(),
        customdata=told.to_numpy(),
        texttemplate="%{text}",
        textfont={"size": SMALL},
        zmin=-0.5,
        zmax=len(STATES) - 0.5,
        colorscale=_steps(STATE_COLORS),
        colorbar={
            "tickvals": list(range(len(STATES))),
            "ticktext": list(STATES),
            "thickness": 12,
            "outlinewidth": 0,
        },
        xgap=2,
        ygap=2,
        hovertemplate="%{y}, %{x}<br>%{customdata}<extra></extra>",
    )
    figure = dressed(figure, QUESTION, height=190 + ROW_HEIGHT * len(wide))
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(showgrid=False, showdividers=False)
    return figure


def _told(recorded: int, planned: int, opened: int, failed: int, reasons: str) -> str:
    """What a square says when it is pointed at."""
    parts = [f"{recorded} of {many(planned, 'seed')} recorded", f"{many(opened, 'cell')} opened"]
    if failed:
        parts.append(f"{many(failed, 'failure')}: {label(reasons) or 'no reason recorded'}")
    return "<br>".join(parts)


def _steps(colors: tuple[str, ...]) -> list[list[object]]:
    """A colour scale of equal steps without transitions."""
    share = 1 / len(colors)
    return [[edge * share, color] for n, color in enumerate(colors) for edge in (n, n + 1)]


COVERAGE = View(anchor="coverage", short="Coverage", build=_panel)
