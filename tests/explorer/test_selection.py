"""Which configuration stands for a method."""

import pytest

from wbcray.explorer.reading.selection import fold_scores, selected_cells, selected_counts

GOOD = {"home": [[9, 1, 0], [0, 10, 0], [0, 0, 10]]}
POOR = {"home": [[5, 5, 0], [5, 5, 0], [0, 0, 10]]}
AWAY = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_of_two_configurations_the_better_on_validation_is_shown(builder):
    run = builder()
    for fold in (0, 1):
        run.cell("m", "away", fold, validation=POOR, config="first")
        run.cell("m", "away", fold, validation=GOOD, config="second")
    assert set(selected_cells(run.build())["config"]) == {"second"}


def test_a_better_unseen_score_does_not_help_a_configuration(builder):
    run = builder()
    run.cell("m", "away", 0, validation=POOR, unseen=AWAY, config="lucky")
    run.cell("m", "away", 0, validation=GOOD, unseen=AWAY[::-1], config="honest")
    assert set(selected_cells(run.build())["config"]) == {"honest"}


def test_an_unfinished_configuration_does_not_replace_a_finished_one(builder):
    run = builder()
    run.cell("m", "away", 0, validation=POOR, config="finished")
    run.cell("m", "away", 1, validation=POOR, config="finished")
    run.cell("m", "away", 0, validation=GOOD, config="started")
    assert set(selected_cells(run.build())["config"]) == {"finished"}


def test_a_cell_recorded_twice_counts_once(builder):
    run = builder()
    run.cell("m", "away", 0, validation={}, origin="tune")
    run.cell("m", "away", 0, validation=GOOD, origin="compare")
    tables = run.build()
    assert len(selected_cells(tables)) == 1
    assert selected_counts(tables, "validation").counts.sum() == 30


def test_cells_whose_unseen_counts_are_sealed_are_left_out(builder):
    run = builder()
    run.cell("m", "away", 0, validation=GOOD, unseen=AWAY)
    run.cell("m", "away", 1, validation=GOOD)
    assert list(selected_counts(run.build(), "unseen").cells["fold"]) == [0]


def test_counts_keep_domain_truth_and_prediction_apart(builder):
    run = builder().cell("m", "away", 0, validation=GOOD, unseen=[[0, 4, 0], [0, 0, 0], [0, 0, 0]])
    counts = selected_counts(run.build(), "unseen").counts
    assert counts.shape == (1, 2, 3, 3)
    assert counts[0, 1, 0, 1] == 4  # in the domain away, an a that was called b


def test_seeds_of_a_fold_are_averaged(builder):
    run = builder(seeds=[0, 1])
    run.cell("m", "away", 0, validation=GOOD, seed=0)
    run.cell("m", "away", 0, validation=POOR, seed=1)
    scores = fold_scores(run.build(), "validation")
    assert scores["seeds"].tolist() == [2]
    assert scores["micro_f1"].tolist() == pytest.approx([(29 / 30 + 20 / 30) / 2])
