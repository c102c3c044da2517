"""The folder of an export: what is written, what is refused, and what is left alone."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from chromium import needed

from wbcray.core.errors import RefusedError, ResourceError
from wbcray.explorer.choice import Choice
from wbcray.explorer.exports import drawn_figures, predictions
from wbcray.explorer.exports.folder import MANIFEST, ExportFolder
from wbcray.explorer.exports.run_export import FORMATS, ExportOrder, export_run
from wbcray.explorer.reading.outputs import Outputs
from wbcray.explorer.report.drawing import asked

ORDER = ExportOrder(formats=FORMATS, figures=(), insist=False, reference="erm")
HOME = {"home": [[10, 0, 0], [0, 10, 0], [0, 0, 10]]}


def names(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


@pytest.fixture
def small(builder):
    """Two methods with one cell each, opened."""
    run = builder()
    for method in ("erm", "boda"):
        run.cell(method, "away", 0, validation=HOME, unseen=[[5, 5, 0], [0, 9, 1], [0, 0, 10]])
        run.curve(method, "away", 0, [0.1, 0.2])
    return run.trial("boda", "away", 0, 0.5, lr=0.1).trial("boda", "away", 1, 0.6, lr=0.2).build()


def test_every_format_is_written_and_the_manifest_names_each_file(small, tmp_path):
    done = export_run(small, tmp_path / "e", ORDER)
    assert names(tmp_path / "e") == sorted(done.files)
    assert set(done.files) >= {
        *("csv/leaderboard.csv", "csv/classes.csv", "csv/confusion.csv", "csv/trials.csv"),
        *("csv/curves.csv", "csv/coverage.csv", "csv/cells.csv", "csv/wide/scores-unseen.csv"),
        *("latex/scores.tex", "latex/comparison.tex", "latex/classes.tex"),
        *("tables.md", "protocol.json", MANIFEST),
    }
    noted = json.loads((tmp_path / "e" / MANIFEST).read_text())
    assert noted["complete"] is True
    assert [*noted["files"], MANIFEST] == list(done.files)


def test_the_protocol_is_json_without_nan_and_says_what_stands_for_each_method(small, tmp_path):
    export_run(small, tmp_path / "e", replace(ORDER, formats=()))
    text = (tmp_path / "e/protocol.json").read_text(encoding="utf-8")
    told = json.loads(text, parse_constant=pytest.fail)
    assert told["watermarks"] == []
    assert told["facts"]["data_fingerprint"] == "d" * 16
    assert {c["method"]: c["cells"] for c in told["configurations"]} == {"boda": 1, "erm": 1}
    assert told["studies"][0]["best"] == 0.6
    assert "1 configuration have been opened" in told["card"]["Test openings"]
    assert names(tmp_path / "e") == [MANIFEST, "protocol.json"]


def test_a_folder_with_other_files_is_refused_and_left_alone(small, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(RefusedError, match="files that no export wrote"):
        export_run(small, tmp_path, ORDER)
    assert names(tmp_path) == ["mine.txt"]


def test_by_force_the_files_of_others_stay(small, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    export_run(small, tmp_path, replace(ORDER, force=True))
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert "tables.md" in names(tmp_path)


def test_an_earlier_export_is_replaced_and_what_it_alone_had_is_removed(small, tmp_path):
    export_run(small, tmp_path, ORDER)
    (tmp_path / "mine.txt").write_text("mine")
    export_run(small, tmp_path, replace(ORDER, formats=("md",)))
    assert names(tmp_path) == [MANIFEST, "mine.txt", "protocol.json", "tables.md"]


def test_an_export_that_was_broken_off_is_replaced_without_force(small, tmp_path):
    ExportFolder(tmp_path).write("tables.md", "half of an export")
    export_run(small, tmp_path, ORDER)
    assert "half" not in (tmp_path / "tables.md").read_text(encoding="utf-8")


def test_a_manifest_that_names_files_elsewhere_removes_none_of_them(small, tmp_path):
    (tmp_path / "precious.txt").write_text("mine")
    folder = tmp_path / "e"
    folder.mkdir()
    noted = {
        "made_by": "wbcray export",
        "files": ["../precious.txt", str(tmp_path / "precious.txt")],
    }
    (folder / MANIFEST).write_text(json.dumps(noted))
    export_run(small, folder, ORDER)
    assert (tmp_path / "precious.txt").read_text() == "mine"


def test_a_file_in_place_of_the_folder_is_refused(small, tmp_path):
    (tmp_path / "e").write_text("mine")
    with pytest.raises(RefusedError, match="a file of this name"):
        export_run(small, tmp_path / "e", ORDER)


def test_a_folder_that_cannot_be_written_is_said(small, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ResourceError, match="the export cannot be written"):
        export_run(small, tmp_path / "file" / "e", ORDER)


def test_without_outputs_the_export_says_what_keeps_them(small, tmp_path):
    done = export_run(small, tmp_path / "e", ORDER)
    assert [text.partition(":")[0] for text in done.left_out] == [
        "predictions (unseen)",
        "predictions (validation)",
    ]
    assert all("`wbcray compare` keeps them" in text for text in done.left_out)


def kept(_tables, method, split, *, held_out):
    """Outputs of boda on the unseen domain: two images."""
    if (method, split, held_out) != ("boda", "unseen", "away"):
        return None
    image = {"fold": 0, "seed": 0, "domain": "away"}
    rows = [
        image | {"image": "img-1", "true": "a", "predicted": "b"},
        image | {"image": "img-2", "true": "c", "predicted": "c"},
    ]
    shares = np.array([[0.25, 0.75, 0], [0, 0.125, 0.875]], np.float32)
    return Outputs(
        rows=pd.DataFrame(rows),
        probabilities=shares,
        sampled=np.zeros(0, np.int64),
        features=np.zeros((0, 4), np.float32),
    )


def test_predictions_are_parquet_that_explains_itself(small, tmp_path, monkeypatch):
    monkeypatch.setattr(predictions, "outputs_of", kept)
    tables = replace(small, facts=replace(small.facts, synthetic=True))
    done = export_run(tables, tmp_path, replace(ORDER, formats=("parquet",)))
    assert "predictions/unseen.parquet" in done.files
    assert "predictions/validation.parquet" not in done.files
    assert names(tmp_path) == sorted(done.files)
    found = pq.read_table(tmp_path / "predictions/unseen.parquet")
    assert found.to_pylist() == [
        {"split": "unseen", "method": "boda", "held_out": "away", "fold": 0, "seed": 0}
        | {"image": "img-1", "domain": "away", "true": "a", "predicted": "b"}
        | {"p_a": 0.25, "p_b": 0.75, "p_c": 0.0, "watermark": "SYNTHETIC"},
        {"split": "unseen", "method": "boda", "held_out": "away", "fold": 0, "seed": 0}
        | {"image": "img-2", "domain": "away", "true": "c", "predicted": "c"}
        | {"p_a": 0.0, "p_b": 0.125, "p_c": 0.875, "watermark": "SYNTHETIC"},
    ]
    described = json.loads(found.schema.metadata[predictions.SCHEMA_KEY])
    assert described["classes"] == ["a", "b", "c"]
    known = {*described["columns"]} - {"p_<class>"}
    assert known | {"p_a", "p_b", "p_c"} == set(found.column_names)
    assert described["watermarks"][0].startswith("SYNTHETIC")


@pytest.fixture
def no_kaleido(monkeypatch):
    monkeypatch.setattr(drawn_figures, "find_spec", lambda _name: None)


@pytest.mark.usefixtures("no_kaleido")
def test_without_kaleido_the_rest_is_written_and_the_fix_is_said(small, tmp_path):
    done = export_run(small, tmp_path, replace(ORDER, figures=("svg",)))
    assert done.left_out[-1] == (
        "figures: figures need Kaleido, which is not installed; "
        'pip install "wbcray[paper]", or --figures none'
    )
    assert "tables.md" in names(tmp_path)


@pytest.mark.usefixtures("no_kaleido")
def test_figures_that_were_asked_for_and_cannot_be_drawn_are_an_error(small, tmp_path):
    with pytest.raises(ResourceError, match="Kaleido") as caught:
        export_run(small, tmp_path, replace(ORDER, figures=("svg",), insist=True))
    assert caught.value.exit_code == 5
    assert "tables.md" in names(tmp_path)
    assert json.loads((tmp_path / MANIFEST).read_text())["complete"] is True


def test_without_a_chrome_the_fix_names_it(small, tmp_path, monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "no_such_chrome"))
    with pytest.raises(ResourceError, match="need a Chrome or Chromium") as caught:
        export_run(small, tmp_path / "e", replace(ORDER, figures=("svg",), insist=True))
    assert "BROWSER_PATH" in caught.value.fix
    assert not [name for name in names(tmp_path / "e") if "figures" in name]


@pytest.mark.browser
def test_a_chrome_draws_figures_that_are_whole(small, tmp_path, monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", str(needed()))
    coverage = tuple(one for one in asked(small, Choice()) if one.view.anchor == "coverage")
    folder = ExportFolder(tmp_path)
    assert drawn_figures.write_figures(folder, coverage, small, ("svg", "pdf")) == ()
    assert sorted(folder.files) == [
        "figures/coverage-01-cells.pdf",
        "figures/coverage-01-cells.svg",
    ]
    drawing = ET.parse(tmp_path / "figures/coverage-01-cells.svg").getroot()  # noqa: S314  # our own
    assert "boda" in [text.text for text in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert (tmp_path / "figures/coverage-01-cells.pdf").read_bytes().startswith(b"%PDF")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_label_becomes_a_harmless_part_of_a_file_s_name():
    assert drawn_figures._file_part("unseen Tecom: F1") == "unseen-tecom-f1"
    assert drawn_figures._file_part("../../etc/<passwd>") == "etc-passwd"
    assert drawn_figures._file_part("…") == "figure"
    assert len(drawn_figures._file_part("x" * 99)) == 40
