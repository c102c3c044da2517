import json
import shutil
from pathlib import Path

import optuna
import pandas as pd
import pytest

from wbcray.cli.main import run as wbcray
from wbcray.store.driver import driving

EARLIER = Path(__file__).parent / "earlier" / "schema_1"
STORE = 4


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run with a study of three trials, below the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WBCRAY_STUDY_STORAGE", raising=False)
    return Path(shutil.copytree(EARLIER, tmp_path / "runs" / "main"))


@pytest.fixture
def call(capsys):
    """The exit code of a command, its one JSON object or text, and its remarks."""

    def command(*words):
        capsys.readouterr()
        code = wbcray(list(words))
        said = capsys.readouterr()
        return code, json.loads(said.out) if "--json" in words else said.out, said.err

    return command


def trials(run):
    storage = optuna.storages.RDBStorage(f"sqlite:///{run / 'optuna.db'}")
    (study,) = storage.get_all_studies()
    found = storage.get_all_trials(study._study_id)
    storage.engine.dispose()
    return [(trial.state, trial.params, trial.intermediate_values) for trial in found]


def test_every_cache_comes_back_from_the_records_alone(run, call):
    call("store", "rebuild", "main")
    tables = {path: pd.read_parquet(path) for path in run.glob("tables/*.parquet")}
    facts, before = (run / "facts.json").read_text(), trials(run)
    shutil.rmtree(run / "tables")
    for name in ("facts.json", "optuna.db"):
        (run / name).unlink()
    (run / "ray" / "boda--west").mkdir(parents=True)
    code, said, _ = call("store", "rebuild", "main", "--json")
    assert (code, said["studies"], said["rows"]["trials"]) == (0, 1, 3)
    for path, frame in tables.items():
        pd.testing.assert_frame_equal(pd.read_parquet(path), frame)
    assert (run / "facts.json").read_text() == facts
    assert trials(run) == before
    assert len(before) == 3
    assert not (run / "ray").exists()


def test_what_a_process_works_with_is_left_alone(run, call):
    (run / "ray").mkdir()
    with driving(run):
        code, said, remarks = call("store", "rebuild", "main", "--json")
    assert (code, said["studies"]) == (0, None)
    assert "is in use by process" in remarks
    assert (run / "ray").exists()
    assert not (run / "optuna.db").exists()


def test_verify_says_what_each_loss_means_and_leaves_with_4(run, call):
    (run / "studies" / "boda--west" / "trials" / "00001-told.json").write_text("{")
    code, _, remarks = call("store", "verify", "main")
    assert code == STORE
    assert "corrupt: studies/boda--west/trials/00001-told.json: end of trial 1, study" in remarks
    assert "then: the trial is open again" in remarks
    code, said, _ = call("store", "verify", "main", "--json")
    assert code == STORE
    numbers = [said[name] for name in ("records", "valid", "corrupt", "superseded")]
    assert numbers == [30, 29, 1, 0]
    (problem,) = said["problems"]
    assert set(problem) == {"path", "what", "concerns", "then"}


def test_stale_tables_are_said_and_are_no_failure(run, call):
    call("store", "rebuild", "main")
    (run / "facts.json").write_text("{}")
    code, _, remarks = call("store", "verify", "main")
    assert code == 0
    assert "stale cache: facts.json\n  then: wbcray store rebuild main" in remarks


def test_status_remarks_what_is_lost(run, call):
    (run / "studies" / "boda--west" / "trials" / "00001-told.json").write_text("{")
    code, said, _ = call("status", "main", "--json")
    assert code == 0
    assert said["studies"][0]["running"] == 1
    assert ["trial 1 of study 'boda without west'" in one for one in said["remarks"]] == [True]
    assert "note: trial 1 of study" in call("status", "main")[2]


def test_status_has_the_best_trial_of_a_study_and_says_when_nobody_works_on_it(run, call):
    (study,) = call("status", "main", "--json")[1]["studies"]
    assert study["best"]["val"]["macro_f1"]["mean"] > 0
    assert "no command works" not in call("status", "main")[2]
    next(run.rglob("trials/00001-told.json")).unlink()
    assert "no command works on this run now" in call("status", "main")[2]
    with driving(run):
        assert "no command works" not in call("status", "main")[2]


def test_a_report_says_that_records_could_not_be_read(run, call):
    record = next(run.glob("cells/*/*.json"), None) or next(run.glob("cells/*/*/*.json"))
    record.write_bytes(record.read_bytes()[:100])
    code, _, remarks = call("report", "main")
    assert code == 0
    assert "1 record of this run cannot be read" in remarks
