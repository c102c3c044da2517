"""Studies that share slots: whose trial comes next, who judges it, and what ends with whom."""

from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from driving import last_report, plan_for, toy_score, train_toy
from ray.tune.experiment import Trial
from ray.tune.schedulers import TrialScheduler
from ray.tune.search import Searcher

from wbcray.cluster.ending import BUDGET, STATE, VALUE
from wbcray.cluster.gate import GatedFIFO
from wbcray.cluster.nodes import ClusterFacts, NodeShape
from wbcray.cluster.progress import Silent
from wbcray.cluster.pruning import RecordedASHA
from wbcray.cluster.searcher import RecordedSearch
from wbcray.cluster.shared_scheduler import SharedScheduler
from wbcray.cluster.shared_search import Part, SharedSearch
from wbcray.cluster.study import begin_study, run_studies
from wbcray.cluster.supervisor import Supervisor, Terms
from wbcray.core.errors import ResourceError
from wbcray.search.space import SearchSettings
from wbcray.store.cells import CellStore
from wbcray.store.studies import StudyStore

HERE = ClusterFacts(address="local", nodes=(NodeShape(name="here", cpus=3.0),))


class Numbered(Searcher):
    """A study's search that only counts its trials."""

    def __init__(self, name):
        super().__init__()
        self.name, self.asked, self.waits = name, 0, False

    def suggest(self, trial_id):
        if self.waits:
            return None
        self.asked += 1
        return f"{self.name}{self.asked}"

    def on_trial_complete(self, *_):
        pass


@pytest.fixture
def shared(tmp_path):
    """Makes a search shared by studies a, b, c, ... with so many trials each."""

    def make(*trials):
        searches = [Numbered(chr(ord("a") + number)) for number in range(len(trials))]
        parts = [
            Part(method="erm", search=search, scheduler=GatedFIFO(), left=left)
            for search, left in zip(searches, trials, strict=True)
        ]
        return SharedSearch(parts, Supervisor(tmp_path, Terms())), parts

    return make


def suggested(search, slots):
    return [search.suggest(str(slot)) for slot in range(slots)]


def test_few_slots_work_on_the_first_study_until_it_has_no_trial_left(shared):
    search, _ = shared(3, 3)
    order = []
    for slot in range(6):  # two slots: a trial ends before the next is suggested
        if slot > 1:
            search.on_trial_complete(str(slot - 2))
        order.append(search.suggest(str(slot)))
    assert order == ["a1", "a2", "a3", "b1", "b2", "b3"]


def test_one_trial_at_a_time_is_one_study_after_the_other(shared):
    search, _ = shared(2, 1, 2)
    order = []
    for slot in range(5):
        order.append(search.suggest(str(slot)))
        search.on_trial_complete(str(slot))
    assert order == ["a1", "a2", "b1", "c1", "c2"]


def test_many_slots_are_two_for_each_study_and_then_shared_equally(shared):
    search, parts = shared(20, 20, 20)
    suggested(search, 5)
    assert [len(part.running) for part in parts] == [2, 2, 1]
    for slot in range(5, 10):
        search.suggest(str(slot))
    assert [len(part.running) for part in parts] == [4, 3, 3]


def test_no_slot_stands_idle_while_a_study_has_a_trial_left(shared):
    search, parts = shared(2, 9)
    assert suggested(search, 10) == ["a1", "a2", *(f"b{number}" for number in range(1, 9))]
    assert [part.left for part in parts] == [0, 1]
    assert suggested(search, 2) == ["b9", Searcher.FINISHED]


def test_a_slot_that_gets_free_goes_to_the_study_that_runs_fewest(shared):
    search, parts = shared(20, 20)
    suggested(search, 12)  # 6 and 6
    for ended in [slot for slot in ("0", "1") if slot in parts[0].running]:
        search.on_trial_complete(ended)
    assert search.suggest("12").startswith("a")


