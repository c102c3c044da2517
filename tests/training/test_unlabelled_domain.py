"""A domain without labels in a run: nothing learns from it, nothing is counted on it."""

import pytest
import torch
from generated_cells import CLASSES, DOMAINS
from projects import project_of

from wbcray.explorer.reading.verification import verify
from wbcray.store.cells import CellStore
from wbcray.training.open_run import load_run, open_run
from wbcray.training.runtime import LocalRuntime
from wbcray.training.settings import settings_of
from wbcray.training.trial import run_trial


@pytest.fixture
def run(tmp_path, cells):
    """The generated domains, and three of their images as a table without labels."""
    (tmp_path / "target").mkdir()
    rows = []
    for image in sorted((cells / "north" / "monocyte").glob("*.png"))[:3]:
        (tmp_path / "target" / image.name).write_bytes(image.read_bytes())
        rows.append(f"{image.name},\n")
    (tmp_path / "target" / "images.csv").write_text("image,label\n" + "".join(rows))
    project = project_of(
        tmp_path,
        {name: cells / name for name in DOMAINS} | {"target": "target/images.csv"},
        CLASSES,
        allow=["leakage"],
        image={"size": 32},
        network={"backbone": "resnet18", "weights": "none"},
        training={"epochs": 1, "folds": 2, "precision": "float32"},
        optimizer={"batch_size": 8},
    )
    return open_run(project, "main", settings_of(project)), settings_of(project)


@pytest.mark.parametrize(
    ("held_out", "domains", "sealed"),
    # domains in order: north, south, target, west; 28 images in each but the target
    [("target", [14, 14, 0, 14], [0, 0, 0, 0]), ("west", [14, 14, 0, 0], [0, 0, 0, 28])],
)
def test_only_images_with_labels_are_counted(run, held_out, domains, sealed):
    opened, settings = run
    (record,) = run_trial(
        settings.config("boda", {}),
        opened.data(held_out),
        CellStore(opened.folder),
        LocalRuntime(torch.device("cpu")),
        folds=(0,),
        seed=0,
    )
    # half of each source domain validates, give or take an image of an odd class
    found = record.counts.sum(axis=(1, 2)).tolist()
    assert found == pytest.approx(domains, abs=2)
    assert found[2] == 0
    counts = CellStore(opened.folder).sealed_counts(record).reveal()
    assert counts.sum(axis=(1, 2)).tolist() == sealed


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("held_out", ["target", "west"])
def test_a_cell_that_held_out_images_without_labels_is_whole(run, held_out, listed):
    opened, settings = run
    data, cells = opened.data(held_out), CellStore(opened.folder)
    config, here = settings.config("erm", {}), LocalRuntime(torch.device("cpu"))
    run_trial(config, data, cells, here, folds=(0,), seed=0)
    if not listed:
        (opened.folder / "data.json").unlink()
    assert verify(opened.folder).wrong == ()


def test_a_worker_sees_the_same_catalog(run):
    opened, _ = run
    catalog = load_run(opened.folder).catalog
    assert catalog == opened.catalog
    assert catalog.labels().count(-1) == 3
