"""A comparison as the command line prints it, in words and in JSON."""

from typing import TYPE_CHECKING, Any

from wbcray.cli.console import print_table

if TYPE_CHECKING:
    from wbcray.explorer.reading.tables import RunTables


def show_comparison(tables: "RunTables", *, reference: str) -> None:
    """The poster's two tables per held-out domain, per-class F1, and what could not be measured."""
    from wbcray.explorer.numbers.coverage import could_not_measure
    from wbcray.explorer.numbers.findings import findings
    from wbcray.explorer.numbers.leaderboard import format_leaderboard, leaderboard
    from wbcray.explorer.numbers.summary import summary
    from wbcray.explorer.reading.tables import UNSEEN, VALIDATION

    openings = tables.facts.openings
    for split in (VALIDATION, UNSEEN):
        board = leaderboard(tables, split, reference=reference)
        for table in format_leaderboard(board, split=split, openings=openings):
            print_table(f"F1 {table.title}", table.header, table.rows, note=table.note)
    for held_out in tables.held_out:
        _show_classes(tables, held_out)
    if len(tables.held_out) > 1:
        table = summary(tables, reference=reference)
        print_table(table.title, table.header, table.rows, note=table.note)
    for sentence in findings(leaderboard(tables, UNSEEN, reference=reference), reference=reference):
        print(sentence)
    for sentence in could_not_measure(tables):
        print(f"could not measure: {sentence}")


def _show_classes(tables: "RunTables", held_out: str) -> None:
    from wbcray.cli.results import class_table
    from wbcray.explorer.reading.tables import UNSEEN

    table = class_table(tables, UNSEEN, held_out=held_out)
    print_table(table.title, table.header, table.rows, note=table.note)


def comparison_json(run: str, tables: "RunTables", reference: str) -> dict[str, Any]:
    """Cells and leaderboards of a run, and how its configurations were chosen."""
    from wbcray.cli.results import cell_scores
    from wbcray.explorer.numbers.leaderboard import leaderboard
    from wbcray.explorer.reading.tables import UNSEEN, VALIDATION

    boards = []
    for split in (VALIDATION, UNSEEN):
        rows = leaderboard(tables, split, reference=reference).to_dict("records")
        boards += [{"split": split, **row} for row in rows]
    return {
        "run": run,
        "selection_rule": tables.facts.selection_rule,
        "oracle": sorted(tables.oracle),
        "openings": tables.facts.openings,
        "cells": cell_scores(tables),
        "leaderboard": boards,
    }
