"""The views about methods: right numbers, right marks, and silence where nothing can be said."""

import numpy as np
import pytest

from wbcray.explorer.choice import Choice
from wbcray.explorer.numbers.paired import outcomes, paired_blocks
from wbcray.explorer.numbers.published_tables import judged_again, own_beside, published
from wbcray.explorer.views.coverage import COVERAGE
from wbcray.explorer.views.differences import DIFFERENCES
from wbcray.explorer.views.folds import FOLDS
from wbcray.explorer.views.published import PUBLISHED
from wbcray.explorer.views.ranks import RANKS, cliques
from wbcray.explorer.views.selection import SELECTION
from wbcray.explorer.views.shift import SHIFT
from wbcray.explorer.views.tradeoff import TRADEOFF, ellipse
from wbcray.store.selections import oracle_name

HOME = {"home": [[10, 0, 0], [0, 10, 0], [0, 0, 10]]}
VIEWS = (DIFFERENCES, SHIFT, FOLDS, TRADEOFF, SELECTION, RANKS, PUBLISHED, COVERAGE)
ALL = Choice()


def right(hits):
    """100 images of one class, `hits` of them right."""
    return [[hits, 100 - hits, 0], [0, 0, 0], [0, 0, 0]]


def run_of(builder, *, domains=("away",), **hits):
    """Methods with their right answers in each fold, on every held-out domain."""
    run = builder(folds=5, domains=["home", *domains])
    for method, folds in hits.items():
        for held_out in domains:
            for fold, number in enumerate(folds):
                run.cell(method, held_out, fold, validation=HOME, unseen=right(number))
    return run.build()


def drawn(view, tables, choice=ALL):
    """The first figure of a view, and its numbers."""
    return view.build(tables, choice).variants[0].draw()


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.anchor)
def test_every_view_has_a_question_and_draws_with_numbers(view, realistic):
    panel = view.build(realistic, Choice(score="balanced_accuracy"))
    assert panel.question.endswith("?")
    assert panel.how_to_read
    for variant in (panel.variants[0], panel.variants[-1]):
        found = variant.draw()
        assert found.figure.layout.title.text
        assert len(found.numbers)


@pytest.mark.parametrize("view", set(VIEWS) - {PUBLISHED}, ids=lambda view: view.anchor)
def test_an_empty_run_is_told_what_to_do(view, builder):
    panel = view.build(builder().build(), ALL)
    assert not panel.variants
    assert "`wbcray compare`" in panel.lacking


def test_the_mean_over_domains_is_offered_for_several_only(builder):
    one = DIFFERENCES.build(run_of(builder, erm=[50, 60], boda=[60, 60]), ALL)
    two = DIFFERENCES.build(
        run_of(builder, domains=("away", "far"), erm=[50, 60], boda=[60, 80]), ALL
    )
    assert [variant.label for variant in one.variants] == ["unseen domain", "source validation"]
    mean = {variant.label: variant for variant in two.variants}["unseen domain: mean"].draw()
    (row,) = mean.numbers.to_dict("records")
    f1 = [2 * hits / (100 + hits) for hits in (50, 60, 60, 80)]
    assert row["difference"] == pytest.approx((f1[2] - f1[0] + f1[3] - f1[1]) / 2)
    assert (row["domains"], row["above"]) == (2, 2)
    assert row["low"] < row["difference"] < row["high"]


def test_wins_and_losses_are_beyond_what_counts_as_equal(builder):
    tables = run_of(builder, erm=[50, 50, 50, 50, 50], boda=[60, 51, 50, 49, 40])
    blocks = paired_blocks(tables, "unseen", held_out="away", reference="erm", score="micro_f1")
    rivals = blocks[blocks["method"] == "boda"]
    assert rivals["difference"].tolist() == pytest.approx([0.1, 0.01, 0, -0.01, -0.1])
    (row,) = outcomes(blocks).to_dict("records")
    assert (row["wins"], row["ties"], row["losses"]) == (1, 3, 1)
    assert row["p_smallest"] >= 0.0625


def test_five_blocks_are_said_to_be_too_few_for_signed_ranks(builder):
    tables = run_of(builder, erm=[50] * 5, boda=[60] * 5)
    assert "no signed-rank test can be significant" in FOLDS.build(tables, ALL).n


def test_a_fold_that_the_reference_lacks_is_no_block(builder):
    tables = run_of(builder, erm=[50, 50], boda=[60, 60, 60])
    found = paired_blocks(tables, "unseen", held_out="away", reference="erm", score="macro_f1")
    assert sorted(found["fold"].unique()) == [0, 1]


