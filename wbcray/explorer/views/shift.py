"""What is lost on the way to an unseen domain, and where does a method win?"""

from functools import partial

import pandas as pd
import plotly.graph_objects as go

from wbcray.explorer.choice import Choice
from wbcray.explorer.look.facets import facet, facet_rows, facets
from wbcray.explorer.look.style import (
    ROW_HEIGHT,
    ZERO,
    Look,
    back_to_front,
    dressed,
    label,
    looks,
    with_others_behind,
)
from wbcray.explorer.look.traces import Traces
from wbcray.explorer.numbers.in_front import in_front, in_front_note
from wbcray.explorer.numbers.leaderboard import leaderboard
from wbcray.explorer.reading.selection import fold_scores
from wbcray.explorer.reading.tables import UNSEEN, VALIDATION, RunTables
from wbcray.explorer.view import Drawn, Panel, Variant, View, grid_size
from wbcray.explorer.wording import plus_minus, score_words

_COLUMNS = ["held_out", "method", "split", "score_mean", "noise_folds", "folds", "seeds"]
HOVER_END = ", %{customdata[0]}: %{customdata[1]}<extra></extra>"
QUESTION = "What is lost on the way to an unseen domain?"


def _panel(tables: RunTables, choice: Choice) -> Panel:
    opened = bool(tables.cells["test_opened"].any())
    variants = (
        Variant(label="slopes", draw=partial(_slopes, tables, choice)),
        Variant(label="unseen domains", draw=partial(_dots, tables, choice)),
    )
    return Panel(
        question=QUESTION,
        how_to_read=f"Slopes, left: {score_words(choice.score)} on validation images of the "
        "training domains; right: the same networks on the domain they never saw. Bars are "
        "standard deviations over folds. Averages run over the classes that occur in each place, "
        "which need not be the same. Unseen domains: each small dot is a fold, the mark their "
        "mean, the bar one standard deviation over the choice of images, which folds do not show."
        + in_front_note(tables),
        n=grid_size(tables),
        variants=variants if opened else (),
        lacking="The held-out domains are still sealed: `wbcray compare` opens them.",
    )


def _slopes(tables: RunTables, choice: Choice) -> Drawn:
    home, away = (_over_folds(tables, split, choice.score) for split in (VALIDATION, UNSEEN))
    numbers = pd.concat([home.assign(split=VALIDATION), away.assign(split=UNSEEN)])
    look = looks(tables.coloured, reference=choice.reference)
    look = with_others_behind(look, in_front(tables, choice))
    numbers = numbers[_COLUMNS].sort_values(_COLUMNS[:3])
    return Drawn(figure=shift_figure(home, away, look, score=choice.score), numbers=numbers)


def _over_folds(tables: RunTables, split: str, score: str) -> pd.DataFrame:
    """Mean and standard deviation of a score over folds, a row per held-out domain and method."""
    grouped = fold_scores(tables, split).groupby(["held_out", "method"])
    return grouped.agg(
        score_mean=(score, "mean"),
        noise_folds=(score, "std"),
        folds=("fold", "nunique"),
        seeds=("seeds", "max"),
    ).reset_index()


def _dots(tables: RunTables, choice: Choice) -> Drawn:
    board = leaderboard(tables, UNSEEN, reference=choice.reference, score=choice.score)
    folds = fold_scores(tables, UNSEEN)[["held_out", "method", "fold", choice.score]]
    look = looks(tables.coloured, reference=choice.reference)
    known = board[["held_out", "method", "score_mean", "noise_folds", "noise_images", "folds"]]
    numbers = folds.merge(known, on=["held_out", "method"])
    return Drawn(figure=dots_figure(board, folds, look, score=choice.score), numbers=numbers)


