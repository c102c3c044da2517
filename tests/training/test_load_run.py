"""A run as its workers see it: the same data, on whatever machine, and no more than they need."""

import shutil
from dataclasses import replace

import pytest

from wbcray.core.errors import DataError
from wbcray.data.catalog import catalog_of
from wbcray.training import open_run as module
from wbcray.training.open_run import load_run


@pytest.fixture
def own_images(project, cells, tmp_path):
    """The project's run on images of its own, which a test may change."""
    from wbcray.training.open_run import open_run
    from wbcray.training.settings import settings_of

    copied = shutil.copytree(cells, tmp_path / "copied")
    domains = tuple(replace(d, path=copied / d.path.name) for d in project.domains)
    mine = replace(project, domains=domains)
    return open_run(mine, "mine", settings_of(mine)), copied


def test_a_worker_sees_the_run_without_its_project(run):
    seen = load_run(run.folder)
    assert seen.catalog == run.catalog
    assert seen.pixels.fingerprint == run.pixels.fingerprint


def test_a_worker_whose_machine_has_no_decoded_pixels_decodes_them(own_images):
    run, _ = own_images
    for folder in run.pixels.folders:
        shutil.rmtree(folder)
    assert load_run(run.folder).pixels.fingerprint == run.pixels.fingerprint


def test_a_worker_that_has_the_decoded_pixels_needs_no_images(own_images):
    run, images = own_images
    shutil.rmtree(images)
    assert load_run(run.folder).pixels.fingerprint == run.pixels.fingerprint


def test_other_images_on_the_worker_s_machine_are_refused(own_images):
    run, images = own_images
    for folder in run.pixels.folders:
        shutil.rmtree(folder)
    first, second = sorted(images.rglob("*.png"))[:2]
    shutil.copyfile(first, second)
    with pytest.raises(DataError, match="not those that the run was begun with") as caught:
        load_run(run.folder)
    assert str(images) in caught.value.where


def test_a_worker_gets_the_same_data_without_the_names_of_patients(project, settings, monkeypatch):
    def named(*args):
        catalog = catalog_of(*args)
        samples = tuple(
            replace(sample, patient=f"Jane Roe {number}")
            for number, sample in enumerate(catalog.samples)
        )
        return replace(catalog, samples=samples)

    monkeypatch.setattr(module, "catalog_of", named)
    run = module.open_run(project, "main", settings)
    assert "Jane" not in "".join(path.read_text() for path in run.folder.glob("*.json"))
    seen = load_run(run.folder)
    assert seen.pixels.fingerprint == run.pixels.fingerprint
    assert seen.catalog.labels() == run.catalog.labels()
    assert seen.splits == run.splits
