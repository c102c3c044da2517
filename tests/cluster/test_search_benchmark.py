"""The search benchmark: its halving is the scheduler's, and its arithmetic is that of a hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.search.against import after_defaults, at_random, division, shown
from benchmarks.search.compute import (
    median,
    quarters,
    ratio_over_searches,
    ratio_range,
    share_reached,
)
from benchmarks.search.halving import Halving, rungs_of
from benchmarks.search.proposals import Proposer, Told, TPESettings, around, place
from benchmarks.search.ranks import difference, first_fold, spearman
from benchmarks.search.real import Trial, spent_to
from benchmarks.search.replay import search
from benchmarks.search.surface import Surface
from benchmarks.search.table import FoldCurve, Report, Row, append, in_turn, load, side_by_side
from wbcray.cluster.pruning import RecordedASHA
from wbcray.search.space import Dimension, SearchSettings, SearchSpace

LR = Dimension(name="optimizer.lr", kind="float", default=1e-3, low=1e-4, high=1e-2, log=True)
SPACE = SearchSpace(method="erm", dimensions=(LR,), settings=SearchSettings())


def row(number, *folds, lr=1e-3):
    """A row whose epochs take a second each, and the judging at a fold's end half a second."""
    curves = tuple(
        FoldCurve(
            scores=scores,
            seconds=tuple(float(done + 1) for done in range(len(scores))),
            value=max(scores),
            end=len(scores) + 0.5,
        )
        for scores in folds
    )
    return Row(number=number, params={"optimizer.lr": lr}, folds=curves)


TWO_FOLDS = row(0, (0.1, 0.5, 0.3), (0.3, 0.7, 0.9))


class Listed:
    """Proposes a fixed list and keeps what it is told."""

    def __init__(self, count):
        self.told, self._left = {}, iter(range(count))

    def next(self):
        return next(self._left), {"optimizer.lr": 1e-3}

    def tell(self, number, told):
        self.told[number] = told


def run(rows, *, target=1.0, most_epochs=6, **more):
    listed = Listed(100)
    halving = more.pop("halving", None)
    found = search(
        listed, lambda n, _: rows[n], halving, target=target, most_epochs=most_epochs, **more
    )
    return found, listed.told


def test_a_trial_is_worth_the_mean_of_its_folds():
    assert (TWO_FOLDS.value, TWO_FOLDS.seconds, TWO_FOLDS.epochs) == (pytest.approx(0.7), 7.0, 6)


def test_reports_are_those_of_the_objective():
    """After the first fold, worth 0.5, each value is the mean of that and the second's best."""
    reports = in_turn(TWO_FOLDS)
    assert [one.epochs for one in reports] == [1, 2, 3, 4, 5, 6]
    assert [one.value for one in reports] == pytest.approx([0.1, 0.5, 0.5, 0.4, 0.6, 0.7])
    assert [one.seconds for one in reports] == [1, 2, 3, 4.5, 5.5, 6.5]
    assert in_turn(TWO_FOLDS, [1, 0])[0].value == pytest.approx(0.3)


def test_folds_side_by_side_take_turns():
    reports = side_by_side(TWO_FOLDS)
    assert [one.value for one in reports] == pytest.approx([0.1, 0.2, 0.4, 0.6, 0.6, 0.7])
    assert [one.seconds for one in reports] == [1, 2, 3, 4, 5, 6]


def test_rows_come_back_from_their_file_and_lengths_may_not_differ(tmp_path):
    file = tmp_path / "curves.jsonl"
    append(file, TWO_FOLDS)
    append(file, row(0, (0.0,) * 3, (0.0,) * 3))
    assert load([file]) == [TWO_FOLDS]
    append(file, row(1, (0.2,), (0.2,)))
    with pytest.raises(SystemExit):
        load([file])


@pytest.mark.parametrize(("grace", "reduction"), [(1, 3), (2, 3), (2, 2), (3, 4)])
def test_the_halving_decides_as_the_scheduler_of_a_study(grace, reduction):
    settings = SearchSettings(grace_epochs=grace, reduction_factor=reduction)
    budget = 20
    scheduler = RecordedASHA(settings, budget=budget, told=())
    rungs = rungs_of(grace=grace, reduction=reduction, budget=budget + 1)
    assert tuple(sorted(scheduler.rungs())) == rungs
    halving = Halving(rungs, reduction=reduction)
    chance = np.random.default_rng(3)
    stopped = 0
    for number in range(40):
        trial = SimpleNamespace(
            trial_id=str(number), config={"task": {"prunable": number > 0}}, status="RUNNING"
        )
        scheduler.on_trial_add(None, trial)
        for epochs in range(1, budget + 1):
            value = float(chance.normal())
            said = scheduler.on_trial_result(None, trial, {"budget": epochs, "value": value})
            goes_on = halving.goes_on(number, Report(epochs=epochs, value=value, seconds=0.0))
            assert goes_on == (said == "CONTINUE")
            if not goes_on:
                stopped += 1
                break
    assert 20 < stopped < 40


