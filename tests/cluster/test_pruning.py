"""Successive halving with a memory."""

from types import SimpleNamespace

from ray.tune.schedulers import TrialScheduler

from wbcray.cluster.ending import BUDGET, STATE, VALUE
from wbcray.cluster.gate import GatedFIFO
from wbcray.cluster.pruning import RecordedASHA, make_scheduler
from wbcray.search.space import SearchSettings
from wbcray.store.study_contents import Told

SETTINGS = SearchSettings(grace_epochs=2, reduction_factor=2)


def trial(name, *, prunable=True):
    return SimpleNamespace(trial_id=name, config={"task": {"prunable": prunable}})


def report(value, budget, state=""):
    return {VALUE: value, BUDGET: budget, STATE: state}


def told(number, *pairs):
    return Told(
        number=number,
        state="COMPLETE",
        value=pairs[-1][1],
        values=(),
        intermediate=pairs,
        budget=pairs[-1][0],
        seconds=1.0,
    )


def decide(scheduler, who, value, budget, state=""):
    if who.trial_id not in scheduler._trial_info:
        scheduler.on_trial_add(None, who)
    return scheduler.on_trial_result(None, who, report(value, budget, state))


def test_a_trial_below_the_median_is_stopped_at_the_first_rung():
    scheduler = RecordedASHA(SETTINGS, budget=8, told=[])
    assert decide(scheduler, trial("a"), 0.8, 2) == TrialScheduler.CONTINUE
    assert decide(scheduler, trial("b"), 0.3, 2) == TrialScheduler.STOP
    assert scheduler.stopped == {"b"}


def test_no_trial_is_stopped_before_the_grace_epochs():
    scheduler = RecordedASHA(SETTINGS, budget=8, told=[])
    decide(scheduler, trial("a"), 0.8, 1)
    assert decide(scheduler, trial("b"), 0.1, 1) == TrialScheduler.CONTINUE


def test_rungs_remember_the_trials_of_an_earlier_sitting():
    scheduler = RecordedASHA(SETTINGS, budget=8, told=[told(0, (1, 0.5), (2, 0.8), (4, 0.9))])
    assert scheduler.rungs()[2] == [0.8]
    assert scheduler.rungs()[4] == [0.9]
    assert decide(scheduler, trial("b"), 0.3, 2) == TrialScheduler.STOP


def test_the_defaults_are_never_stopped_but_fill_the_rungs():
    scheduler = RecordedASHA(SETTINGS, budget=8, told=[told(0, (2, 0.8))])
    who = trial("defaults", prunable=False)
    assert decide(scheduler, who, 0.3, 2) == TrialScheduler.CONTINUE
    assert scheduler.rungs()[2] == [0.3, 0.8]
    assert scheduler.stopped == set()


def test_the_last_epoch_does_not_end_a_trial_before_its_record():
    scheduler = RecordedASHA(SETTINGS, budget=8, told=[])
    assert decide(scheduler, trial("a"), 0.8, 8) == TrialScheduler.CONTINUE


def test_a_trial_that_has_spent_all_its_epochs_is_not_stopped_by_a_rung_on_the_last_one():
    scheduler = RecordedASHA(SETTINGS, budget=8, told=[told(0, (2, 0.5), (4, 0.6), (8, 0.9))])
    assert 8 in scheduler.rungs()
    late = trial("late")
    for budget in (2, 4):
        assert decide(scheduler, late, 0.7, budget) == TrialScheduler.CONTINUE
    assert decide(scheduler, late, 0.7, 8) == TrialScheduler.CONTINUE
    assert scheduler.stopped == set()


def test_the_end_of_a_complete_trial_is_no_pruning():
    scheduler = RecordedASHA(SETTINGS, budget=8, told=[])
    who = trial("a")
    decide(scheduler, who, 0.8, 8)
    decide(scheduler, who, 0.8, 9, state="COMPLETE")
    assert scheduler.stopped == set()


def test_without_a_scheduler_every_trial_gets_its_budget():
    scheduler = make_scheduler(SearchSettings(scheduler="none"), budget=8, told=[])
    assert isinstance(scheduler, GatedFIFO)
    assert scheduler.on_trial_result(None, trial("a"), report(0.0, 2)) == TrialScheduler.CONTINUE
