"""What is refused before the first trial, and what a sitting still has to do."""

import pickle
from dataclasses import replace

import pytest
from driving import plan_for, searcher_for, train_toy

from wbcray.cli.progress import ProgressTable
from wbcray.cluster.comparison import ComparisonPlan, run_comparison
from wbcray.cluster.nodes import ClusterFacts, NodeShape
from wbcray.cluster.plan import Resources, check_fit
from wbcray.cluster.progress import Silent, TellWatch
from wbcray.cluster.study import begin_study
from wbcray.cluster.supervisor import Terms
from wbcray.core.errors import RefusedError, UsageError
from wbcray.store.openings import Openings
from wbcray.store.study_contents import Told


def test_a_batch_that_the_workers_cannot_share_is_refused(settings):
    config = settings.config("erm", {"optimizer.batch_size": 32})
    with pytest.raises(UsageError, match="32 images cannot be shared by 3 workers") as caught:
        check_fit(config, sources=2, workers=3)
    assert "33" in caught.value.fix


@pytest.mark.parametrize("method", ["dann", "coral", "boda"])
def test_a_penalty_over_domains_needs_two_sources(settings, method):
    with pytest.raises(UsageError, match="2 or more source domains"):
        check_fit(settings.config(method, {}), sources=1, workers=1)
    check_fit(settings.config("erm", {}), sources=1, workers=1)


def test_a_live_display_does_not_reach_tunes_pickles():
    with ProgressTable() as watch:
        copy = pickle.loads(pickle.dumps(TellWatch(watch)))  # noqa: S301  # our own bytes
    assert isinstance(copy._watch, Silent)


def test_a_failed_trial_is_wanted_again_and_an_infeasible_one_is_not(tmp_path, settings):
    plan = plan_for(tmp_path / "run", settings, trials=3)
    records, searcher = searcher_for(plan)
    train_toy(searcher, "a")
    ending = {"value": None, "values": (), "intermediate": (), "budget": 0, "seconds": 0.0}
    for number, state in ((1, "FAILED"), (2, "INFEASIBLE")):
        searcher.suggest(f"t{number}")
        records.tell(Told(number=number, state=state, **ending))
    assert records.remaining() == 1


def test_a_changed_optimizer_is_another_study(tmp_path, settings):
    searcher_for(plan_for(tmp_path / "run", settings))
    larger = replace(settings, optimizer=replace(settings.optimizer, batch_size=16))
    with pytest.raises(RefusedError, match="batch_size: 8 -> 16"):
        searcher_for(plan_for(tmp_path / "run", larger))


def test_an_interrupted_comparison_opens_nothing(run, settings, monkeypatch):
    plan = ComparisonPlan(
        run=run.folder,
        settings=settings,
        methods=("erm",),
        held_out=("west",),
        seeds=1,
        resources=Resources(),
        sources=2,
    )
    ending = lambda *_, supervisor, **__: supervisor.raise_if_over()  # noqa: E731
    monkeypatch.setattr("wbcray.cluster.comparison.grid", ending)
    machine = ClusterFacts(address="local", nodes=(NodeShape(name="here", cpus=2.0),))
    from wbcray.cluster.comparison import missing_tasks

    tasks = missing_tasks(plan.select(), run.folder, Resources())
    with pytest.raises(KeyboardInterrupt):
        run_comparison(plan, tasks, machine, Silent(), Terms(interrupted=lambda: True))
    assert Openings(run.folder).count() == 0


def test_a_study_of_the_default_objective_is_the_study_of_earlier_versions(tmp_path, settings):
    plan = plan_for(tmp_path / "run", settings)
    assert plan.identity()["space"]["objective"] == "val/macro_f1"
    begin_study(plan)
    begin_study(plan)


def test_a_study_maximises_one_score(tmp_path, settings):
    plan = plan_for(tmp_path / "run", settings)
    begin_study(plan)
    other = replace(plan, space=replace(plan.space, objective="val/micro_f1"))
    assert other.task(other.asked(0, {})).objective == "val/micro_f1"
    with pytest.raises(RefusedError, match=r"objective: .*val/macro_f1.* -> .*val/micro_f1"):
        begin_study(other)