def test_the_defaults_are_spared_and_fill_the_rungs():
    halving = Halving((1,), reduction=3)
    assert halving.goes_on(1, Report(epochs=1, value=0.5, seconds=0.0))
    assert halving.goes_on(0, Report(epochs=1, value=0.1, seconds=0.0))
    # two of three are below: 0.1 + 2/3 (0.5 - 0.1) = 0.367
    assert not halving.goes_on(2, Report(epochs=1, value=0.36, seconds=0.0))
    assert Halving((1,), reduction=3, least=2).goes_on(1, Report(epochs=1, value=0.0, seconds=0.0))


def test_a_search_counts_what_it_spent_until_the_target():
    """A whole trial of 7 s that misses the target, then one that has it."""
    rows = [TWO_FOLDS, row(1, (0.9,) * 3, (0.9,) * 3)]
    found, told = run(rows, target=0.9, most_epochs=100)
    assert (found.epochs, found.seconds, found.trials) == (12, 14.0, 2)
    assert found.reached
    assert [one.value for one in told.values()] == pytest.approx([0.7, 0.9])


def test_a_search_that_runs_out_of_epochs_has_not_reached_the_target():
    found, _ = run([TWO_FOLDS], target=0.9)
    assert (found.reached, found.epochs) == (False, 6)
    assert found.value == pytest.approx(0.7)


def test_a_stopped_trial_costs_its_epochs_and_is_worth_nothing():
    rows = [TWO_FOLDS, row(1, (0.0, 1.0, 1.0), (1.0,) * 3), row(2, (0.9,) * 3, (0.9,) * 3)]
    found, told = run(rows, target=0.9, most_epochs=100, halving=Halving((1,), reduction=3))
    assert found.epochs == 6 + 1 + 6
    assert found.seconds == 7 + 1 + 7
    assert told[1].value is None
    assert len(told[1].reports) == 1


def test_defaults_that_do_not_count_are_trained_all_the_same():
    rows = [row(0, (0.9,) * 3), row(1, (0.9,) * 3)]
    found, told = run(rows, target=0.9, most_epochs=100, uncounted=(0,))
    assert (found.epochs, found.reached) == (6, True)
    assert told[0].value == pytest.approx(0.9)


def test_trials_at_once_are_all_paid_for():
    """Two slots; the first trial has the target after 3 epochs, the other has spent 3 by then."""
    rows = [row(0, (0.9,) * 3), row(1, (0.1,) * 4), row(2, (0.1,) * 3)]
    found, _ = run(rows, target=0.9, most_epochs=100, slots=2)
    assert found.trials == 2
    assert found.epochs in (5, 6)


def test_searches_that_never_reach_the_target_count_as_infinite():
    never = float("inf")
    assert median([1.0, 3.0, never]) == 3.0
    assert median([1.0, 2.0, 4.0, never]) == 3.0
    assert median([1.0, never]) == 1.0
    assert quarters([4.0, 3.0, 2.0, 1.0, never]) == (2.0, 4.0)
    assert share_reached([1.0, never, 2.0, 3.0]) == 0.75


def test_a_ratio_of_medians_has_an_interval():
    ratio = ratio_range([6.0] * 9, [2.0] * 9, paired=True)
    assert (ratio.middle, ratio.low, ratio.high) == (3.0, 3.0, 3.0)
    spread = ratio_range([float("inf")] * 9, [1.0, 2.0] * 5, paired=False)
    assert spread.show() == "never (never .. never)"


def test_a_ratio_to_few_real_searches_is_drawn_over_the_searches_alone():
    """Medians 12 against 2 and 6: 12 / 4 = 3, and 6 or 2 where one search alone is drawn."""
    ratio = ratio_over_searches([12.0] * 3, np.array([[2.0, 2.0, 2.0], [6.0, 6.0, 6.0]]))
    assert (ratio.middle, ratio.low, ratio.high) == (3.0, 2.0, 6.0)


def test_the_proposer_begins_with_the_defaults_and_repeats_itself():
    def first_three():
        proposer = Proposer(space=SPACE, first={"optimizer.lr": 1e-3}, seed=5)
        found = []
        for _ in range(3):
            number, params = proposer.next()
            found.append(params["optimizer.lr"])
            proposer.tell(number, Told(params=params, reports=in_turn(TWO_FOLDS), value=0.7))
        return found

    found = first_three()
    assert found[0] == 1e-3
    assert found == first_three()
    assert len(set(found)) == 3


def test_near_the_defaults_is_within_a_few_deviations_on_the_ranges_own_scale():
    places = [
        place(LR, around(SPACE, {"optimizer.lr": 1e-3}, 0.1, seed=seed)["optimizer.lr"])
        for seed in range(200)
    ]
    assert place(LR, 1e-3) == pytest.approx(0.5)
    assert np.mean(places) == pytest.approx(0.5, abs=0.03)
    assert np.std(places) == pytest.approx(0.1, abs=0.02)
    at_the_edge = [around(SPACE, {"optimizer.lr": 1e-4}, 0.5, seed=seed) for seed in range(50)]
    assert all(1e-4 <= one["optimizer.lr"] <= 1e-2 for one in at_the_edge)
    near = Proposer(
        space=SPACE,
        first=None,
        seed=0,
        middle={"optimizer.lr": 1e-3},
        tpe=TPESettings(startup=4, around=1e-6, every=2),
    )
    found = [place(LR, near.next()[1]["optimizer.lr"]) for _ in range(4)]
    assert [found[1], found[3]] == pytest.approx([0.5, 0.5], abs=1e-4)
    assert abs(found[0] - 0.5) > 1e-3


