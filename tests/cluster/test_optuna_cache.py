"""The Optuna study on disk: a copy, which may fail, be deleted and be made anew."""

import sqlite3
from copy import deepcopy

import optuna
import pytest
from driving import plan_for, searcher_for, train_toy
from optuna.trial import TrialState

from wbcray.cluster.optuna_cache import open_cache, rebuild_studies, space_of
from wbcray.cluster.ray_folder import clear_ray_folder
from wbcray.cluster.supervisor import Supervisor, Terms


@pytest.fixture
def plan(tmp_path, settings):
    return plan_for(tmp_path / "run", settings)


class Broken(optuna.storages.InMemoryStorage):
    """A storage that breaks at a given call of ours."""

    left = 0

    def __getattribute__(self, name):
        if name in ("get_study_id_from_name", "create_new_study", "create_new_trial") or (
            "set_" in name
        ):
            type(self).left -= 1
            if self.left < 0:
                raise AssertionError("Should not reach.")  # what Optuna says of a full disk
        return super().__getattribute__(name)


@pytest.mark.parametrize("at", range(8))
def test_a_storage_that_fails_at_any_call_costs_a_remark_and_nothing_else(plan, at):
    said = []
    supervisor = Supervisor(plan.run, Terms(remark=said.append))
    Broken.left = at
    records, searcher = searcher_for(plan, storage=Broken(), supervisor=supervisor)
    train_toy(searcher, "a")
    train_toy(searcher, "b")
    assert [told.state for told in records.told().values()] == ["COMPLETE", "COMPLETE"]
    assert len(said) == 1
    assert "does not answer" in said[0]


def test_the_copy_is_what_the_search_works_on(plan):
    storage = optuna.storages.InMemoryStorage()
    _, searcher = searcher_for(plan, storage=storage)
    train_toy(searcher, "a")
    searcher.suggest("b")
    copy = optuna.load_study(study_name=plan.study_name, storage=storage).trials
    for ours, theirs in zip(searcher.study.trials, copy, strict=True):
        assert (ours.params, ours.value, ours.state) == (theirs.params, theirs.value, theirs.state)
        assert ours.intermediate_values == theirs.intermediate_values
        assert ours.user_attrs == theirs.user_attrs
    assert copy[1].state is TrialState.RUNNING


def test_a_damaged_file_is_made_anew(plan):
    plan.run.mkdir(parents=True)
    (plan.run / "optuna.db").write_bytes(b"this was a database" * 100)
    assert open_cache(plan.run, None, pytest.fail).get_all_studies() == []
    with sqlite3.connect(plan.run / "optuna.db") as made:
        assert made.execute("pragma integrity_check").fetchone() == ("ok",)


def test_every_study_is_made_from_the_records_alone(plan):
    records, searcher = searcher_for(plan)
    for name in "abc":
        train_toy(searcher, name)
    assert space_of(records).as_json() == plan.space.as_json()
    storage = optuna.storages.InMemoryStorage()
    assert rebuild_studies(plan.run, storage, pytest.fail) == 1
    made = optuna.load_study(study_name=plan.study_name, storage=storage)
    assert [t.params for t in made.trials] == [t.params for t in searcher.study.trials]
    assert made.best_value == searcher.study.best_value


@pytest.fixture
def copied(plan):
    """The records of two trials, the copy that a search made of them, and who writes it anew."""
    storage = optuna.storages.InMemoryStorage()
    records, searcher = searcher_for(plan, storage=storage)
    for name in "ab":
        train_toy(searcher, name)

    def rebuild():
        rebuild_studies(plan.run, storage, pytest.fail)
        (study,) = storage.get_all_studies()
        return study._study_id, storage.get_all_trials(study._study_id)

    return records, storage, rebuild


def test_a_copy_that_equals_the_records_is_left_as_it_is(copied):
    records, storage, rebuild = copied
    (before,) = storage.get_all_studies()
    storage.set_study_user_attr(before._study_id, "note", "of a person")
    study, trials = rebuild()
    assert study == before._study_id
    assert [trial.value for trial in trials] == [one.value for one in records.told().values()]


def one_more_report(trial):
    trial.intermediate_values[99] = 0.5


def another_value(trial):
    trial.value = 0.123


def another_parameter(trial):
    trial.params["optimizer.lr"] = 0.123


def another_state(trial):
    trial.state, trial.value = TrialState.PRUNED, None


def another_range(trial):
    distribution = optuna.distributions.FloatDistribution(1e-9, 1.0, log=True)
    trial.distributions["optimizer.lr"] = distribution


def another_number(trial):
    trial.user_attrs["number"] = 7


def one_more_trial(trial):
    """One that nobody recorded: a killed search left it running."""
    trial.user_attrs["number"] = 7
    trial.state, trial.value = TrialState.RUNNING, None


CHANGES = (
    one_more_report, another_value, another_parameter, another_state, another_range,
    another_number, one_more_trial,
)  # fmt: skip


def test_a_copy_that_differs_anywhere_is_made_anew(copied):
    records, storage, rebuild = copied
    for change in CHANGES:
        (study,) = storage.get_all_studies()
        trials = storage.get_all_trials(study._study_id)
        storage.delete_study(study._study_id)
        spoilt = storage.create_new_study([study.direction], study.study_name)
        wrong = deepcopy(trials[1])
        change(wrong)
        first = trials if change is one_more_trial else trials[:1]
        for trial in (*first, wrong):
            storage.create_new_trial(spoilt, template_trial=trial)
        anew, trials = rebuild()
        assert anew != spoilt, change
        assert {one.user_attrs["number"]: one.value for one in trials} == {
            number: told.value for number, told in records.told().items()
        }
        assert {one.user_attrs["number"]: one.params for one in trials} == {
            number: asked.params for number, asked in records.asked().items()
        }


def test_the_copy_in_a_file_reads_as_it_was_written(plan):
    """Parameters and values go through columns of a database, and must come back as they were."""
    _, searcher = searcher_for(plan)
    for name in "ab":
        train_toy(searcher, name)
    storage = open_cache(plan.run, None, pytest.fail)
    rebuild_studies(plan.run, storage, pytest.fail)
    (before,) = storage.get_all_studies()
    # With it there, a study that is made anew gets another number than the one it replaces.
    storage.create_new_study([before.direction], "another")
    rebuild_studies(plan.run, storage, pytest.fail)
    assert storage.get_study_id_from_name(before.study_name) == before._study_id
    assert len(storage.get_all_trials(before._study_id)) == 2
    storage.engine.dispose()


def test_rays_folder_can_be_cleared_as_a_whole_or_for_one_search(tmp_path):
    for name in ("grid", "erm--west"):
        (tmp_path / "ray" / name).mkdir(parents=True)
    assert clear_ray_folder(tmp_path, "grid")
    assert [path.name for path in (tmp_path / "ray").iterdir()] == ["erm--west"]
    assert clear_ray_folder(tmp_path)
    assert not clear_ray_folder(tmp_path)
