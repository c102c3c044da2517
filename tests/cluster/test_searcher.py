"""The recorded search: each trap of Ray's OptunaSearch, and resuming from records."""

import pickle
from dataclasses import replace

import optuna
import pytest
from driving import last_report, plan_for, resumed, searcher_for, toy_score, train_toy
from optuna.trial import TrialState

from wbcray.cluster.ending import BUDGET, STATE, VALUE
from wbcray.cluster.searcher import RecordedSearch
from wbcray.cluster.spaces import load_space
from wbcray.cluster.storage import open_storage
from wbcray.cluster.study import WeightKeeper, begin_study
from wbcray.cluster.supervisor import Supervisor, Terms
from wbcray.cluster.task import Task
from wbcray.core.errors import DataError, InfeasibleError, RefusedError
from wbcray.store.cells import CellStore
from wbcray.store.studies import StudyStore

REPORT = {STATE: "", "time_total_s": 1.0}


@pytest.fixture
def plan(tmp_path, settings):
    return plan_for(tmp_path / "run", settings)


def test_trial_zero_is_the_methods_defaults(plan, settings):
    _, searcher = searcher_for(plan)
    task = searcher.suggest("a")["task"]
    assert task["config"] == settings.config("erm", {}).as_json()


def test_a_suggestion_is_on_disk_before_it_is_handed_out(plan):
    records, searcher = searcher_for(plan)
    task = searcher.suggest("a")["task"]
    assert records.asked()[0].config.as_json() == task["config"]


def test_a_stopped_trial_is_pruned_with_all_its_reports(plan):
    stopped = set()
    records, searcher = searcher_for(plan, stopped=stopped)
    searcher.suggest("a")
    searcher.on_trial_result("a", REPORT | {VALUE: 0.2, BUDGET: 1})
    stopped.add("a")
    searcher.on_trial_complete("a", REPORT | {VALUE: 0.3, BUDGET: 2})
    told = records.told()[0]
    assert (told.state, told.value, told.intermediate) == ("PRUNED", None, ((1, 0.2), (2, 0.3)))
    assert searcher.study.trials[0].state is TrialState.PRUNED
    assert searcher.study.trials[0].intermediate_values == {1: 0.2, 2: 0.3}


def test_a_stopped_trial_leaves_no_open_attempt_and_no_state_to_go_on_from(plan):
    """Ray ends its worker without a word: nobody else would tidy up."""
    stopped, cells = {"a"}, CellStore(plan.run)
    records = begin_study(plan)
    searcher = RecordedSearch(
        plan,
        records,
        storage=None,
        stopped=stopped,
        on_told=WeightKeeper(plan, records).tidy,
        supervisor=Supervisor(plan.run, Terms()),
    )
    first, _ = Task.from_json(searcher.suggest("a")["task"]).cells
    other, _ = Task.from_json(searcher.suggest("b")["task"]).cells
    for key in (first, other):
        cells.begin(key)
        cells.progress_folder(key).mkdir()
    searcher.on_trial_complete("a", REPORT | {VALUE: 0.3, BUDGET: 1})
    assert [attempt.state for attempt in cells.attempts(first)] == ["STOPPED"]
    assert not cells.progress_folder(first).exists()
    assert [attempt.state for attempt in cells.attempts(other)] == ["OPEN"]
    assert cells.progress_folder(other).exists()


def test_two_trials_of_one_configuration_are_trained_one_after_the_other(tmp_path, settings):
    """At once, each would take the cells from the other."""
    space = replace(load_space("erm", None), dimensions=())
    records, searcher = searcher_for(plan_for(tmp_path / "run", settings, space=space))
    task = searcher.suggest("a")["task"]
    assert searcher.suggest("b") is None
    assert searcher.suggest("c") is None
    assert sorted(records.asked()) == [0, 1]
    searcher.on_trial_complete("a", last_report(0.5, 0.5))
    assert train_toy(searcher, "d")["config"] == task["config"]
    assert [told.state for told in records.told().values()] == ["COMPLETE", "COMPLETE"]
    assert len(searcher.study.trials) == 2


def test_an_interrupted_trial_is_neither_pruned_nor_lost(plan):
    records, searcher = searcher_for(plan)
    task = searcher.suggest("a")["task"]
    searcher.on_trial_complete("a", REPORT | {VALUE: 0.3, BUDGET: 2})
    assert records.told() == {}
    _, again = searcher_for(plan)
    assert again.suggest("b")["task"] == task