def shift_figure(
    validation: pd.DataFrame,
    unseen: pd.DataFrame,
    looks: dict[str, Look],
    *,
    score: str = "macro_f1",
) -> go.Figure:
    """Scores at home and away as slopes, one facet per held-out domain."""
    domains = list(dict.fromkeys([*unseen["held_out"], *validation["held_out"]]))
    figure = facets(domains)
    places = ["validation", "unseen"]
    shown: set[str] = set()
    traces = Traces()
    # whiskers of methods with like scores would hide each other
    front = [name for name in back_to_front(looks, looks) if not looks[name].faint]
    sideways = dict.fromkeys(looks, 0.0)
    sideways |= {name: (n - (len(front) - 1) / 2) * 0.03 for n, name in enumerate(front)}
    for number, domain in enumerate(domains):
        home = validation[validation["held_out"] == domain].set_index("method")
        away = unseen[unseen["held_out"] == domain].set_index("method")
        for method in back_to_front({*home.index, *away.index}, looks):
            ends = [_end(home, method), _end(away, method)]
            look = looks[method]
            shift = sideways[method]
            trace = go.Scatter(
                x=[shift, 1 + shift],
                y=[mean for mean, _ in ends],
                error_y={
                    "array": [std for _, std in ends],
                    "thickness": 1.2,
                    "width": 3,
                    "visible": not look.faint,
                },
                customdata=[
                    [where, plus_minus(*end)] for where, end in zip(places, ends, strict=True)
                ],
                mode="lines+markers",
                name=label(method),
                legendgroup=method,
                showlegend=method not in shown and not look.faint,
                line={"color": look.color, "width": 1 if look.faint else 2},
                marker={"symbol": look.symbol, "size": 5 if look.faint else 9, "color": look.color},
                hovertemplate=label(method) + HOVER_END,
            )
            traces.add(trace, **facet(number))
            shown.add(method)
    traces.into(figure)
    figure = dressed(figure, QUESTION, height=330 * facet_rows(domains) + 90)
    figure.update_xaxes(
        range=[-0.3, 1.3], tickvals=[0, 1], ticktext=places, showgrid=False, zeroline=False
    )
    figure.update_yaxes(rangemode="tozero", title_text=score_words(score), col=1)
    figure.update_layout(legend={"y": 0, "yref": "container", "yanchor": "bottom"})
    return figure


def dots_figure(
    board: pd.DataFrame, folds: pd.DataFrame, looks: dict[str, Look], *, score: str
) -> go.Figure:
    """Every fold's score and the mean with the noise of images, one facet per held-out domain."""
    domains = list(dict.fromkeys(board["held_out"]))
    order = board.groupby("method")["score_mean"].mean().sort_values().index.tolist()
    figure = facets(domains)
    for number, domain in enumerate(domains):
        rows = board[board["held_out"] == domain]
        single = folds[folds["held_out"] == domain]
        figure.add_scatter(
            x=single[score],
            y=[label(name) for name in single["method"]],
            mode="markers",
            marker={
                "size": 6,
                "opacity": 0.45,
                "color": [looks[m].color for m in single["method"]],
            },
            customdata=single["fold"],
            hovertemplate="%{y}, fold %{customdata}: %{x:.3f}<extra></extra>",
            **facet(number),
        )
        figure.add_scatter(
            x=rows["score_mean"],
            y=[label(name) for name in rows["method"]],
            error_x={"array": rows["noise_images"].tolist(), "color": ZERO, "width": 4},
            mode="markers",
            marker={
                "size": 11,
                "color": [looks[name].color for name in rows["method"]],
                "symbol": [looks[name].symbol for name in rows["method"]],
            },
            customdata=[
                [plus_minus(mean, std), plus_minus(mean, images)]
                for mean, std, images in rows[
                    ["score_mean", "noise_folds", "noise_images"]
                ].itertuples(index=False)
            ],
            hovertemplate="%{y}: %{customdata[0]} over folds,<br>%{customdata[1]} over the choice "
            "of images<extra></extra>",
            **facet(number),
        )
    height = (110 + ROW_HEIGHT * len(order)) * facet_rows(domains) + 60
    figure = dressed(figure, "Where does a method win?", height=max(height, 260))
    figure.update_xaxes(title_text=score_words(score), nticks=6, zeroline=False, matches="x")
    figure.update_yaxes(
        categoryorder="array",
        categoryarray=[label(name) for name in order],
        range=[-0.6, len(order) - 0.4],
    )
    figure.update_layout(showlegend=False)
    return figure


def _end(board: pd.DataFrame, method: str) -> tuple[float, float]:
    if method not in board.index:
        return float("nan"), float("nan")
    return float(board["score_mean"][method]), float(board["noise_folds"][method])


SHIFT = View(anchor="shift", short="Domain shift", build=_panel)