def test_the_surface_finds_a_straight_line_and_its_noise():
    """Scores of 0.2 + 0.4 x place: a local line has no bias, and no residuals are left."""
    places = np.linspace(0, 1, 21)
    rows = [
        row(n, (0.2 + 0.4 * at,) * 2, (0.3 + 0.4 * at,) * 2, lr=1e-4 * 100**at)
        for n, at in enumerate(places)
    ]
    surface = Surface(SPACE, rows, name="optimizer.lr")
    assert surface.mean({"optimizer.lr": 1e-3}) == pytest.approx([0.4, 0.4, 0.5, 0.5])
    assert np.abs(surface.noise).max() < 1e-9
    drawn = surface.draw(7, {"optimizer.lr": 1e-3}, np.random.default_rng(0))
    assert drawn.value == pytest.approx(0.45)
    assert (drawn.number, drawn.epochs, drawn.seconds) == (7, 4, pytest.approx(5.0))


def test_noise_of_the_surface_is_as_large_as_that_of_its_rows():
    chance = np.random.default_rng(1)
    rows = [
        row(n, tuple(0.5 + 0.05 * chance.normal(size=3)), lr=1e-4 * 100**at)
        for n, at in enumerate(np.linspace(0, 1, 60))
    ]
    surface = Surface(SPACE, rows, name="optimizer.lr")
    assert surface.noise.std() == pytest.approx(0.05, rel=0.2)
    draws = [surface.draw(0, {"optimizer.lr": 1e-3}, chance).folds[0].scores for _ in range(300)]
    assert np.std(draws) == pytest.approx(0.05, rel=0.25)


def test_what_a_real_search_spent_ends_with_the_trial_that_has_the_target():
    trials = [
        Trial(params={}, epochs=6, seconds=7.0, value=0.5, reported=0.5),
        Trial(params={}, epochs=2, seconds=2.5, value=None, reported=0.9),
        Trial(params={}, epochs=6, seconds=7.0, value=0.8, reported=0.8),
        Trial(params={}, epochs=6, seconds=7.0, value=0.9, reported=0.9),
    ]
    assert spent_to(trials, 0.8) == (14, 16.5)
    assert spent_to(trials, 0.95) == (float("inf"), float("inf"))


def test_defaults_that_do_not_count_are_paid_for_in_a_real_search():
    trials = [
        Trial(params={}, epochs=6, seconds=7.0, value=0.9, reported=0.9),
        Trial(params={}, epochs=6, seconds=8.0, value=0.8, reported=0.8),
    ]
    assert spent_to(trials, 0.8) == (6, 7.0)
    assert after_defaults(trials, 0.8) == (12, 15.0)
    assert after_defaults(trials, 0.85) == (float("inf"), float("inf"))


def test_a_target_is_the_best_of_its_rows_and_the_others_are_searched():
    rows = [row(n, (n / 10, n / 10)) for n in range(5)]
    target, left = division(rows, 0, of_target=3)
    drawn = {one.number for one in rows} - {one.number for one in left}
    assert len(left) == 2
    assert target == pytest.approx(max(drawn) / 10)
    # two epochs and 2.5 s a row
    assert at_random(rows, 0.2) == (6, 7.5)
    assert at_random(rows, 0.5) == (float("inf"), float("inf"))


def test_searches_are_compared_at_the_epochs_that_all_were_given():
    never = (float("inf"), float("inf"))
    said = shown([(6, 7.0), (12, 14.0), (80, 90.0), never], within=64)
    assert "epochs 46 (6 .. inf)" in said
    assert "within 64 epochs 50%, ever 75%" in said


def test_what_a_rung_sees_is_the_best_epoch_so_far_of_the_first_fold():
    rows = [TWO_FOLDS, row(1, (0.4, 0.2, 0.6), (0.0, 0.0, 0.0))]
    assert first_fold(rows, 1).tolist() == [0.1, 0.4]
    assert first_fold(rows, 2).tolist() == [0.5, 0.4]
    assert first_fold(rows, 3).tolist() == [0.5, 0.6]


def test_a_rank_correlation_is_spearmans():
    """Ranks 1 2 3 4 against 2 1 3 4: 1 - 6 * 2 / (4 * 15) = 0.8, and turned round -0.8."""
    full = np.array([0.1, 0.2, 0.3, 0.9])
    cheap = np.array([0.5, 0.4, 0.6, 0.7])
    assert spearman(cheap, full).middle == pytest.approx(0.8)
    assert spearman(-cheap, full).middle == pytest.approx(-0.8)
    assert difference(full, cheap, full).middle == pytest.approx(0.2)
    assert difference(cheap, cheap, full).high == 0