def test_a_study_that_has_to_wait_gives_its_slot_to_the_next(shared):
    search, parts = shared(5, 1)
    parts[0].search.waits = True
    assert suggested(search, 3) == ["b1", None, None]
    parts[0].search.waits = False
    assert search.suggest("3") == "a1"


@pytest.fixture
def studies(tmp_path, settings):
    """Two real studies that share slots: plans, records, their parts, the shared search."""
    supervisor = Supervisor(tmp_path / "run", Terms())
    plans = [plan_for(tmp_path / "run", settings, method=name, trials=6) for name in ("erm", "mmd")]
    records = [begin_study(plan) for plan in plans]
    parts = []
    for plan, study in zip(plans, records, strict=True):
        scheduler = RecordedASHA(SearchSettings(reduction_factor=2), budget=8, told=[])
        search = RecordedSearch(
            plan,
            study,
            storage=None,
            stopped=scheduler.stopped,
            on_told=lambda _: None,
            supervisor=supervisor,
        )
        parts.append(Part(method=plan.method, search=search, scheduler=scheduler, left=6))
    return SimpleNamespace(
        plans=plans,
        records=records,
        parts=parts,
        search=SharedSearch(parts, supervisor),
        supervisor=supervisor,
    )


def test_each_study_asks_what_it_would_ask_alone(tmp_path, settings, studies):
    shared = [train_toy(studies.search, str(slot))["config"] for slot in range(12)]
    alone = []
    for method in ("erm", "mmd"):
        plan = plan_for(tmp_path / "alone", settings, method=method)
        search = RecordedSearch(
            plan,
            begin_study(plan),
            storage=None,
            stopped=set(),
            on_told=lambda _: None,
            supervisor=studies.supervisor,
        )
        alone += [train_toy(search, str(slot))["config"] for slot in range(6)]
    assert shared == alone


def test_each_study_records_its_own_trials(studies):
    for slot in range(8):
        studies.search.suggest(str(slot))
    for slot in range(8):
        studies.search.on_trial_complete(str(slot), last_report(0.1 * slot))
    values = [[told.value for told in one.told().values()] for one in studies.records]
    assert values == [
        pytest.approx([0.0, 0.1, 0.4, 0.6]),
        pytest.approx([0.2, 0.3, 0.5, 0.7]),
    ]


def test_a_trial_is_judged_among_those_of_its_own_study(studies):
    """0.3 is below the median of its own study, and in the other one the best."""
    scheduler = SharedScheduler(studies.search)
    decided = {}
    for slot, value in enumerate((0.8, 0.8, 0.2, 0.3, 0.3)):
        task = studies.search.suggest(str(slot))["task"] | {"prunable": True}
        trial = SimpleNamespace(trial_id=str(slot), config={"task": task})
        scheduler.on_trial_add(None, trial)
        report = {VALUE: value, BUDGET: 2, STATE: ""}
        decided[task["label"]] = scheduler.on_trial_result(None, trial, report)
    assert decided == {
        "erm--west trial 0": TrialScheduler.CONTINUE,
        "erm--west trial 1": TrialScheduler.CONTINUE,
        "mmd--west trial 0": TrialScheduler.CONTINUE,
        "mmd--west trial 1": TrialScheduler.CONTINUE,
        "erm--west trial 2": TrialScheduler.STOP,
    }
    assert [part.scheduler.stopped for part in studies.parts] == [{"4"}, set()]


def crash(studies, task):
    """Three times in the same way."""
    studies.supervisor.started(task)
    for _ in range(3):
        CellStore(Path(task.run)).begin(task.cells[0]).end("FAILED", "KeyError: 'x'")
    studies.supervisor.crashed(task, KeyError("x"))


