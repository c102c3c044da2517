"""The Optuna study on disk: a copy, which may fail, be deleted and be made anew."""

import sqlite3

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
        if name in ("get_all_studies", "create_new_study", "create_new_trial") or "set_" in name:
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


def test_rays_folder_can_be_cleared_as_a_whole_or_for_one_search(tmp_path):
    for name in ("grid", "erm--west"):
        (tmp_path / "ray" / name).mkdir(parents=True)
    assert clear_ray_folder(tmp_path, "grid")
    assert [path.name for path in (tmp_path / "ray").iterdir()] == ["erm--west"]
    assert clear_ray_folder(tmp_path)
    assert not clear_ray_folder(tmp_path)