def test_a_value_that_is_not_finite_never_reaches_optuna(plan):
    _, searcher = searcher_for(plan)
    searcher.suggest("a")
    searcher.on_trial_result("a", REPORT | {VALUE: float("nan"), BUDGET: 1})
    searcher.on_trial_result("a", REPORT | {VALUE: float("inf"), BUDGET: 2})
    assert searcher.study.trials[0].intermediate_values == {}


def test_an_infeasible_configuration_fails_and_does_not_run_for_ever(plan):
    records, searcher = searcher_for(plan)
    searcher.suggest("a")
    searcher.on_trial_complete("a", last_report(error=InfeasibleError("loss is NaN")))
    assert (records.told()[0].state, records.told()[0].error) == ("INFEASIBLE", "loss is NaN")
    assert searcher.study.trials[0].state is TrialState.FAIL


def test_a_crashed_trial_is_told_failed(plan):
    records, searcher = searcher_for(plan)
    searcher.suggest("a")
    searcher.on_trial_complete("a", None, error=True)
    assert records.told()[0].state == "FAILED"


def test_a_result_that_is_not_finite_is_infeasible_and_in_no_record(plan):
    records, searcher = searcher_for(plan)
    searcher.suggest("a")
    searcher.on_trial_complete("a", last_report(float("nan"), 0.5))
    told = records.told()[0]
    assert (told.state, told.value, told.values, told.intermediate) == ("INFEASIBLE", None, (), ())
    assert searcher.study.trials[0].state is TrialState.FAIL


def test_a_replayed_report_is_noted_once(plan):
    _, searcher = searcher_for(plan)
    searcher.suggest("a")
    searcher.on_trial_result("a", REPORT | {VALUE: 0.2, BUDGET: 1})
    searcher.on_trial_result("a", REPORT | {VALUE: 0.9, BUDGET: 1})
    assert searcher.study.trials[0].intermediate_values == {1: 0.2}


def test_nothing_of_the_searcher_is_pickled(plan, tmp_path):
    _, searcher = searcher_for(plan)
    searcher.save(str(tmp_path / "state.pkl"))
    assert not (tmp_path / "state.pkl").exists()


def test_the_space_function_survives_plain_pickle(plan):
    _, searcher = searcher_for(plan)
    assert pickle.loads(pickle.dumps(searcher._space)) is not None  # noqa: S301  # our own bytes


def test_a_rebuilt_study_equals_the_one_that_was_lost(plan):
    _, searcher = searcher_for(plan)
    for name in "abc":
        train_toy(searcher, name)
    _, rebuilt = searcher_for(plan)
    before, after = searcher.study.trials, rebuilt.study.trials
    assert [(t.params, t.value, t.state) for t in before] == [
        (t.params, t.value, t.state) for t in after
    ]


def test_a_resumed_search_does_not_ask_again_what_it_asked_before(plan):
    _, searcher = searcher_for(plan)
    first = [train_toy(searcher, name)["config"]["optimizer"]["lr"] for name in "abc"]
    _, resumed = searcher_for(plan)
    later = [train_toy(resumed, name)["config"]["optimizer"]["lr"] for name in "def"]
    assert len({*first, *later}) == 6


def test_numbers_go_on_where_they_stopped(plan):
    _, searcher = searcher_for(plan)
    train_toy(searcher, "a")
    searcher.suggest("b")
    records, resumed = searcher_for(plan)
    train_toy(resumed, "c")
    train_toy(resumed, "d")
    assert sorted(records.told()) == [0, 1, 2]


def test_starting_twice_with_one_storage_does_not_double_the_trials(plan):
    storage = open_storage(plan.run)
    _, searcher = searcher_for(plan, storage=storage)
    train_toy(searcher, "a")
    searcher_for(plan, storage=storage)
    study = optuna.load_study(study_name=plan.study_name, storage=storage)
    assert len(study.trials) == 1


def test_two_searches_with_one_seed_ask_the_same(tmp_path, settings):
    asked = []
    for folder in ("one", "two"):
        _, searcher = searcher_for(plan_for(tmp_path / folder, settings))
        asked.append([train_toy(searcher, name)["config"] for name in "abcdef"])
    assert asked[0] == asked[1]


