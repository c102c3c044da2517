import pytest
from small_records import Keeper, make_config

from wbcray.core.errors import StoreError
from wbcray.store.audit import audit
from wbcray.store.cells import CellStore
from wbcray.store.commit import commit
from wbcray.store.openings import Openings
from wbcray.store.record_kinds import OTHER_ATTEMPT
from wbcray.store.selections import Selection, Selections
from wbcray.store.studies import StudyStore
from wbcray.store.study_contents import Asked, Told


@pytest.fixture
def keeper(tmp_path):
    return Keeper(CellStore(tmp_path))


def numbers(run):
    return audit(run).as_json()


def spoil(path):
    path.write_bytes(path.read_bytes()[:-1])


def test_an_empty_folder_has_no_records(tmp_path):
    assert numbers(tmp_path) == {"records": 0, "valid": 0, "corrupt": 0, "superseded": 0}


def test_a_cell_is_three_records(tmp_path, keeper):
    keeper.keep()
    # who took it up, its result, and the sealed part
    assert numbers(tmp_path) == {"records": 3, "valid": 3, "corrupt": 0, "superseded": 0}


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
    # Three of the cell, and one of every other kind that is made here.
    assert numbers(tmp_path) == {"records": 12, "valid": 12, "corrupt": 0, "superseded": 0}


def test_later_attempts_at_a_cell_are_superseded(tmp_path, keeper):
    for _ in range(3):  # a store of schema 1 may have several results of a cell
        keeper.keep()
    keeper.keep(fold=1)
    assert numbers(tmp_path) == {"records": 12, "valid": 12, "corrupt": 0, "superseded": 2}


def test_a_damaged_record_is_counted_and_named(tmp_path, keeper):
    keeper.keep()
    (path,) = tmp_path.glob("cells/*/*/attempt-*.json")
    spoil(path)
    found = audit(tmp_path)
    assert found.as_json() == {"records": 3, "valid": 2, "corrupt": 1, "superseded": 0}
    assert found.corrupt_paths == (path.relative_to(tmp_path).as_posix(),)


def test_an_attempt_after_a_damaged_one_supersedes_nothing(tmp_path, keeper):
    keeper.keep()
    spoil(next(tmp_path.glob("cells/*/*/attempt-001.json")))
    keeper.keep()
    assert numbers(tmp_path) == {"records": 6, "valid": 5, "corrupt": 1, "superseded": 0}


def test_a_cell_whose_sealed_part_is_lost_is_corrupt(tmp_path, keeper):
    keeper.keep()
    next(tmp_path.glob("sealed/*/*/*.json")).unlink()
    found = audit(tmp_path)
    assert (found.records, found.corrupt) == (2, 1)
    assert found.corrupt_paths[0].startswith("cells/")


def test_tables_weights_and_unfinished_files_are_no_records(tmp_path, keeper):
    keeper.keep()
    (cell,) = tmp_path.glob("cells/*/*")
    (cell / ".attempt-002.json.0123").write_text("{")
    (cell / "weights").mkdir()
    (cell / "weights" / "config.json").write_text("{}")
    (tmp_path / "facts.json").write_text("{}")
    assert numbers(tmp_path)["records"] == 3


def test_a_result_that_came_too_late_is_superseded(tmp_path, keeper):
    late = keeper.store.begin(keeper.key())
    keeper.keep()
    keeper.finish(late)
    # the end of the first attempt and its late result; each has a sealed part and a beginning
    assert numbers(tmp_path) == {"records": 7, "valid": 7, "corrupt": 0, "superseded": 1}


def test_a_cell_whose_sealed_part_is_damaged_loses_that_record_alone(tmp_path, keeper):
    keeper.keep()
    spoil(next(tmp_path.glob("sealed/*/*/*.json")))
    found = audit(tmp_path)
    assert (found.valid, found.corrupt) == (2, 1)
    assert "trained again" in found.problems[0].then


