import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from wbcray.core.digest import canonical_json, sha256_hex
from wbcray.explorer.reading.rebuild import rebuild
from wbcray.explorer.reading.tables import COLUMNS
from wbcray.explorer.reading.verification import verify

EARLIER = Path(__file__).parents[1] / "store" / "earlier" / "schema_1"
CELL = "cells/9bc7a51455f320d8/west--fold0--seed0/attempt-001.json"
SEALED = CELL.replace("cells", "sealed", 1)
TOLD = "studies/boda--west/trials/00000-told.json"


@pytest.fixture
def run(tmp_path):
    """A run with cells, a study, a comparison and their tables."""
    folder = Path(shutil.copytree(EARLIER, tmp_path / "main"))
    rebuild(folder)
    return folder


def forge(path, **changes):
    """Change a record as somebody would who also mends its hash."""
    envelope = json.loads(path.read_text())
    envelope["payload"] |= changes
    envelope["sha256"] = sha256_hex(canonical_json(envelope["payload"]))
    path.write_bytes(canonical_json(envelope))


def payload(path):
    return json.loads(path.read_text())["payload"]


def told_cell(run):
    """A cell that the complete trial stands on."""
    asked = payload(run / TOLD.replace("told", "asked"))
    (path,) = [
        path
        for path in run.glob("cells/*/west--fold0--seed0/attempt-001.json")
        if payload(path)["config"] == asked["config"]
    ]
    return path


def wrong(run):
    found = verify(run)
    assert found.audit.corrupt == 0
    assert not found.is_sound
    return " / ".join(f"{problem.path}: {problem.what}" for problem in found.wrong)


def test_an_untouched_run_is_sound(run):
    found = verify(run)
    assert found.is_sound
    assert (found.cells, found.scores) == (8, 1)
    assert (found.wrong, found.stale, found.unchecked) == ((), (), ())


def test_verifying_writes_nothing(run):
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    verify(run)
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*")} == before


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"fold": 1}, "the record is of"),
        ({"held_out": "north"}, "the record is of"),
        ({"config_digest": "0" * 16}, "another digest"),
        ({"images": {"train": 28, "validation": 28, "test": 29}}, "images, the split has"),
        ({"data_fingerprint": "0" * 32}, "other data"),
        ({"split": "0" * 16}, "another split"),
        ({"best_epoch": 5}, "its best epoch is 0 by its counts, not 5"),
        ({"counts": [[[1]]]}, "shape"),
        ({"reports": None}, "the record is no cell's"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_cell_with_a_mended_hash_is_still_found_out(run, changes, words):
    forge(run / CELL, **changes)
    assert words in wrong(run)


def test_counts_of_other_numbers_of_images_are_found_out(run):
    counts = payload(run / CELL)["counts"]
    counts[0][0][0] += 1
    forge(run / CELL, counts=counts)
    assert "29 images instead of 28" in wrong(run)


def test_validation_counts_of_the_held_out_domain_are_found_out(run):
    counts = payload(run / CELL)["counts"]
    counts[0], counts[2] = counts[2], counts[0]
    forge(run / CELL, counts=counts)
    assert "validation counts of the domain that is held out" in wrong(run)


def test_held_out_counts_of_another_domain_are_found_out(run):
    counts = payload(run / SEALED)["counts"]
    forge(run / SEALED, counts=counts[::-1])
    assert "another domain than the one that is held out" in wrong(run)


def test_other_splits_than_those_of_the_run_are_found_out(run):
    splits = payload(run / "splits.json")
    splits["west"]["test"].reverse()
    forge(run / "splits.json", **splits)
    assert "splits.json: the splits are not those of the run" in wrong(run)


@pytest.mark.parametrize("field", ["value", "values"])
def test_a_score_that_does_not_follow_from_its_counts_is_found_out(run, field):
    before = payload(run / TOLD)[field]
    better = before + 1e-9 if field == "value" else [before[0] + 1e-9, before[1] - 1e-9]
    forge(run / TOLD, **{field: better})
    assert f"{TOLD}: " in wrong(run)
    assert "by its counts" in wrong(run)


def test_counts_that_do_not_give_the_recorded_score_are_found_out(run):
    path = told_cell(run)
    counts = payload(path)["counts"]
    counts[0][0][0], counts[0][0][1] = counts[0][0][1], counts[0][0][0]
    forge(path, counts=counts)
    assert "fold 0 is recorded as" in wrong(run)


def test_a_score_whose_counts_are_gone_is_found_out(run):
    shutil.rmtree(told_cell(run).parent)
    assert "fold 0 has no result" in wrong(run)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_table_that_a_rebuild_would_change_is_stale_and_not_corrupt(run, name):
    path = run / "tables" / f"{name}.parquet"
    pd.read_parquet(path).iloc[1:].to_parquet(path, index=False)
    found = verify(run)
    assert found.stale == (f"tables/{name}.parquet",)
    assert found.is_sound


def test_damaged_tables_and_facts_are_stale(run):
    (run / "tables" / "cells.parquet").write_bytes(b"PAR1")
    (run / "facts.json").write_text("{")
    assert verify(run).stale == ("tables/cells.parquet", "facts.json")


def test_a_kept_checkpoint_is_hashed(run):
    folder = (run / CELL).with_name("weights-001")
    folder.mkdir()
    data = b"tensors"
    described = {"file": "weights.safetensors", "sha256": sha256_hex(data)}
    (folder / "weights.json").write_text(json.dumps(described))
    (folder / "weights.safetensors").write_bytes(data)
    assert (verify(run).weights, verify(run).is_sound) == (1, True)
    (folder / "weights.safetensors").write_bytes(b"tensorz")
    assert "do not match the hash" in wrong(run)
    (folder / "weights.safetensors").unlink()
    assert "weights-001: corrupt" in wrong(run)


@pytest.mark.parametrize("name", ["run.json", "splits.json"])
def test_without_the_runs_own_records_hashes_are_still_checked(run, name):
    (run / name).write_text("{")
    found = verify(run)
    assert found.audit.corrupt_paths == (name,)
    assert found.cells == 8
    assert any("names and totals" in text for text in found.unchecked)


def test_deleted_tables_come_back_equal(run):
    before = {path: pd.read_parquet(path) for path in run.glob("tables/*.parquet")}
    facts = json.loads((run / "facts.json").read_text())
    shutil.rmtree(run / "tables")
    (run / "facts.json").unlink()
    rebuild(run)
    assert len(before) == len(COLUMNS)
    for path, frame in before.items():
        pd.testing.assert_frame_equal(pd.read_parquet(path), frame)
    assert json.loads((run / "facts.json").read_text()) == facts
