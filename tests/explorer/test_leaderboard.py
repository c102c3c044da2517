"""The leaderboard by hand."""

from math import isnan

import numpy as np
import pytest

from wbcray.explorer.numbers.findings import findings, findings_across
from wbcray.explorer.numbers.leaderboard import across_domains, format_leaderboard, leaderboard
from wbcray.metrics.comparison import paired_difference

HOME = {"home": [[10, 0, 0], [0, 10, 0], [0, 0, 10]]}


def right(hits):
    """10,000 images of one class, `hits` tenths of them right: micro F1 is hits / 10."""
    found = round(hits * 1000)
    return [[found, 10_000 - found, 0], [0, 0, 0], [0, 0, 0]]


def f1(hits):
    """Macro F1 of `right(hits)` over the one class that occurs: precision is 1."""
    return 2 * hits / (10 + hits)


def run_of(builder, **hits):
    """Methods with their right answers in each fold on the unseen domain."""
    run = builder(folds=5)
    for method, folds in hits.items():
        for fold, number in enumerate(folds):
            run.cell(method, "away", fold, validation=HOME, unseen=right(number))
    return run.build()


def row(board, method):
    return board[board["method"] == method].iloc[0]


def test_mean_and_standard_deviation_run_over_folds(builder):
    found = row(leaderboard(run_of(builder, erm=[4, 6, 8]), "unseen"), "erm")
    assert found["micro_mean"] == pytest.approx(0.6)
    assert found["micro_std"] == pytest.approx(0.2)  # of 0.4, 0.6, 0.8 with ddof 1
    assert found["folds"] == 3


def test_the_best_macro_score_is_on_top(builder):
    board = leaderboard(run_of(builder, erm=[4, 5], boda=[9, 8], coral=[6, 7]), "unseen")
    assert board["method"].tolist() == ["boda", "coral", "erm"]


def test_the_difference_to_the_reference_is_the_corrected_paired_one(builder):
    board = leaderboard(run_of(builder, erm=[4, 5, 6], boda=[7, 9, 8]), "unseen")
    found = row(board, "boda")
    expected = paired_difference(
        np.array([f1(7), f1(9), f1(8)]),
        np.array([f1(4), f1(5), f1(6)]),
        overlap=3.0,  # the builder trains on four times the validation images: 4 - 1
        image_variance=found["noise_images"] ** 2 + row(board, "erm")["noise_images"] ** 2,
    )
    assert found[["difference", "low", "high", "p"]].tolist() == pytest.approx(
        [expected.mean, expected.low, expected.high, expected.p]
    )


def test_only_shared_folds_are_compared(builder):
    found = row(leaderboard(run_of(builder, erm=[4, 5, 6, 5], boda=[5, 5]), "unseen"), "boda")
    assert found["shared_folds"] == 2
    assert found["difference"] == pytest.approx((f1(5) - f1(4)) / 2)


def test_p_values_are_adjusted_for_the_number_of_methods(builder):
    tables = run_of(builder, erm=[4, 5, 6], boda=[7, 9, 8], coral=[5, 5, 6])
    board = leaderboard(tables, "unseen").set_index("method")
    assert board.loc["boda", "p_holm"] == pytest.approx(2 * board.loc["boda", "p"])


def test_clear_differences_are_called_better_and_worse(builder):
    tables = run_of(
        builder,
        erm=[5, 5, 5, 5.2, 5],
        boda=[9, 9, 9, 9, 9.2],
        dann=[1, 1, 1, 1, 0.9],
        coral=[5, 5, 5.2, 5, 5],
    )
    verdicts = leaderboard(tables, "unseen").set_index("method")["verdict"]
    assert verdicts.to_dict() == {
        "boda": "better",
        "erm": "reference",
        "coral": "tie",
        "dann": "worse",
    }


def test_tie_groups_part_what_the_folds_separate(builder):
    tables = run_of(builder, erm=[5, 5, 5, 5.2, 5], boda=[9, 9, 9, 9, 9.2], coral=[5, 5, 5.2, 5, 5])
    groups = leaderboard(tables, "unseen").set_index("method")["tie_group"]
    assert groups.to_dict() == {"boda": 1, "coral": 2, "erm": 2}


