"""`wbcray predict` on a tiny trained run: table, sheet, flags, and what cannot be done."""

import csv
import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from generated_cells import CLASSES, write_project
from PIL import Image

from wbcray.cli.main import run as command
from wbcray.core.project import load_project
from wbcray.store.cells import CellStore
from wbcray.training.open_run import open_run
from wbcray.training.runtime import LocalRuntime
from wbcray.training.settings import settings_of
from wbcray.training.trial import run_trial


@pytest.fixture(scope="module")
def trained(tmp_path_factory, cells):
    """A project whose run `main` keeps the networks of two folds without west."""
    folder = tmp_path_factory.mktemp("trained")
    project = load_project(write_project(folder, cells, epochs=1))
    settings = settings_of(project)
    run = open_run(project, "main", settings)
    store = CellStore(run.folder)
    config = settings.config("erm", {})
    runtime = LocalRuntime(torch.device("cpu"))
    records = run_trial(config, run.data("west"), store, runtime, folds=(0, 1), seed=0)
    return SimpleNamespace(folder=folder, run=run.folder, records=records, images=cells / "west")


@pytest.fixture
def call(trained, tmp_path, monkeypatch, capsys):
    """Runs `wbcray predict` where nothing but the arguments says where the run is."""
    monkeypatch.chdir(tmp_path)

    def predict(*arguments, model=trained.run):
        capsys.readouterr()
        code = command(["predict", *map(str, arguments), "--model", str(model)])
        said = capsys.readouterr()
        return SimpleNamespace(code=code, out=said.out, err=said.err, folder=tmp_path)

    return predict


def table(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def save(path, pixels):
    Image.fromarray(np.asarray(pixels, dtype=np.uint8)).save(path)
    return path


def test_every_image_below_a_folder_has_a_row_with_a_class_and_probabilities(call, trained):
    outcome = call(trained.images)
    assert outcome.code == 0
    rows = table(outcome.folder / "predictions.csv")
    assert len(rows) == 28
    for row in rows:
        shares = [float(row[f"p_{name}"]) for name in CLASSES]
        assert sum(shares) == pytest.approx(1, abs=1e-5)
        assert row["class"] == CLASSES[int(np.argmax(shares))]
        assert float(row["probability"]) == max(shares)
        assert float(row["second_probability"]) == sorted(shares)[-2]


def test_predictions_are_those_that_were_counted_when_the_network_was_judged(call, trained):
    """The same pixels, the same weights: so the same counts, of images given as files."""
    (record,) = [one for one in trained.records if one.key.fold == 1]
    outcome = call(trained.images, model=f"{trained.run}/{record.key.folder}")
    counts = np.zeros((3, 3), dtype=int)
    for row in table(outcome.folder / "predictions.csv"):
        true = row["image"].split("/")[-2]
        counts[CLASSES.index(true), CLASSES.index(row["class"])] += 1
    held_out = CellStore(trained.run).sealed_counts(record).reveal()[2]
    assert counts.tolist() == held_out.tolist()


def test_it_takes_the_best_network_by_validation_and_says_which(call, trained):
    from wbcray.metrics.scores import macro_f1

    best = max(trained.records, key=lambda record: macro_f1(record.counts))
    outcome = call(trained.images)
    assert f"erm without west, fold {best.key.fold}, seed 0, of 2 kept" in outcome.err
    assert "expected calibration error" in outcome.err
    assert "false alarms measured on halves" in outcome.err


def test_an_ensemble_is_the_mean_of_its_networks(call, trained):
    image = min(trained.images.rglob("*.png"))

    def shares(*options, model=trained.run):
        (row,) = json.loads(call(image, "--json", *options, model=model).out)["predictions"]
        return np.array([row[f"p_{name}"] for name in CLASSES])

    alone = [shares(model=f"{trained.run}/{one.key.folder}") for one in trained.records]
    assert shares("--ensemble") == pytest.approx(np.mean(alone, axis=0), abs=2e-6)


def test_noise_and_blank_images_are_flagged(call, tmp_path):
    rng = np.random.default_rng(0)
    odd = [
        save(tmp_path / "noise.png", rng.integers(0, 256, (32, 32, 3))),
        save(tmp_path / "white.png", np.full((32, 32, 3), 255)),
        save(tmp_path / "grey.png", np.full((32, 32, 3), 128)),
        save(tmp_path / "black.png", np.zeros((32, 32, 3))),
    ]
    rows = json.loads(call(*odd, "--json").out)["predictions"]
    assert [row["out_of_distribution"] for row in rows] == [True] * 4


def test_images_of_the_training_domains_are_seldom_flagged(call, trained):
    found = json.loads(call(trained.images.parent / "north", "--json").out)
    flagged = sum(row["out_of_distribution"] for row in found["predictions"])
    assert flagged <= 3  # of 28
    assert found["false_alarms"] <= 0.2


def test_an_unreadable_image_is_a_row_with_a_note(call, trained, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"\x89PNG")
    good = min(trained.images.rglob("*.png"))
    outcome = call(tmp_path / "broken.png", good)
    first, second = table(tmp_path / "predictions.csv")
    assert outcome.code == 0
    assert (first["class"], first["probability"]) == ("", "")
    assert "cannot read" in first["note"]
    assert second["class"] in CLASSES
    assert "1 of 2 images cannot be read" in outcome.err


def test_nothing_readable_is_exit_code_3_and_the_table_says_why(call, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no image")
    outcome = call(tmp_path / "broken.png")
    assert outcome.code == 3
    assert "none of 1 images can be read" in outcome.err
    assert table(tmp_path / "predictions.csv")[0]["note"]


def test_a_file_name_is_no_formula_in_the_table(call, trained, tmp_path):
    good = min(trained.images.rglob("*.png"))
    (tmp_path / "=1+1.png").write_bytes(good.read_bytes())
    call("=1+1.png")
    assert table(tmp_path / "predictions.csv")[0]["image"] == "'=1+1.png"


def test_the_sheet_is_one_file_with_the_strange_and_doubtful_first(call, trained, tmp_path):
    save(tmp_path / "a<b>.png", np.zeros((32, 32, 3)))
    options = ("--sheet", "sheet.html", "--um-per-pixel", "0.5")
    assert call(tmp_path / "a<b>.png", trained.images, *options).code == 0
    page = (tmp_path / "sheet.html").read_text()
    assert page.count("<article") == 29
    assert page.index("a&lt;b&gt;.png") < page.index("</article>")
    assert "<b>.png" not in page
    assert "http" not in page.replace("http-equiv", "")
    # 32 px of .5 um are 16 um; a bar of 5 um is 31.25 % of them
    assert '<span class="bar" style="width:31.25%"></span><span class="um">5 um</span>' in page


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nowhere.png",), 2, "there is no such file or folder"),
        ((".",), 3, "has no image"),
        (("{image}", "--method", "dann"), 4, "keeps no network of dann"),
        (("{image}", "--held-out", "north"), 4, "it keeps: erm without west"),
        (("{image}", "--um-per-pixel", "-1"), 2, "--um-per-pixel must be"),
        (("{image}", "--method", "erms"), 2, "erms"),
    ],
)
def test_what_cannot_be_done_says_how_to_mend_it(call, trained, arguments, code, said):
    image = min(trained.images.rglob("*.png"))
    outcome = call(*(text.format(image=image) for text in arguments))
    assert (outcome.code, said in outcome.err) == (code, True), outcome.err
    assert "fix:" in outcome.err


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("nothing", "there is no run 'nothing'"),
        ("{run}/0000000000000000/west--fold0--seed0", "keeps no network of the cell"),
    ],
)
def test_a_model_that_is_not_there_is_exit_code_4(call, trained, model, said):
    outcome = call(trained.images, model=model.format(run=trained.run))
    assert (outcome.code, said in outcome.err) == (4, True), outcome.err