def test_ranks_need_six_blocks(builder):
    hits = {"erm": [50, 51, 52, 53, 54], "boda": [60, 61, 62, 63, 64], "dann": [40, 41, 42, 43, 44]}
    few, enough = run_of(builder, **hits), run_of(builder, domains=("away", "far"), **hits)
    panel = RANKS.build(few, ALL)
    assert not panel.variants
    assert "6 blocks" in panel.lacking
    found = drawn(RANKS, enough)
    assert found.numbers["method"].tolist() == ["boda", "erm", "dann"]
    assert found.numbers["mean_rank"].tolist() == [1, 2, 3]
    assert "10 blocks, not datasets" in found.figure.layout.annotations[0].text


def test_groups_of_ranks_are_the_largest_within_the_critical_difference():
    assert cliques(np.array([1.0, 1.5, 2.2, 4.0]), 1.0) == ((0, 1), (1, 2))
    assert cliques(np.array([1.0, 1.5, 1.9]), 1.0) == ((0, 2),)
    assert cliques(np.array([1.0, 3.0]), 1.0) == ()


def test_the_ellipse_is_one_standard_deviation_of_the_folds(builder):
    numbers = drawn(TRADEOFF, run_of(builder, erm=[50, 60, 64], boda=[60, 61, 65])).numbers
    row = numbers[numbers["method"] == "erm"].iloc[0]
    outline = ellipse(row)
    assert np.ptp(outline[:, 0]) == pytest.approx(2 * np.std([0.5, 0.6, 0.64], ddof=1))
    assert np.ptp(outline[:, 1]) == pytest.approx(2 * row["macro_std"], rel=1e-2)


def test_arrows_lead_from_the_reference(builder):
    figure = drawn(TRADEOFF, run_of(builder, erm=[50, 60], boda=[60, 70])).figure
    (arrow,) = [note for note in figure.layout.annotations if note.showarrow]
    assert (arrow.ax, arrow.x) == pytest.approx((0.55, 0.65))


def test_without_an_oracle_the_scatter_is_shown_and_the_lack_is_said(builder):
    tables = run_of(builder, erm=[50, 60, 70], boda=[55, 65, 75])
    panel = SELECTION.build(tables, ALL)
    assert [variant.label for variant in panel.variants] == ["validation against unseen"]
    assert "--selection oracle" in panel.how_to_read


def test_what_peeking_adds_is_the_distance_of_the_dumbbell(builder):
    run = builder(folds=1)
    run.cell("boda", "away", 0, validation=HOME, unseen=right(50))
    run.cell(oracle_name("boda"), "away", 0, validation=HOME, unseen=right(58), origin="oracle")
    panel = SELECTION.build(run.build(), Choice(score="micro_f1"))
    (row,) = panel.variants[0].draw().numbers.to_dict("records")
    assert row["added"] == pytest.approx(0.08)
    assert "ORACLE" in row["oracle"]


def test_why_a_cell_failed_is_said_where_it_is_pointed_at(realistic):
    heat = drawn(COVERAGE, realistic).figure.data[0]
    told = heat.customdata[list(heat.y).index("dann")][-1]
    assert told.endswith("1 failure: loss is not finite at epoch 2")


def test_published_unseen_numbers_carry_no_difference():
    unseen = {table.split: table for table in published()}["unseen"]
    found = judged_again(unseen)
    assert set(found["verdict"]) == {"reference", "tie"}
    ours = found[(found["method"] == "Ours⁺") & (found["score"] == "macro_f1")].iloc[0]
    assert (ours["mean"], ours["std"], ours["n"]) == (0.46, 0.08, 5)
    assert ours["p"] == pytest.approx(0.20, abs=0.005)


def test_published_p_values_are_holms():
    multipletests = pytest.importorskip("statsmodels.stats.multitest").multipletests
    for table in published():
        for _, rows in judged_again(table).groupby("score"):
            known = rows[rows["p"].notna()]
            assert known["p_holm"].tolist() == pytest.approx(
                multipletests(known["p"], method="holm")[1].tolist()
            )


def test_results_of_ones_own_stand_beside_those_of_the_same_name(builder):
    unseen = {table.split: table for table in published()}["unseen"]
    tables = run_of(builder, domains=("int_20", "far"), erm=[50, 60], ldam=[50, 60])
    found = own_beside(tables, unseen)
    assert set(found["held_out"]) == {"int_20"}
    assert set(found["method"]) == {"erm"}  # no published row is ldam's
    micro = found[found["score"] == "micro_f1"].iloc[0]
    assert (micro["mean"], micro["n"]) == (pytest.approx(0.55), 2)
    assert own_beside(run_of(builder, erm=[50, 60]), unseen).empty
