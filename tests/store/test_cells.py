import pytest
from small_records import make_config

from wbcray.core.errors import ResourceError, StoreError
from wbcray.store.attempts import Attempt
from wbcray.store.cell import CellKey


def attempts(run, part):
    return sorted(path.name for path in run.glob(f"{part}/*/*/attempt-*.json"))


def spoil(run, part, attempt=1):
    (path,) = run.glob(f"{part}/*/*/attempt-{attempt:03d}.json")
    path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))


def test_a_cell_that_was_never_trained_is_not_found(cells, keeper):
    assert cells.find(keeper.key()) is None


def test_a_cell_is_found_as_it_was_kept(cells, keeper):
    keeper.keep(right=3)
    record = cells.find(keeper.key())
    assert (record.key, record.config) == (keeper.key(), make_config())
    assert record.counts.tolist() == [[[3, 0], [0, 1]], [[0, 0], [0, 0]]]
    assert record.reports[0].counts.tolist() == record.counts.tolist()
    assert (record.best_epoch, record.device, record.seconds) == (0, "cpu", 2.5)
    assert (record.images["test"], record.provenance, record.attempt) == (40, {"threads": 1}, 1)


def test_counts_come_back_as_whole_numbers(keeper):
    assert str(keeper.keep().counts.dtype) == "int64"


def test_another_seed_fold_domain_or_configuration_is_another_cell(cells, keeper):
    keeper.keep()
    others = [
        keeper.key(seed=1),
        keeper.key(fold=1),
        keeper.key(held_out="north"),
        keeper.key(make_config(lr=0.02)),
    ]
    assert [cells.find(key) for key in others] == [None] * 4


def test_the_record_holds_no_held_out_count(tmp_path, keeper):
    keeper.keep(right=77)  # 770 held-out images
    assert "770" not in next(tmp_path.glob("cells/*/*/attempt-001.json")).read_text()
    assert "770" in next(tmp_path.glob("sealed/*/*/attempt-001.json")).read_text()


def test_held_out_counts_come_out_sealed(cells, keeper):
    sealed = cells.sealed_counts(keeper.keep(right=3))
    assert repr(sealed) == "SealedCounts(...)"
    assert sealed.reveal().tolist() == [[[0, 0], [0, 0]], [[30, 0], [0, 10]]]


def test_a_record_says_what_it_was_learnt_from_and_what_was_tried_before(cells, keeper):
    cells.begin(keeper.key()).end("FAILED", "RuntimeError: boom")
    record = keeper.keep()
    assert (record.learnt_from.fingerprint, record.learnt_from.split) == ("data", "split")
    assert record.weights == "0" * 64
    assert record.history == (Attempt(number=1, state="FAILED", reason="RuntimeError: boom"),)


@pytest.mark.parametrize("part", ["cells", "sealed"])
def test_a_record_of_a_newer_wbcray_is_neither_missing_nor_corrupt(tmp_path, cells, keeper, part):
    keeper.keep()
    (path,) = tmp_path.glob(f"{part}/*/*/attempt-001.json")
    path.write_bytes(path.read_bytes().replace(b'"schema":2', b'"schema":3'))
    with pytest.raises(StoreError, match="this wbcray reads up to 2"):
        cells.find(keeper.key())
    if part == "cells":
        with pytest.raises(StoreError, match="this wbcray reads up to 2"):
            cells.attempts(keeper.key())


def test_a_record_that_cannot_be_read_is_not_taken_for_a_missing_one(cells, keeper, monkeypatch):
    keeper.keep()

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    with pytest.raises(ResourceError, match="cannot read a record: Permission denied"):
        cells.find(keeper.key())


def test_the_first_valid_attempt_counts_and_a_later_one_is_superseded(cells, keeper, tmp_path):
    keeper.keep(right=3)
    kept = keeper.keep(right=5)
    assert (kept.attempt, kept.counts[0, 0, 0]) == (1, 3)
    assert attempts(tmp_path, "cells") == ["attempt-001.json", "attempt-002.json"]


