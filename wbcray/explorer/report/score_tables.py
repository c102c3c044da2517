"""The two tables that a poster would show: scores at home, and scores away."""

import pandas as pd

from wbcray.explorer.look.style import Look
from wbcray.explorer.numbers.findings import verdict_mark
from wbcray.explorer.reading.tables import UNSEEN, RunTables
from wbcray.explorer.report.markup import text
from wbcray.explorer.wording import (
    ADAPTING_MARK,
    ADAPTING_NOTE,
    MISSING,
    ORACLE_NOTE,
    many,
    number,
    openings_note,
    plus_minus,
)
from wbcray.metrics.comparison import FOLDS_FOR_VERDICT

SEALED = "sealed"


def score_table(
    tables: RunTables, board: pd.DataFrame, looks: dict[str, Look], *, split: str
) -> str:
    """Methods by held-out domains: F1-micro and F1-macro, mean ± standard deviation over folds.

    Bold is the first tie group, where there are folds enough to tell; the signs are the verdicts
    against the reference. The caption says how many configurations were looked at.
    """
    rows = {(str(r["held_out"]), str(r["method"])): r for _, r in board.iterrows()}
    means = board.groupby("method")["macro_mean"].mean()
    order = sorted(
        tables.judged,
        key=lambda name: (name in tables.oracle, -float(means.get(name, -1.0)), name),
    )
    domains = tables.held_out
    body = []
    for method in order:
        empty = _empty_text(tables, method, split)
        cells = [_score_cells(rows.get((domain, method)), empty) for domain in domains]
        measured = int((board["method"] == method).sum())
        average = _average_cell(float(means.get(method, float("nan"))), measured, len(domains))
        look = looks[method]
        swatch = f'<span class="swatch {look.symbol}" style="background:{look.color}"></span>'
        mark = _adapting_mark() if method in tables.facts.adapting else ""
        name = f'<th scope="row">{swatch}{text(method)}{mark}</th>'
        body.append(f"<tr>{name}{''.join(cells)}{average}</tr>")
    remarks = [ORACLE_NOTE] if tables.oracle else []
    caption = text("; ".join([*remarks, openings_note(tables.facts.openings)]))
    return (
        f'<div class="scroll"><table class="scores"><caption>{caption}</caption>{_head(domains)}'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def _adapting_mark() -> str:
    return f' <abbr title="{text(ADAPTING_NOTE)}">{ADAPTING_MARK}</abbr>'


def _head(domains: tuple[str, ...]) -> str:
    groups = "".join(f'<th colspan="2" scope="colgroup">{text(name)}</th>' for name in domains)
    below = '<th scope="col">F1-micro</th><th scope="col">F1-macro</th>' * len(domains)
    extra, extra_below = "", ""
    if len(domains) > 1:
        extra = '<th scope="colgroup">mean</th>'
        extra_below = '<th scope="col">F1-macro</th>'
    return (
        f'<thead><tr><th scope="row">held out</th>{groups}{extra}</tr>'
        f'<tr><th scope="col">method</th>{below}{extra_below}</tr></thead>'
    )


def _score_cells(row: "pd.Series[float] | None", empty: str) -> str:
    if row is None:
        return f'<td class="none">{empty}</td><td class="none">{empty}</td>'
    micro = plus_minus(float(row["micro_mean"]), float(row["micro_std"]))
    macro = plus_minus(float(row["macro_mean"]), float(row["macro_std"]))
    verdict = str(row["verdict"])
    kind = verdict.split(" ", maxsplit=1)[0]
    mark = f'<span class="mark {text(kind)}" title="{text(verdict)}">{verdict_mark(verdict)}</span>'
    told = int(row["tie_group"]) == 1 and int(row["folds"]) >= FOLDS_FOR_VERDICT
    best = ' class="best"' if told else ""
    folds = f'title="{many(int(row["folds"]), "fold")}"'
    return f"<td {folds}>{micro}</td><td {folds}><span{best}>{macro}</span>{mark}</td>"


def _average_cell(mean: float, measured: int, domains: int) -> str:
    if domains == 1:
        return ""
    part = "" if measured == domains else f" <small>{measured} of {domains}</small>"
    return f"<td>{number(mean)}{part if measured else ''}</td>"


def _empty_text(tables: RunTables, method: str, split: str) -> str:
    ran = bool((tables.cells["method"] == method).any())
    return SEALED if ran and split == UNSEEN else MISSING