def test_the_best_trial_is_a_complete_one(plan):
    stopped = set()
    records, searcher = searcher_for(plan, stopped=stopped)
    train_toy(searcher, "a", score=lambda task: 0.4)
    searcher.suggest("b")
    stopped.add("b")
    searcher.on_trial_complete("b", REPORT | {VALUE: 0.9, BUDGET: 1})
    assert records.best()[1].number == 0


def chosen_with(plan, sampler):
    """The plan with another sampler."""
    return replace(
        plan, space=replace(plan.space, settings=replace(plan.space.settings, sampler=sampler))
    )


@pytest.mark.parametrize("sampler", ["tpe", "grid", "qmc"])
def test_a_search_killed_after_any_trial_asks_what_an_unbroken_one_asks(
    tmp_path, settings, sampler
):
    """One trial at a time, killed after it was told and, every other time, before."""
    trials = 13 if sampler == "tpe" else 4  # past the random ones that TPE begins with
    unbroken = chosen_with(plan_for(tmp_path / "unbroken", settings), sampler)
    _, searcher = searcher_for(unbroken)
    asked = [train_toy(searcher, str(n))["config"] for n in range(trials)]
    broken = chosen_with(plan_for(tmp_path / "broken", settings), sampler)
    records, _ = searcher_for(broken)
    again = []
    for number in range(trials):
        if number % 2:
            resumed(broken, records).suggest("killed")
        again.append(train_toy(resumed(broken, records), str(number))["config"])
    assert again == asked


def test_a_killed_search_with_failures_goes_on_as_an_unbroken_one(tmp_path, settings):
    kinds = (None, None, InfeasibleError, DataError)

    def drive(plan, *, kills):
        asked, stopped = [], set()
        records, searcher = searcher_for(plan, stopped=stopped)
        for number in range(12):
            if kills:
                searcher = resumed(plan, records, stopped)
            task = searcher.suggest(str(number))["task"]
            asked.append(task["config"])
            searcher.on_trial_result(str(number), REPORT | {VALUE: toy_score(task), BUDGET: 1})
            if number % 4 == 1:
                stopped.add(str(number))
            kind = kinds[number % 4]
            what = "abc"[number // 4]  # no pattern, or the method is stopped
            last = last_report(toy_score(task), error=kind(what) if kind else None, budget=2)
            if number % 4 == 1:
                last = REPORT | {VALUE: toy_score(task), BUDGET: 2}
            searcher.on_trial_complete(str(number), last)
        return asked

    unbroken = drive(plan_for(tmp_path / "unbroken", settings), kills=False)
    assert drive(plan_for(tmp_path / "broken", settings), kills=True) == unbroken


def test_a_sampler_of_its_own_for_each_trial_still_learns(plan):
    _, searcher = searcher_for(plan)
    scores = [toy_score(train_toy(searcher, str(number))) for number in range(32)]
    assert sum(scores[20:]) / 12 > sum(scores[1:11]) / 10 + 0.1


@pytest.mark.parametrize("sampler", ["tpe", "random", "grid", "gp", "qmc"])
def test_every_sampler_suggests_and_learns(tmp_path, settings, sampler):
    records, searcher = searcher_for(chosen_with(plan_for(tmp_path / "run", settings), sampler))
    for name in "abcd":
        train_toy(searcher, name)
    assert len(records.told()) == 4


def test_a_changed_search_space_is_refused_with_the_difference(tmp_path, settings):
    plan = plan_for(tmp_path / "run", settings)
    searcher_for(plan)
    with pytest.raises(RefusedError, match="seed: 0 -> 1"):
        searcher_for(plan_for(tmp_path / "run", settings, seed=1))


def test_more_trials_may_be_asked_for_later(tmp_path, settings):
    searcher_for(plan_for(tmp_path / "run", settings, trials=3))
    records, _ = searcher_for(plan_for(tmp_path / "run", settings, trials=8))
    assert records.planned() == 8


def test_a_storage_url_with_a_password_is_refused(tmp_path):
    with pytest.raises(RefusedError, match="password"):
        open_storage(tmp_path, "postgresql+psycopg2://me:secret@localhost/x")


def test_the_records_of_a_study_can_be_read_without_the_searcher(plan):
    _, searcher = searcher_for(plan)
    train_toy(searcher, "a")
    (told,) = StudyStore(plan.run, "erm", "west").told().values()
    assert told.values == (told.value, told.value)