RUN_RECORDS = {
    "run.json": ("run", "restore it from a backup"),
    "splits.json": ("splits", "delete it"),
    "data.json": ("data", "written anew"),
    "images.json": ("images", "written anew"),
    "openings/00001.json": ("opening", "`wbcray compare`"),
    "selections/erm--west--0001.json": ("selection", "`wbcray compare`"),
    "studies/erm--west/study.json": ("study", "search anew in a new run"),
    "studies/erm--west/plan-001.json": ("plan", "plans anew"),
    "studies/erm--west/trials/00003-asked.json": ("asked", "left out"),
    "studies/erm--west/trials/00003-told.json": ("told", "open again"),
    "studies/erm--west/trials/00003-told-002.json": ("told", "open again"),
    "cells/c0ffee/west--fold0--seed0/begun-001.json": ("begun", "nothing"),
    "cells/c0ffee/west--fold0--seed0/attempt-001.json": ("ended", "trained again"),
    "drivers/driver-001.json": ("driver", "nothing"),
    "drivers/driver-001-end.json": ("driver_end", "nothing"),
}


@pytest.mark.parametrize(("path", "kind", "advice"), [(k, *v) for k, v in RUN_RECORDS.items()])
def test_the_advice_for_a_damaged_record_fits_its_kind(tmp_path, path, kind, advice):
    commit(tmp_path / path, kind, {})
    assert numbers(tmp_path) == {"records": 1, "valid": 1, "corrupt": 0, "superseded": 0}
    spoil(tmp_path / path)
    (problem,) = audit(tmp_path).problems
    assert problem.path == path
    assert advice in problem.then
    if "trials" in path:
        assert "trial 3, study of erm without west" in problem.concerns
    if path.startswith("cells"):
        assert "cell c0ffee without west, fold 0, seed 0" in problem.concerns


def test_a_damaged_attempt_beside_one_that_counts_costs_nothing(tmp_path, keeper):
    keeper.keep()
    spoil(next(tmp_path.glob("cells/*/*/attempt-001.json")))
    keeper.keep()
    assert [problem.then for problem in audit(tmp_path).problems] == [OTHER_ATTEMPT]


def test_a_blank_in_a_record_is_no_damage_and_a_changed_digit_is(tmp_path):
    path = tmp_path / "run.json"
    commit(path, "run", {"epochs": 3})
    path.write_text(path.read_text().replace('"kind":', '"kind": '))
    assert audit(tmp_path).corrupt == 0
    path.write_text(path.read_text().replace('"epochs":3', '"epochs":4'))
    assert audit(tmp_path).corrupt == 1


def test_every_byte_of_a_record_is_guarded(tmp_path, keeper):
    keeper.keep()
    (path,) = tmp_path.glob("cells/*/*/attempt-*.json")
    whole = path.read_bytes()
    for place in range(0, len(whole), 13):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            harmless = audit(tmp_path).corrupt == 1
        except StoreError as error:  # the digit of the schema
            harmless = error.fix == "upgrade wbcray"
        assert harmless, place


def test_a_record_of_a_newer_schema_is_refused_and_not_called_corrupt(tmp_path):
    path = tmp_path / "run.json"
    commit(path, "run", {})
    path.write_text(path.read_text().replace('"schema":2', '"schema":3'))
    with pytest.raises(StoreError) as caught:
        audit(tmp_path)
    assert caught.value.fix == "upgrade wbcray"


def test_a_record_whose_kind_is_no_text_any_more_is_corrupt(tmp_path):
    path = tmp_path / "cells/0f0f0f0f0f0f0f0f/north--fold0--seed0/begun-001.json"
    commit(path, "begun", {"pid": 1, "node": "0" * 8})
    path.write_bytes(path.read_bytes().replace(b'"begun"', b'"\xe2egun"'))
    assert audit(tmp_path).corrupt == 1
