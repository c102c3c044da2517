"""Outputs of networks: kept beside the checkpoint, sealed for the held-out domain, never needed."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from image_outputs import make_outputs
from small_records import make_config, make_result

from wbcray.core.errors import ResourceError
from wbcray.core.outputs import SealedOutputs
from wbcray.store.cell import Circumstances, LearntFrom
from wbcray.store.kept_weights import wrong_outputs
from wbcray.store.openings import Openings

VALIDATION = make_outputs([0, 0, 0, 1], [0, 0, 0, 1])
HELD_OUT = make_outputs([0, 1], [0, 0], domain=1, positions=[7, 8])


@pytest.fixture
def record(cells, keeper):
    """A cell that kept its outputs."""
    return keep(cells, keeper.key())


def keep(cells, key):
    lease = cells.begin(key)
    result = replace(make_result(), outputs=VALIDATION, sealed_outputs=SealedOutputs(HELD_OUT))
    learnt_from = LearntFrom(fingerprint="data", split="split", images={"train": 8})
    about = Circumstances(weights="0" * 64, learnt_from=learnt_from, provenance={})
    lease.keep(make_config(), result, about)
    return cells.find(key)


def files(run):
    return sorted(path.relative_to(run).as_posix() for path in run.rglob("outputs*"))


def same(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        and getattr(one, name).dtype == getattr(other, name).dtype
        for name in one.__slots__
    )


def test_outputs_come_back_bit_by_bit(cells, record):
    assert same(cells.outputs(record), VALIDATION)


def test_held_out_outputs_lie_in_sealed_and_validation_outputs_with_the_checkpoint(
    tmp_path, record
):
    cell = record.key.folder
    assert files(tmp_path) == [
        f"cells/{cell}/weights-001/outputs.json",
        f"cells/{cell}/weights-001/outputs.safetensors",
        f"sealed/{cell}/outputs-001.json",
        f"sealed/{cell}/outputs-001.safetensors",
    ]


def test_held_out_outputs_are_given_only_of_opened_cells(tmp_path, record):
    openings = Openings(tmp_path)
    assert openings.outputs([record]) == {}
    openings.open([record], "selected")
    assert same(openings.outputs([record])[record.key], HELD_OUT)


def test_held_out_outputs_come_out_sealed(cells, record):
    sealed = cells.sealed_outputs(record)
    assert repr(sealed) == "SealedOutputs(...)"
    with pytest.raises(TypeError, match="sealed"):
        pickle.dumps(sealed)


def test_looking_at_opened_outputs_is_no_new_opening(tmp_path, record):
    openings = Openings(tmp_path)
    openings.open([record], "selected")
    openings.outputs([record])
    assert len(list((tmp_path / "openings").glob("*.json"))) == 1


def test_a_cell_without_outputs_counts_and_has_none(cells, keeper):
    record = keeper.keep()
    assert (cells.outputs(record), cells.sealed_outputs(record)) == (None, None)


@pytest.mark.parametrize("part", ["cells", "sealed"])
@pytest.mark.parametrize("name", ["outputs*.json", "outputs*.safetensors"])
def test_damaged_outputs_are_none_and_verify_names_them(cells, tmp_path, record, part, name):
    (path,) = (tmp_path / part).rglob(name)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    kept = {"cells": cells.outputs, "sealed": cells.sealed_outputs}
    assert kept.pop(part)(record) is None
    assert all(read(record) is not None for read in kept.values())
    assert cells.find(record.key) is not None
    (problem,) = filter(None, wrong_outputs(tmp_path))
    assert problem.path.startswith(f"{part}/{record.key.folder}")
    assert "the result counts" in problem.then


def test_whole_outputs_are_no_problem(tmp_path, record):
    assert list(wrong_outputs(tmp_path)) == [None, None]


def test_outputs_of_another_cell_in_their_place_are_none(cells, keeper, tmp_path, record):
    other = keep(cells, keeper.key(fold=1))
    for path in (tmp_path / "cells" / other.key.folder / "weights-001").iterdir():
        (tmp_path / "cells" / record.key.folder / "weights-001" / path.name).write_bytes(
            path.read_bytes()
        )
    assert cells.outputs(other) is not None
    assert cells.outputs(record) is None


def test_outputs_are_released_with_the_checkpoint(cells, tmp_path, record):
    cells.release_weights(record.key)
    assert files(tmp_path) == []
    assert cells.find(record.key) is not None


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_a_disk_that_is_full_is_said_and_no_record_is_left(
    cells, keeper, break_disk, nth, tmp_path
):
    break_disk("write", nth=nth + 1)  # after the note that an attempt was begun
    with pytest.raises(ResourceError):
        keep(cells, keeper.key())
    assert cells.find(keeper.key()) is None
    assert not list(tmp_path.rglob(".outputs*"))


def test_columns_of_different_lengths_are_no_outputs():
    with pytest.raises(ValueError, match="lengths"):
        replace(VALIDATION, true=VALIDATION.true[:2])


def test_numbers_that_are_not_finite_are_no_outputs():
    with pytest.raises(ValueError, match="finite"):
        replace(VALIDATION, features=np.array([[np.inf, 0]], dtype=np.float16))


def test_counts_are_by_domain_true_and_predicted():
    assert HELD_OUT.counts(domains=2).tolist() == [[[0, 0], [0, 0]], [[1, 0], [1, 0]]]
