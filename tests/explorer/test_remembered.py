"""What is remembered of costly functions: by what they read, and for every caller anew."""

from dataclasses import replace

import pandas as pd

from wbcray.explorer.choice import Choice, narrowed
from wbcray.explorer.reading.remembered import remembered


def counting(*reads):
    """A remembered function and the list of its calls."""
    calls = []

    @remembered(*reads)
    def sizes(tables, split, *, score="macro_f1"):
        calls.append((split, score))
        return pd.DataFrame({"cells": [len(tables.cells)]})

    return sizes, calls


def tables_of(builder):
    home = {"home": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}
    run = builder(failed_cells=[])
    for method in ("erm", "boda"):
        run.cell(method, "away", 0, validation=home).trial(method, "away", 0, 0.5)
    return run.trial("erm", "away", 1, state="PRUNED").build()


def test_the_same_question_is_answered_once_named_or_by_default(builder):
    (sizes, calls), tables = counting("cells"), tables_of(builder)
    sizes(tables, "unseen")
    sizes(tables, "unseen", score="macro_f1")
    sizes(tables, "unseen", score="micro_f1")
    assert calls == [("unseen", "macro_f1"), ("unseen", "micro_f1")]


def test_a_filter_of_trials_leaves_what_reads_no_trials(builder):
    tables = tables_of(builder)
    (of_cells, cell_calls), (of_trials, trial_calls) = (
        counting("cells", "confusion", "facts"),
        counting("trials"),
    )
    pruned = narrowed(tables, Choice(states=("PRUNED",)))
    for one in (tables, pruned):
        of_cells(one, "unseen")
        of_trials(one, "unseen")
    assert (len(cell_calls), len(trial_calls)) == (1, 2)


def test_other_cells_are_another_question(builder):
    (sizes, calls), tables = counting("cells"), tables_of(builder)
    fewer = replace(tables, cells=tables.cells.iloc[:1])
    assert [sizes(one, "unseen")["cells"][0] for one in (tables, fewer, tables)] == [2, 1, 2]
    assert len(calls) == 2


def test_writing_into_an_answer_does_not_change_the_kept_one(builder):
    (sizes, calls), tables = counting("cells"), tables_of(builder)
    answer = sizes(tables, "unseen")
    answer["cells"] = 7
    assert sizes(tables, "unseen")["cells"][0] == 2
    assert len(calls) == 1