@pytest.mark.parametrize("part", ["cells", "sealed"])
def test_a_corrupt_attempt_is_not_found_and_the_next_takes_its_place(cells, keeper, tmp_path, part):
    keeper.keep(right=3)
    spoil(tmp_path, part)
    assert cells.find(keeper.key()) is None
    kept = keeper.keep(right=5)
    assert (kept.attempt, kept.counts[0, 0, 0]) == (2, 5)
    assert cells.sealed_counts(kept).reveal()[1, 0, 0] == 50


def test_a_cell_whose_sealed_part_is_lost_is_not_found(cells, keeper, tmp_path):
    keeper.keep()
    next(tmp_path.glob("sealed/*/*/attempt-001.json")).unlink()
    assert cells.find(keeper.key()) is None


@pytest.mark.parametrize("part", ["cells", "sealed"])
def test_the_file_of_another_cell_does_not_count_in_place_of_its_own(cells, keeper, tmp_path, part):
    keeper.keep(right=3, fold=0)
    keeper.keep(right=5, fold=1)
    first, second = sorted(tmp_path.glob(f"{part}/*/*/attempt-001.json"))
    first.write_bytes(second.read_bytes())
    assert cells.find(keeper.key(fold=0)) is None
    assert cells.find(keeper.key(fold=1)).counts[0, 0, 0] == 5


def test_a_lost_sealed_part_is_never_made_up_from_another_training(cells, keeper, tmp_path):
    keeper.keep(right=3)
    next(tmp_path.glob("sealed/*/*/attempt-001.json")).unlink()
    kept = keeper.keep(right=5)
    assert (kept.attempt, kept.counts[0, 0, 0]) == (2, 5)
    assert cells.sealed_counts(kept).reveal()[1, 0, 0] == 50


def test_a_crash_between_the_two_halves_leaves_no_cell_and_costs_a_number(
    cells, keeper, tmp_path, break_disk
):
    break_disk("link", nth=3)  # 1 begins the attempt, 2 names the sealed half
    with pytest.raises(ResourceError):
        keeper.keep(right=3)
    assert cells.find(keeper.key()) is None
    assert attempts(tmp_path, "cells") == []
    assert keeper.keep(right=5).attempt == 2


@pytest.mark.parametrize(("nth", "left"), [(1, []), (2, ["begun-001.json"])])
def test_a_crash_before_the_first_half_leaves_no_result(keeper, tmp_path, break_disk, nth, left):
    break_disk("link", nth=nth)
    with pytest.raises(ResourceError):
        keeper.keep()
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == left


def test_all_accepted_records_are_listed_once_and_by_name(cells, keeper):
    keeper.keep(fold=1)
    keeper.keep(fold=0)
    keeper.keep(fold=0)
    assert [record.key.fold for record in cells] == [0, 1]


def test_corrupt_cells_and_foreign_folders_are_not_listed(cells, keeper, tmp_path):
    keeper.keep()
    spoil(tmp_path, "cells")
    (tmp_path / "cells" / "notes" / "by hand").mkdir(parents=True)
    assert list(cells) == []


@pytest.mark.parametrize("held_out", ["a--b", "x--fold3", "a.b_c-d"])
def test_a_domain_name_with_dashes_is_read_back(cells, keeper, held_out):
    keeper.keep(held_out=held_out, fold=2, seed=11)
    (record,) = cells
    assert record.key == keeper.key(held_out=held_out, fold=2, seed=11)


def test_a_cell_has_a_folder_that_says_what_it_is():
    key = CellKey(config="0123456789abcdef", held_out="west", fold=2, seed=1)
    assert key.folder == "0123456789abcdef/west--fold2--seed1"


def test_releasing_weights_leaves_the_record(cells, keeper):
    weights = cells.weights_folder(keeper.keep())
    weights.mkdir()
    (weights / "model.safetensors").write_bytes(b"weights")
    cells.release_weights(keeper.key())
    assert not weights.exists()
    assert cells.find(keeper.key()) is not None


def test_releasing_weights_that_are_not_there_is_no_error(cells, keeper):
    cells.release_weights(keeper.key())
    assert cells.find(keeper.key()) is None
