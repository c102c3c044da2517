"""The scale benchmark: its stub leaves sound records, and its arithmetic is that of a hand."""

from dataclasses import replace

import numpy as np
import pytest
from driving import plan_for

from benchmarks.scale.growth import marks_up_to, slope
from benchmarks.scale.halving import finished_folds, halving, rungs
from benchmarks.scale.learning import gap, hill, units
from benchmarks.scale.overhead import gaps, slept, steady
from benchmarks.scale.paper import Given, Load, Plan
from benchmarks.scale.stub import Pace, Spans, read_spans, run_stub
from benchmarks.scale.studies import busy, training_window
from wbcray.cluster.spaces import load_space
from wbcray.explorer.reading.verification import verify


def test_the_stub_leaves_records_that_verify_accepts(run, settings):
    plan = plan_for(run.folder, settings)
    Pace(epoch_seconds=0.0).write(run.folder)
    said = []
    records = run_stub(plan.task(plan.asked(0, {})), said.append)
    found = verify(run.folder)
    assert found.is_sound
    assert found.cells == len(records) == settings.folds == 2
    # two folds of two epochs each, and the end
    assert [one["budget"] for one in said] == [1, 2, 3, 4, 5]
    assert [one["state"] for one in said] == ["", "", "", "", "COMPLETE"]
    assert said[-1]["value"] == pytest.approx(np.mean(said[-1]["values"]))
    (spans,) = read_spans(run.folder)
    assert len(spans.slept) == 4


def test_a_stub_that_tune_ends_within_a_report_still_says_when(run, settings):
    plan = plan_for(run.folder, settings)
    Pace(epoch_seconds=0.0).write(run.folder)

    def end(_):
        raise SystemExit

    with pytest.raises(SystemExit):
        run_stub(plan.task(plan.asked(0, {})), end)
    (spans,) = read_spans(run.folder)
    assert len(spans.slept) == 1


def trial(pid, began, ended, *sleeps):
    return Spans(label="", pid=pid, began=began, ended=ended, slept=list(sleeps))


def test_what_slots_lose_is_counted_while_all_of_them_have_work():
    """Slot 1 works from 0 to 9 and slot 2 from 1 to 12: the time between 1 and 9 counts."""
    spans = [
        trial(1, 0.0, 5.0, (0.5, 4.5)),
        trial(2, 1.0, 12.0, (2.0, 11.0)),
        trial(1, 5.5, 9.0, (6.0, 9.0)),
    ]
    most, window = steady(spans)
    assert (most, window) == (2, (1.0, 9.0))
    # 1 to 4.5, 2 to 9, 6 to 9
    assert slept(spans, window) == pytest.approx(3.5 + 7.0 + 3.0)
    assert gaps(spans, window) == [0.5]


def test_the_share_of_busy_slots_counts_those_that_have_no_work_either():
    """Three slots from 0 to 6: 4 s and 5 s of training in 18 s of slots."""
    spans = [trial(1, 0.0, 5.0, (0.5, 4.5)), trial(2, 1.0, 6.0, (1.0, 6.0))]
    assert training_window(spans) == (0.0, 6.0)
    assert busy(spans, 3, (0.0, 6.0)) == pytest.approx(9 / 18)


def test_what_grows_with_the_square_has_the_slope_two():
    assert marks_up_to(3000) == [100, 300, 1000, 3000]
    assert slope([10, 100, 1000], [3.0, 300.0, 30_000.0]) == pytest.approx(2)
    assert slope([10, 100, 1000], [5.0, 50.0, 500.0]) == pytest.approx(1)


def test_halving_by_hand():
    """Of nine trials six end after 2 epochs, two after 6, and one after all 18."""
    assert rungs(18) == [
        (2, pytest.approx(6 / 9)),
        (6, pytest.approx(2 / 9)),
        (18, pytest.approx(1 / 9)),
    ]
    assert halving(18) == pytest.approx((6 * 2 + 2 * 6 + 18) / 9)
    # of 27 with four folds of five epochs 6 end after 6 epochs, 2 after 18, one after all
    assert finished_folds(folds=4, epochs=5) == pytest.approx((6 * 1 + 2 * 3 + 1 * 4) / 27)
    # the fold in whose last epoch a trial is stopped is not finished
    assert finished_folds(folds=3, epochs=6) == pytest.approx(3 / 9)


def test_a_search_is_scored_by_where_its_numbers_lie_in_their_ranges():
    space = load_space("erm", None)
    at = units(space, {"optimizer.lr": 1e-3, "optimizer.weight_decay": 1e-6, "sampler": "domain"})
    # three powers of ten: 1e-5 to 1e-2
    assert at == pytest.approx({"optimizer.lr": 2 / 3, "optimizer.weight_decay": 0.0})
    assert hill(at, {"optimizer.lr": 2 / 3, "optimizer.weight_decay": 0.5}) == np.exp(-4 * 0.25)


def test_trials_that_run_all_at_once_are_random_whatever_they_find():
    """One at a time, those after the first ten know of others and come closer to the top."""
    space = replace(load_space("erm", None), dimensions=load_space("erm", None).dimensions[:2])
    found = {at_once: gap(space, 25, at_once, seed=5) for at_once in (1, 25, 40)}
    assert found[25] == found[40]
    assert found[1] < found[25] / 10


@pytest.fixture
def plan():
    """Six studies of three trials; an epoch has 100 images and takes a second."""
    given = Given(
        methods=2,
        domains=3,
        classes=2,
        folds=2,
        trials=3,
        epochs=9,
        gpus=4,
        seeds=2,
        images=300,
        images_per_second=100.0,
        more_epochs=1.0,
        overhead=1.0,
        report=0.25,
        driver=8e9,
        driver_growth=0.0,
        status=0.2,
        status_growth=0.1,
        checkpoint=1000,
    )
    return Plan(given=given)


def test_the_plan_by_hand(plan):
    assert (plan.studies, plan.all_trials, plan.budget) == (6, 18, 18)
    assert plan.epoch_images == pytest.approx(300 * 2 / 3 / 2)
    # one trial in full, two as halving leaves them
    assert plan.epochs_per_trial == pytest.approx((18 + 2 * 42 / 9) / 3)
    assert plan.search_hours * 3600 == pytest.approx(6 * (18 + 84 / 9) + 18 * 1.0)
    assert plan.unpruned_hours * 3600 == pytest.approx(18 * 18)
    # six winners, two folds of nine epochs, one more seed
    assert plan.comparison_hours * 3600 == pytest.approx(6 * 2 * 9)
    # 182 s on four GPUs, and the longest trial: 18 epochs and a second of overhead
    assert plan.tune_hours * 3600 == pytest.approx(182 / 4 + 19)
    assert plan.busy == pytest.approx(182 / (182 / 4 + 19))
    assert plan.cells == pytest.approx(6 * (2 + 2 * 2 / 9) + 6 * 2)
    assert plan.checkpoint_bytes == 6 * 2 * 2 * 1000
    assert plan.reports_per_second == pytest.approx(4)


def test_what_is_loaded_most_comes_first(plan):
    assert Load(name="", needed=3.0, limit=2.0, unit="").ratio == 1.5
    loads = {load.name.split(":")[0]: load.ratio for load in plan.loads}
    assert loads["`wbcray status` of one run"] == pytest.approx((0.2 + 18 * 0.1) / 2)
    assert loads["one driver's processor"] == pytest.approx(4 * 0.25)
    assert loads["one driver's memory"] == pytest.approx(0.5)
    assert list(loads.values()) == sorted(loads.values(), reverse=True)