def test_without_kept_outputs_it_predicts_uncalibrated_and_flags_nothing(
    call, trained, monkeypatch
):
    monkeypatch.setattr("wbcray.store.cells.read_outputs", lambda *_: None)
    outcome = call(trained.images)
    assert outcome.code == 0
    assert "not calibrated" in outcome.err
    assert "nothing is flagged" in outcome.err
    assert table(outcome.folder / "predictions.csv")[0]["out_of_distribution"] == ""


def test_a_damaged_checkpoint_is_exit_code_4(call, trained):
    record = trained.records[0]
    path = CellStore(trained.run).weights_folder(record) / "weights.safetensors"
    whole = path.read_bytes()
    try:
        path.write_bytes(whole[:-1] + b"x")
        outcome = call(trained.images, model=f"{trained.run}/{record.key.folder}")
    finally:
        path.write_bytes(whole)
    assert outcome.code == 4
    assert "do not match its hash" in outcome.err


def test_a_field_of_view_in_micrometres_needs_a_scale(tmp_path):
    from wbcray.core.errors import DataError
    from wbcray.data.new_images import with_scales

    inside, outside = tmp_path / "site" / "a.png", tmp_path / "b.png"
    sources = {"site": (tmp_path / "site", 0.1)}
    (found,) = with_scales([inside], sources, um_per_px=None, field_of_view_um=25.0)
    assert found.um_per_px == 0.1
    with pytest.raises(DataError, match="not known of 1 images"):
        with_scales([inside, outside], sources, um_per_px=None, field_of_view_um=25.0)
    given = with_scales([inside, outside], sources, um_per_px=0.2, field_of_view_um=25.0)
    assert [image.um_per_px for image in given] == [0.2, 0.2]