def test_a_leader_on_two_folds_is_not_called_best(builder):
    board = leaderboard(run_of(builder, erm=[4, 5], boda=[8, 9]), "unseen")
    (sentence,) = findings(board, reference="erm")
    assert "boda has the highest macro F1, 0.92 ± 0.04, on too few folds" in sentence


def test_what_ties_with_the_reference_shares_its_group(realistic):
    board = leaderboard(realistic, "unseen")
    for _, block in board.groupby("held_out"):
        best = block.iloc[0]
        group = block.set_index("method").loc["erm", "tie_group"]
        assert (group == best["tie_group"]) == (best["verdict"] not in {"better", "worse"})


def test_one_fold_is_shown_without_interval_and_verdict(builder):
    found = row(leaderboard(run_of(builder, erm=[4], boda=[9]), "unseen"), "boda")
    assert found["verdict"] == "cannot tell (1 fold)"
    assert isnan(found["low"])
    assert isnan(found["macro_std"])


def test_without_the_reference_nothing_is_compared(builder):
    board = leaderboard(run_of(builder, boda=[4, 4.1, 4.2], coral=[8, 8.1, 8.2]), "unseen")
    assert set(board["verdict"]) == {"cannot tell (0 folds)"}
    assert board["tie_group"].tolist() == [1, 2]


def test_another_reference_may_be_chosen(builder):
    tables = run_of(builder, erm=[4, 5, 6], boda=[7, 9, 8])
    board = leaderboard(tables, "unseen", reference="boda")
    assert row(board, "boda")["verdict"] == "reference"
    assert row(board, "erm")["difference"] < 0


def test_a_run_without_cells_has_an_empty_leaderboard(builder):
    assert leaderboard(builder().build(), "unseen").empty


def test_labels_without_meaning_find_nothing(builder):
    # the same scores dealt out at random to four names: no difference is real
    rng = np.random.default_rng(3)
    names = ("erm", "boda", "coral", "dann")
    verdicts = []
    for _ in range(12):
        deal = {name: rng.integers(3, 9, 5).tolist() for name in names}
        verdicts += leaderboard(run_of(builder, **deal), "unseen")["verdict"].tolist()
    found = sum(verdict in {"better", "worse"} for verdict in verdicts)
    assert found <= 2  # of 36 comparisons, at 5 % per family of three


def test_another_score_may_decide(builder):
    # coral spends its errors on one class: behind by accuracy, ahead by its worst class
    run = builder(folds=2)
    tables = {"erm": [[90, 10, 0], [10, 10, 0], [0, 0, 0]]}
    tables["coral"] = [[60, 40, 0], [5, 15, 0], [0, 0, 0]]
    for method, table in tables.items():
        for fold in (0, 1):
            run.cell(method, "away", fold, validation=HOME, unseen=table)
    micro, worst = (
        leaderboard(run.build(), "unseen", score=score)
        for score in ("micro_f1", "worst_class_recall")
    )
    assert (micro["method"][0], worst["method"][0]) == ("erm", "coral")
    assert micro["score_mean"].tolist() == pytest.approx([100 / 120, 75 / 120])
    assert row(worst, "coral")["difference"] == pytest.approx(0.6 - 0.5)


def test_noise_of_images_is_the_binomial_of_a_share(builder):
    found = row(leaderboard(run_of(builder, erm=[5, 5, 5.5]), "unseen", score="micro_f1"), "erm")
    share = 15.5 / 30  # of 10,000 images; 400 resamples know it to 4 %
    assert found["noise_images"] == pytest.approx((share * (1 - share) / 10_000) ** 0.5, rel=0.12)
    assert found["noise_folds"] == pytest.approx(np.std([0.5, 0.5, 0.55], ddof=1))


def test_the_choice_of_few_unseen_images_can_undo_a_verdict(builder):
    def verdict_of(scale):
        run = builder(folds=5)
        for method, hits in {"erm": [50, 50, 50, 52, 50], "boda": [70, 70, 70, 70, 72]}.items():
            for fold, number in enumerate(hits):
                table = [[number * scale, (100 - number) * scale, 0], [0, 0, 0], [0, 0, 0]]
                run.cell(method, "away", fold, validation=HOME, unseen=table)
        board = leaderboard(run.build(), "unseen", score="micro_f1")
        return row(board, "boda")["verdict"]

    assert (verdict_of(100), verdict_of(0.2)) == ("better", "tie")  # 10,000 images and 20