def test_a_method_that_is_stopped_leaves_its_slots_to_the_others(studies):
    first = studies.search.suggest("0")["task"]
    plan = studies.plans[0]
    task = plan.task(studies.records[0].asked()[0])
    crash(studies, task)
    later = [studies.search.suggest(str(slot)) for slot in range(1, 8)]
    assert first["label"] == "erm--west trial 0"
    assert [one["task"]["label"] for one in later[:6]] == [f"mmd--west trial {n}" for n in range(6)]
    assert later[6] == Searcher.FINISHED
    assert [one.method for one in studies.supervisor.trips] == ["erm"]


def test_a_stopped_methods_trials_that_wait_are_ended_and_the_others_are_not(studies):
    trials = []
    for slot in range(5):
        task = studies.search.suggest(str(slot))["task"]
        trial = Mock(spec=Trial, status="PENDING", config={"task": task}, trial_id=str(slot))
        trials.append(trial)
    scheduler = SharedScheduler(studies.search)
    scheduler.supervisor = studies.supervisor
    ended = []

    def stop(trial):
        ended.append(trial.trial_id)
        trial.status = "TERMINATED"

    controller = SimpleNamespace(
        get_trials=lambda: trials, get_live_trials=lambda: trials, stop_trial=stop
    )
    plan = studies.plans[0]
    crash(studies, plan.task(studies.records[0].asked()[0]))
    assert scheduler.choose_trial_to_run(controller) is trials[3]
    assert ended == ["0", "1", "4"]


def test_a_disk_without_room_ends_all_studies_and_not_one_after_the_other(studies):
    studies.supervisor.stop(ResourceError("the disk is full", where="x"))
    assert studies.search.suggest("0") == Searcher.FINISHED
    assert [part.left for part in studies.parts] == [6, 6]
    assert not studies.records[0].asked()


def sat(monkeypatch, plans, drive, *, terms=None):
    """A sitting of these studies, with `drive` in the place of Tune."""
    monkeypatch.setattr("wbcray.cluster.study.search", drive)
    records = [begin_study(plan) for plan in plans]
    return run_studies(plans, records, HERE, None, Silent(), terms or Terms())


@pytest.fixture
def two(run, settings):
    return [plan_for(run.folder, settings, method=name, trials=3) for name in ("erm", "mmd")]


def test_the_slots_are_filled_by_the_trials_of_all_studies(monkeypatch, two):
    seen = {}
    sat(monkeypatch, two, lambda *_, **given: seen.update(given))
    assert (seen["trials"], seen["at_once"]) == (6, 3)


def test_a_deterministic_sitting_trains_one_trial_at_a_time(monkeypatch, run, settings):
    seen = {}
    plan = plan_for(run.folder, settings, deterministic=True)
    sat(monkeypatch, [plan], lambda *_, **given: seen.update(given))
    assert seen["at_once"] == 1


def test_a_sitting_that_was_killed_takes_up_the_open_trials_of_every_study(monkeypatch, two):
    asked = {}

    def killed(searches, *_, **__):
        for slot in range(5):  # of the first study 0, 1 and 4, of the second 2 and 3
            asked[slot] = searches.suggest(str(slot))["task"]
        searches.on_trial_complete("1", last_report(toy_score(asked[1])))

    again = []

    def resumed(searches, *_, trials, **__):
        again.append(trials)
        again.extend(searches.suggest(f"again{slot}")["task"] for slot in range(trials))

    sat(monkeypatch, two, killed)
    sat(monkeypatch, two, resumed)
    assert again[0] == 5
    assert again[1:5] == [asked[0], asked[4], asked[2], asked[3]]
    assert again[5]["label"] == "mmd--west trial 2"


def test_a_study_that_is_finished_takes_no_part(monkeypatch, two):
    def drive(searches, *_, trials, **__):
        for slot in range(trials):
            train_toy(searches, str(slot))

    sat(monkeypatch, two, drive)
    assert [StudyStore(p.run, p.method, p.held_out).remaining() for p in two] == [0, 0]
    sat(monkeypatch, two, lambda *_, **__: pytest.fail("nothing was left to do"))
