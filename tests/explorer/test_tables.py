"""Reading a run's tables."""

import json

import pandas as pd
import pytest

from wbcray.core.errors import StoreError
from wbcray.explorer.reading.facts import RunFacts
from wbcray.explorer.reading.tables import COLUMNS, read_tables


def test_a_run_folder_reads_back_as_it_was_written(run_folder, realistic):
    found = read_tables(run_folder)
    assert found.facts == realistic.facts
    for name in COLUMNS:
        pd.testing.assert_frame_equal(
            getattr(found, name), getattr(realistic, name), check_dtype=False
        )


def test_a_missing_table_names_its_file_and_the_command_that_mends_it(run_folder):
    (run_folder / "tables" / "curves.parquet").unlink()
    with pytest.raises(StoreError) as caught:
        read_tables(run_folder)
    assert caught.value.where.endswith("curves.parquet")
    assert "wbcray store rebuild" in caught.value.fix


def test_a_torn_table_is_a_store_error(run_folder):
    (run_folder / "tables" / "cells.parquet").write_bytes(b"PAR1 and nothing else")
    with pytest.raises(StoreError, match="cannot read a table"):
        read_tables(run_folder)


def test_torn_facts_are_a_store_error(run_folder):
    (run_folder / "facts.json").write_text('{"run": ', encoding="utf-8")
    with pytest.raises(StoreError, match="cannot read the run's facts"):
        read_tables(run_folder)


def test_facts_that_lack_a_key_say_which(run_folder):
    path = run_folder / "facts.json"
    facts = json.loads(path.read_text(encoding="utf-8"))
    del facts["openings"]
    with pytest.raises(StoreError, match="lack openings"):
        RunFacts.from_json(facts)


def test_facts_of_the_wrong_kind_are_a_store_error(run_folder):
    facts = json.loads((run_folder / "facts.json").read_text(encoding="utf-8"))
    with pytest.raises(StoreError, match="cannot be read"):
        RunFacts.from_json(facts | {"folds": "many"})


def test_a_lacking_column_is_named(run_folder):
    path = run_folder / "tables" / "cells.parquet"
    pd.read_parquet(path).drop(columns="test_opened").to_parquet(path)
    with pytest.raises(StoreError, match="'cells' lacks test_opened"):
        read_tables(run_folder)


def test_a_class_that_the_facts_do_not_know_is_refused(run_folder):
    path = run_folder / "tables" / "confusion.parquet"
    pd.read_parquet(path).replace({"true": {"monocyte": "monocite"}}).to_parquet(path)
    with pytest.raises(StoreError, match="monocite"):
        read_tables(run_folder)
