"""What a driver reads: no more for each trial of a long search than for one of a short one."""

from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from driving import last_report, plan_for, train_toy
from ray.tune.experiment import Trial

from wbcray.cluster.searcher import RecordedSearch
from wbcray.cluster.shared_scheduler import SharedScheduler
from wbcray.cluster.shared_search import SharedSearch
from wbcray.cluster.study import WeightKeeper, begin_study
from wbcray.cluster.supervisor import Supervisor, Terms
from wbcray.cluster.watchdog import Watchdog
from wbcray.store import studies
from wbcray.store.cells import CellStore


@pytest.fixture
def searched(tmp_path, settings):
    """A search that tidies checkpoints: plan, records, searcher."""
    plan = plan_for(tmp_path / "run", settings, trials=50)
    records = begin_study(plan)
    searcher = RecordedSearch(
        plan,
        records,
        storage=None,
        stopped=set(),
        on_told=WeightKeeper(plan, records).tidy,
        supervisor=Supervisor(plan.run, Terms()),
    )
    return plan, records, searcher


def scored(value):
    return lambda _: value


def test_the_twentieth_end_reads_as_little_as_the_third(searched, monkeypatch):
    _, _, searcher = searched
    read, opened, released = studies.read_intact, [], []
    monkeypatch.setattr(studies, "read_intact", lambda *args: opened.append(args) or read(*args))
    release = CellStore.release_weights
    monkeypatch.setattr(
        CellStore, "release_weights", lambda *args: released.append(args) or release(*args)
    )
    reads = []
    for number in range(20):
        opened.clear()
        released.clear()
        train_toy(searcher, str(number), score=scored(0.9 - 0.01 * number))
        reads.append((len(opened), len(released)))
    # its own suggestion, and the next one, which is not there; two folds of its own are released
    assert set(reads[1:]) == {(2, 2)}


def weights_of(plan, records, number):
    """The checkpoint folders that the trial's folds would have."""
    digest = records.asked()[number].config.digest
    return plan.run / "cells" / digest / "west--fold0--seed0" / "weights-001"


def test_the_best_trial_keeps_its_checkpoints_until_a_better_one_ends(searched):
    plan, records, searcher = searched
    kept = []
    for number, value in enumerate((0.5, 0.4, 0.5, 0.6)):
        task = searcher.suggest(str(number))["task"]
        weights_of(plan, records, number).mkdir(parents=True)
        searcher.on_trial_complete(str(number), last_report(value, value))
        assert task["held_out"] == "west"
        there = [weights_of(plan, records, one).exists() for one in range(number + 1)]
        kept.append([one for one, exists in enumerate(there) if exists])
    # of equals the earliest
    assert kept == [[0], [0], [0], [3]]


def test_a_keeper_that_begins_anew_knows_what_was_recorded_before(searched):
    plan, records, searcher = searched
    for number, value in enumerate((0.5, 0.7)):
        train_toy(searcher, str(number), score=scored(value))
        weights_of(plan, records, number).mkdir(parents=True)
    again = WeightKeeper(plan, records)
    asked = plan.asked(2, {"optimizer.lr": 1e-4})
    records.ask(asked)
    weights_of(plan, records, 2).mkdir(parents=True)
    told = studies.Told(
        number=2, state="PRUNED", value=None, values=(), intermediate=(), budget=0, seconds=0.0
    )
    again.tidy(told)
    assert [weights_of(plan, records, one).exists() for one in range(3)] == [False, True, False]


def test_a_damaged_suggestion_hides_no_later_one(searched):
    """Nothing is deleted of a trial whose suggestion is lost, and the next one is tidied."""
    plan, records, searcher = searched
    for number in range(3):
        searcher.suggest(str(number))
        weights_of(plan, records, number).mkdir(parents=True)
    lost, last = weights_of(plan, records, 1), weights_of(plan, records, 2)
    (records.folder / "trials" / "00001-asked.json").write_text("{}")
    for number, value in ((0, 0.9), (1, 0.1), (2, 0.2)):
        searcher.on_trial_complete(str(number), last_report(value, value))
    assert weights_of(plan, records, 0).exists()
    assert lost.exists()
    assert not last.exists()


def test_a_running_trial_is_looked_at_sixty_times_before_it_is_given_up(
    tmp_path, settings, monkeypatch
):
    """Whatever its patience: every look reads files of each of its folds."""
    plan = plan_for(tmp_path / "run", settings)
    task = plan.task(plan.asked(0, {}))
    supervisor = Supervisor(plan.run, Terms(stall_seconds=900.0))
    looks = []
    monkeypatch.setattr(CellStore, "beats", lambda _, key: looks.append(key) or len(looks))
    now = [0.0]
    dog = Watchdog(supervisor, clock=lambda: now[0])
    trial = SimpleNamespace(
        trial_id="a", status="RUNNING", config={"task": task.as_json()}, last_result={}
    )
    for second in range(1, 901):
        now[0] = float(second)
        dog.on_step_end(trials=[trial])
    assert len(looks) == 60 * settings.folds


def test_the_process_of_a_stopped_trial_goes_to_who_waits_last(tmp_path):
    """Of those that wait, the first has its own process soonest, and Ray would throw that away."""
    states = ("RUNNING", "PENDING", "PENDING", "RUNNING")
    trials = [Mock(spec=Trial, status=state) for state in states]
    supervisor = Supervisor(tmp_path, Terms())
    scheduler = SharedScheduler(SharedSearch([], supervisor))
    scheduler.supervisor = supervisor
    controller = SimpleNamespace(get_trials=lambda: trials, get_live_trials=lambda: trials)
    assert scheduler.choose_trial_to_run(controller) is trials[2]
    trials[1].status = trials[2].status = "TERMINATED"
    assert scheduler.choose_trial_to_run(controller) is None
