"""Figures about methods: what was run, who wins where, what is lost away from home."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from wbcray.explorer.coverage import STATES
from wbcray.explorer.findings import UNDECIDED
from wbcray.explorer.leaderboard import REFERENCE
from wbcray.explorer.style import ROW_HEIGHT, SMALL, ZERO, Look, dressed, label
from wbcray.explorer.wording import interval, p_value, plus_minus, signed

STATE_COLORS = ("#d9dee4", "#b3404a", "#e0b84c", "#3f87b5")
COLUMNS = 3
HOVER_END = ", %{customdata[0]}: %{customdata[1]}<extra></extra>"
HOVER_DIFFERENCE = "%{y}: %{customdata[0]} (%{customdata[1]}), p = %{customdata[2]}<extra></extra>"


def coverage_figure(grid: pd.DataFrame) -> go.Figure:
    """Method x (held-out, fold): complete, partial, failed, not run; from `coverage`."""
    codes = grid.assign(code=grid["state"].map({s: n for n, s in enumerate(STATES)}))
    codes["text"] = codes["recorded"].astype(str) + "/" + codes["planned"].astype(str)
    wide = codes.pivot(index="method", columns=["held_out", "fold"], values="code")
    text = codes.pivot(index="method", columns=["held_out", "fold"], values="text")
    order = codes[["held_out", "fold"]].drop_duplicates()
    columns = pd.MultiIndex.from_frame(order)
    wide, text = wide[columns], text[columns]
    figure = go.Figure()
    figure.add_heatmap(
        x=[[label(name) for name in order["held_out"]], [f"fold {n}" for n in order["fold"]]],
        y=[label(name) for name in wide.index],
        z=wide.to_numpy(),
        text=text.to_numpy(),
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
        hovertemplate="%{y}, %{x}: %{text} seeds<extra></extra>",
    )
    height = 190 + ROW_HEIGHT * len(wide)
    figure = dressed(figure, "What ran, what failed, what is missing?", height=height)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(showgrid=False, showdividers=False)
    return figure


def forest_figure(board: pd.DataFrame, looks: dict[str, Look], *, reference: str) -> go.Figure:
    """Difference to the reference with its interval, one facet per held-out domain."""
    known = board[(board["verdict"] != REFERENCE) & board["difference"].notna()]
    domains = list(known["held_out"].unique())
    methods = list(known.groupby("method")["difference"].mean().sort_values().index)
    figure = _facets(domains, prefix="held out: ", shared_y=True)
    # the interval of two folds is so wide that it would flatten all others
    told = ~known["verdict"].str.startswith(UNDECIDED)
    known = known.assign(low=known["low"].where(told), high=known["high"].where(told))
    reach = float(np.nanmax(known[["difference", "low", "high"]].abs().to_numpy())) * 1.1
    for number, domain in enumerate(domains):
        at = {"row": number // COLUMNS + 1, "col": number % COLUMNS + 1}
        rows = known[known["held_out"] == domain]
        figure.add_trace(_intervals(rows, looks), **at)
        figure.add_trace(_verdicts(rows, reach), **at)
    rows_of_facets = -(-len(domains) // COLUMNS)
    height = (110 + ROW_HEIGHT * len(methods)) * rows_of_facets + 60
    figure = dressed(
        figure, f"Which differences to {label(reference)} are real?", height=max(height, 260)
    )
    figure.update_xaxes(range=[-reach, reach * 1.75], zeroline=True, zerolinewidth=2, nticks=6)
    figure.update_yaxes(
        categoryorder="array",
        categoryarray=[label(name) for name in methods],
        range=[-0.6, len(methods) - 0.4],
    )
    figure.update_layout(showlegend=False)
    return figure


def shift_figure(
    validation: pd.DataFrame, unseen: pd.DataFrame, looks: dict[str, Look]
) -> go.Figure:
    """Macro F1 at home and away as slopes, one facet per held-out domain; from two leaderboards."""
    domains = list(dict.fromkeys([*unseen["held_out"], *validation["held_out"]]))
    figure = _facets(domains, prefix="held out: ", shared_y=True)
    places = ["validation", "unseen"]
    shown: set[str] = set()
    for number, domain in enumerate(domains):
        at = {"row": number // COLUMNS + 1, "col": number % COLUMNS + 1}
        home = validation[validation["held_out"] == domain].set_index("method")
        away = unseen[unseen["held_out"] == domain].set_index("method")
        for place, method in enumerate(sorted({*home.index, *away.index})):
            ends = [_end(home, method), _end(away, method)]
            look = looks[method]
            # whiskers of methods with like scores would hide each other
            shift = (place - (len(looks) - 1) / 2) * 0.03
            figure.add_scatter(
                x=[shift, 1 + shift],
                y=[mean for mean, _ in ends],
                error_y={"array": [std for _, std in ends], "thickness": 1.2, "width": 3},
                customdata=[
                    [where, plus_minus(*end)] for where, end in zip(places, ends, strict=True)
                ],
                mode="lines+markers",
                name=label(method),
                legendgroup=method,
                showlegend=method not in shown,
                line={"color": look.color, "width": 2},
                marker={"symbol": look.symbol, "size": 9, "color": look.color},
                hovertemplate=label(method) + HOVER_END,
                **at,
            )
            shown.add(method)
    rows_of_facets = -(-len(domains) // COLUMNS)
    figure = dressed(
        figure, "What is lost on the way to an unseen domain?", height=330 * rows_of_facets + 90
    )
    figure.update_xaxes(
        range=[-0.3, 1.3], tickvals=[0, 1], ticktext=places, showgrid=False, zeroline=False
    )
    figure.update_yaxes(rangemode="tozero", title_text="macro F1", col=1)
    figure.update_layout(legend={"y": 0, "yref": "container", "yanchor": "bottom"})
    return figure


def _facets(domains: list[str], *, prefix: str, shared_y: bool) -> go.Figure:
    columns = max(1, min(COLUMNS, len(domains)))
    return make_subplots(
        rows=max(1, -(-len(domains) // columns)),
        cols=columns,
        subplot_titles=[label(prefix + name) for name in domains],
        shared_yaxes=shared_y,
        horizontal_spacing=0.03,
    )


def _intervals(rows: pd.DataFrame, looks: dict[str, Look]) -> go.Scatter:
    return go.Scatter(
        x=rows["difference"],
        y=[label(name) for name in rows["method"]],
        error_x={
            "array": (rows["high"] - rows["difference"]).tolist(),
            "arrayminus": (rows["difference"] - rows["low"]).tolist(),
            "color": ZERO,
            "thickness": 2,
            "width": 5,
        },
        customdata=[
            [signed(d), interval(low, high), p_value(p)]
            for d, low, high, p in zip(
                rows["difference"], rows["low"], rows["high"], rows["p_holm"], strict=True
            )
        ],
        mode="markers",
        marker={
            "size": 11,
            "color": [looks[name].color for name in rows["method"]],
            "symbol": [looks[name].symbol for name in rows["method"]],
        },
        hovertemplate=HOVER_DIFFERENCE,
    )


def _verdicts(rows: pd.DataFrame, reach: float) -> go.Scatter:
    return go.Scatter(
        x=[reach * 1.08] * len(rows),
        y=[label(name) for name in rows["method"]],
        text=[str(word).replace(" (", "<br>(") for word in rows["verdict"]],
        mode="text",
        textposition="middle right",
        textfont={"size": SMALL},
        hoverinfo="skip",
    )


def _end(board: pd.DataFrame, method: str) -> tuple[float, float]:
    if method not in board.index:
        return float("nan"), float("nan")
    return float(board["macro_mean"][method]), float(board["macro_std"][method])


def _steps(colors: tuple[str, ...]) -> list[list[object]]:
    """A colour scale of equal steps without transitions."""
    share = 1 / len(colors)
    return [[edge * share, color] for n, color in enumerate(colors) for edge in (n, n + 1)]
