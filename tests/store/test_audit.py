import pytest
from small_records import Keeper, make_config

from wbcray.store.audit import audit
from wbcray.store.cells import CellStore
from wbcray.store.commit import commit
from wbcray.store.openings import Openings
from wbcray.store.selections import Selection, Selections
from wbcray.store.studies import Asked, StudyStore, Told


@pytest.fixture
def keeper(tmp_path):
    return Keeper(CellStore(tmp_path))


def numbers(run):
    return audit(run).as_json()


def spoil(path):
    path.write_bytes(path.read_bytes()[:-1])


def test_an_empty_folder_has_no_records(tmp_path):
    assert numbers(tmp_path) == {"records": 0, "valid": 0, "corrupt": 0, "superseded": 0}


def test_a_cell_is_two_records(tmp_path, keeper):
    keeper.keep()
    assert numbers(tmp_path) == {"records": 2, "valid": 2, "corrupt": 0, "superseded": 0}


def test_every_kind_of_record_is_counted(tmp_path, keeper):
    for name in ("run", "data", "splits"):
        commit(tmp_path / f"{name}.json", name, {})
    record = keeper.keep()
    Openings(tmp_path).open([record], "selected")
    config = make_config()
    Selections(tmp_path).choose(
        Selection(
            method="erm", held_out="west", config=config, origin="tuned", trial=0,
            folds=(0,), seeds=(0,),
        )
    )  # fmt: skip
    study = StudyStore(tmp_path, "erm", "west")
    study.begin({})
    study.plan(1)
    study.ask(Asked(number=0, params={}, config=config))
    study.tell(
        Told(
            number=0, state="PRUNED", value=None, values=(), intermediate=(), budget=1, seconds=1.0
        )
    )
    # run, data, splits, cell, its sealed part, opening, selection, study, plan, asked, told
    assert numbers(tmp_path) == {"records": 11, "valid": 11, "corrupt": 0, "superseded": 0}


def test_later_attempts_at_a_cell_are_superseded(tmp_path, keeper):
    for _ in range(3):
        keeper.keep()
    keeper.keep(fold=1)
    assert numbers(tmp_path) == {"records": 8, "valid": 8, "corrupt": 0, "superseded": 2}


def test_a_damaged_record_is_counted_and_named(tmp_path, keeper):
    keeper.keep()
    (path,) = tmp_path.glob("cells/*/*/*.json")
    spoil(path)
    found = audit(tmp_path)
    assert found.as_json() == {"records": 2, "valid": 1, "corrupt": 1, "superseded": 0}
    assert found.corrupt_paths == (path.relative_to(tmp_path).as_posix(),)


def test_an_attempt_after_a_damaged_one_supersedes_nothing(tmp_path, keeper):
    keeper.keep()
    spoil(next(tmp_path.glob("cells/*/*/attempt-001.json")))
    keeper.keep()
    assert numbers(tmp_path) == {"records": 4, "valid": 3, "corrupt": 1, "superseded": 0}


def test_a_cell_whose_sealed_part_is_lost_is_corrupt(tmp_path, keeper):
    keeper.keep()
    next(tmp_path.glob("sealed/*/*/*.json")).unlink()
    found = audit(tmp_path)
    assert (found.records, found.corrupt) == (1, 1)
    assert found.corrupt_paths[0].startswith("cells/")


def test_tables_weights_and_unfinished_files_are_no_records(tmp_path, keeper):
    keeper.keep()
    (cell,) = tmp_path.glob("cells/*/*")
    (cell / ".attempt-002.json.0123").write_text("{")
    (cell / "weights").mkdir()
    (cell / "weights" / "config.json").write_text("{}")
    (tmp_path / "facts.json").write_text("{}")
    assert numbers(tmp_path)["records"] == 2
