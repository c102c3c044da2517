import pytest
from small_records import Keeper, make_config

from wbcray.core.errors import ResourceError
from wbcray.store.cells import CellStore
from wbcray.store.commit import read
from wbcray.store.openings import KIND, Openings


@pytest.fixture
def keeper(tmp_path):
    return Keeper(CellStore(tmp_path))


@pytest.fixture
def openings(tmp_path):
    return Openings(tmp_path)


def records(run):
    return [read(path, KIND) for path in sorted((run / "openings").glob("*.json"))]


def test_nothing_is_open_at_first(openings):
    assert openings.opened() == set()
    assert openings.count() == 0


def test_opening_gives_the_held_out_counts(openings, keeper):
    record = keeper.keep(right=3)
    counts = openings.open([record], "selected")
    assert counts[record.key].tolist() == [[[0, 0], [0, 0]], [[30, 0], [0, 10]]]


def test_an_opening_is_written_down_with_its_reason(openings, keeper, tmp_path):
    record = keeper.keep(fold=1)
    openings.open([record], "oracle")
    (written,) = records(tmp_path)
    cell = {"config": record.key.config, "held_out": "west", "fold": 1, "seed": 0}
    assert written == {"reason": "oracle", "cells": [cell]}


def test_nothing_is_revealed_that_could_not_be_written_down(openings, keeper, break_disk):
    record = keeper.keep()
    break_disk("link")
    with pytest.raises(ResourceError):
        openings.open([record], "selected")
    assert openings.opened() == set()


def test_what_cannot_be_read_after_all_is_written_down_as_opened(openings, keeper, tmp_path):
    record = keeper.keep()
    next(tmp_path.glob("sealed/*/*/*.json")).unlink()
    with pytest.raises(Exception, match="corrupt"):
        openings.open([record], "selected")
    assert openings.opened() == {record.key}


def test_the_same_cell_opened_twice_is_written_down_once(openings, keeper, tmp_path):
    record = keeper.keep()
    openings.open([record], "selected")
    again = openings.open([record], "selected")
    assert again[record.key][1, 0, 0] == 30
    assert len(records(tmp_path)) == 1


def test_a_second_opening_writes_down_what_is_new(openings, keeper, tmp_path):
    first, second = keeper.keep(fold=0), keeper.keep(fold=1)
    openings.open([first], "selected")
    openings.open([first, second], "selected")
    assert [[cell["fold"] for cell in record["cells"]] for record in records(tmp_path)] == [
        [0],
        [1],
    ]


def test_folds_and_seeds_of_one_configuration_count_once(openings, keeper):
    cells = [keeper.keep(fold=fold, seed=seed) for fold in (0, 1) for seed in (0, 1)]
    openings.open(cells, "selected")
    assert openings.count() == 1


def test_configurations_and_domains_count_apart(openings, keeper):
    cells = [
        keeper.keep(make_config(lr), held_out=held_out)
        for lr in (0.01, 0.02)
        for held_out in ("north", "west")
    ]
    openings.open(cells, "selected")
    assert openings.count() == 4


def test_two_who_open_at_once_both_write_down(openings, keeper, tmp_path):
    first, second = keeper.keep(fold=0), keeper.keep(fold=1)
    openings.open([first], "selected")
    (tmp_path / "openings" / "00001.json").rename(tmp_path / "openings" / "00002.json")
    # the next number by counting is 2, which is taken
    openings.open([second], "selected")
    assert openings.opened() == {first.key, second.key}