def test_validation_folds_judge_images_of_their_own(builder):
    run = builder(folds=3)
    for method, hits in {"erm": [4, 5, 6], "boda": [6, 8, 7]}.items():
        for fold, number in enumerate(hits):
            run.cell(method, "away", fold, validation={"home": right(number)})
    board = leaderboard(run.build(), "validation", score="micro_f1")
    expected = paired_difference(np.array([0.6, 0.8, 0.7]), np.array([0.4, 0.5, 0.6]), overlap=0.25)
    assert row(board, "boda")["p"] == pytest.approx(expected.p)


def test_probabilities_of_a_difference_worth_having_sum_to_one(builder):
    board = leaderboard(
        run_of(builder, erm=[5, 5, 5.2], boda=[9, 9, 9.1], coral=[5, 5.1, 5]), "unseen"
    )
    odds = board.set_index("method")[["p_better", "p_equal", "p_worse"]]
    assert odds.loc[["boda", "coral"]].sum(axis=1).tolist() == pytest.approx([1.0, 1.0])
    assert odds.loc["boda", "p_better"] > 0.95
    assert odds.loc["erm"].isna().all()


def test_every_domain_counts_once_in_the_mean(builder):
    run = builder(domains=["home", "away", "far"], folds=3)
    for held_out, gains in (("away", [2, 2, 3]), ("far", [0, 0, -1])):
        for fold, gain in enumerate(gains):
            run.cell("erm", held_out, fold, validation=HOME, unseen=right(5))
            run.cell("boda", held_out, fold, validation=HOME, unseen=right(5 + gain))
    board = leaderboard(run.build(), "unseen")
    found = row(across_domains(board), "boda")
    by_domain = board[board["method"] == "boda"].set_index("held_out")["difference"]
    assert found["difference"] == pytest.approx((by_domain["away"] + by_domain["far"]) / 2)
    assert (found["domains"], found["above"]) == (2, 1)
    assert found["lowest"] == pytest.approx(by_domain["far"])
    (sentence,) = findings_across(board, reference="erm")
    assert sentence.startswith("boda against erm, mean of 2 held-out domains: +0.0")
    assert sentence.endswith("above in 1).")


def test_one_domain_has_no_mean_over_domains(builder):
    board = leaderboard(run_of(builder, erm=[4, 5], boda=[5, 6]), "unseen")
    assert findings_across(board, reference="erm") == ()


def test_the_terminal_rows_are_plain_text(builder):
    tables = run_of(builder, erm=[5, 5, 5, 5.2, 5], boda=[9, 9, 9, 9, 9.2])
    (table,) = format_leaderboard(leaderboard(tables, "unseen"), openings=1)
    assert table.title == "on the unseen domain away"
    assert table.rows[0][:4] == ("1", "boda", "0.90 ± 0.01", "0.95 ± 0.00")
    assert table.rows[0][7:] == ("better", "5")
    assert table.rows[1][4:8] == ("–", "–", "–", "reference")  # noqa: RUF001  # the dash shown


def test_the_findings_say_who_leads_and_by_what_right(builder):
    tables = run_of(
        builder, erm=[5, 5, 5, 5.2, 5], boda=[9, 9, 9, 9, 9.2], coral=[5, 5, 5.2, 5, 5], dann=[4]
    )
    (sentence,) = findings(leaderboard(tables, "unseen"), reference="erm")
    assert sentence.startswith("away: boda has the highest macro F1, 0.95 ± 0.00, apart from")
    assert "Better: boda (+0.28). Tie: coral (0.00). Cannot tell: dann" in sentence


def test_test_time_adaptation_is_marked_and_explained(builder):
    run = builder(folds=5, adapting=["boda"])
    for method in ("erm", "boda"):
        run.cell(method, "away", 0, validation=HOME, unseen=right(6))
    board = leaderboard(run.build(), "unseen")
    assert row(board, "boda")["adapting"]
    assert not row(board, "erm")["adapting"]
    (table,) = format_leaderboard(board, openings=1)
    assert {line[1] for line in table.rows} == {"boda †", "erm"}
    assert "† test-time adaptation" in table.note


def test_without_test_time_adaptation_no_mark_is_explained(builder):
    board = leaderboard(run_of(builder, erm=[5], boda=[6]), "unseen")
    (table,) = format_leaderboard(board, openings=1)
    assert "†" not in table.note
