import json
import shutil
from pathlib import Path

import pytest
from small_records import Keeper, make_config

from wbcray.cli.comparison import comparison_json
from wbcray.core.errors import StoreError
from wbcray.explorer.reading.rebuild import rebuild
from wbcray.explorer.reading.verification import verify
from wbcray.store.audit import audit
from wbcray.store.cells import CellStore
from wbcray.store.run import identity_of, load_splits
from wbcray.store.studies import StudyStore
from wbcray.store.study_contents import Asked, Told

EARLIER = Path(__file__).parent / "earlier"
SCHEMA_1 = EARLIER / "schema_1"


@pytest.fixture
def run(tmp_path):
    """A copy of a run of schema 1: ERM, BoDA with a study, and LDAM-DRW; one cell lost its test."""
    return Path(shutil.copytree(SCHEMA_1, tmp_path / "main"))


def same(found, wanted):
    """Equal values, numbers to 1e-12; what an earlier version did not say may be added."""
    if isinstance(wanted, dict):
        return all(same(found[name], value) for name, value in wanted.items())
    if isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(wanted, float):
        return found == pytest.approx(wanted, rel=0, abs=1e-12)
    return found == wanted


def test_every_record_is_read_and_every_score_follows_from_its_counts(run):
    found = verify(run)
    assert (found.audit.records, found.audit.valid) == (30, 30)
    assert (found.cells, found.scores, found.wrong, found.unchecked) == (8, 1, (), ())


def test_the_scores_of_its_leaderboard_are_those_of_its_own_version(run):
    wanted = json.loads((EARLIER / "schema_1_compare.json").read_text())
    found = json.loads(
        json.dumps(comparison_json(str(run), rebuild(run), "erm")).replace("NaN", "null")
    )
    assert len(wanted["leaderboard"]) > 3
    assert same(found["cells"], wanted["cells"])
    # later versions tell more, and widen the comparison on images that all folds share
    kept = [set(row) - {"low", "high", "p", "p_holm"} for row in wanted["leaderboard"]]
    rows = [
        [{name: row[name] for name in names} for row, names in zip(board, kept, strict=True)]
        for board in (found["leaderboard"], wanted["leaderboard"])
    ]
    assert same(*rows)


def test_identity_splits_and_trials_are_read(run):
    assert identity_of(run)["folds"] == len(load_splits(run)["west"].folds) == 2
    study = StudyStore(run, "boda", "west")
    assert [told.state for told in study.told().values()].count("COMPLETE") == 1
    assert study.remaining() == 0


def test_a_new_attempt_at_an_old_cell_is_numbered_after_it_and_the_old_one_counts(run):
    store = CellStore(run)
    old = next(iter(store))
    lease = store.begin(old.key)
    assert lease.number == 2
    Keeper(store).finish(lease)
    assert store.find(old.key).attempt == 1
    assert audit(run).superseded == 1
    assert audit(run).corrupt == 0


def test_new_cells_and_trials_may_be_added(run):
    Keeper(CellStore(run)).keep()
    study = StudyStore(run, "boda", "west")
    number = study.next_number()
    assert number == 3
    study.ask(Asked(number=number, params={}, config=make_config()))
    study.tell(
        Told(
            number=number, state="PRUNED", value=None, values=(), intermediate=(), budget=1,
            seconds=1.0,
        )
    )  # fmt: skip
    assert set(study.told()) == {0, 1, 2, 3}
    assert audit(run).corrupt == 0


def test_the_fixture_is_as_the_earlier_version_wrote_it():
    schemas = {json.loads(path.read_text())["schema"] for path in SCHEMA_1.rglob("*.json")}
    assert schemas == {1}


@pytest.mark.parametrize("look", [identity_of, verify, rebuild])
def test_a_store_of_a_newer_schema_is_refused(run, look):
    path = run / "run.json"
    path.write_text(path.read_text().replace('"schema":1', '"schema":3'))
    with pytest.raises(StoreError, match="has schema 3") as caught:
        look(run)
    assert caught.value.fix == "upgrade wbcray"
