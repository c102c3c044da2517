import shutil
from dataclasses import replace

import pytest
from PIL import Image

from wbcray.core.errors import RefusedError
from wbcray.core.project import load_project
from wbcray.core.sample import Sample
from wbcray.training.image_record import _patient
from wbcray.training.open_run import open_run
from wbcray.training.settings import settings_of


@pytest.fixture
def own(tmp_path, cells, run, project):
    """The project, on a copy of the images that may be changed, with a run that was begun."""
    images = shutil.copytree(cells, tmp_path / "images")
    text = project.path.read_text().replace(str(cells), str(images))
    project.path.write_text(text)
    opened = load_project(project.path)
    return images, opened, open_run(opened, "copy", settings_of(opened)).folder


def refusal(project, **changes):
    with pytest.raises(RefusedError) as caught:
        open_run(project, "copy", settings_of(project, **changes))
    assert "--run NAME" in caught.value.fix
    return caught.value.what


def test_a_refusal_names_the_images_that_changed(own):
    images, project, _ = own
    (images / "north" / "blast" / "5.png").unlink()
    Image.new("RGB", (32, 32), (1, 2, 3)).save(images / "north" / "blast" / "99.png")
    Image.new("RGB", (32, 32), (3, 2, 1)).save(images / "west" / "monocyte" / "0.png")
    said = refusal(project)
    assert "(3 images changed: " in said
    assert "north: 1 added: blast/99.png" in said
    assert "north: 1 removed: blast/5.png" in said
    assert "west: 1 with other pixels: monocyte/0.png" in said


def test_a_refusal_names_the_first_of_many(own):
    images, project, _ = own
    for number in range(5):
        (images / "south" / "blast" / f"{number}.png").unlink()
    assert "south: 5 removed: blast/0.png, blast/1.png, blast/2.png, ...)" in refusal(project)


def test_an_image_in_another_class_has_another_name_and_is_told_as_such(own):
    images, project, _ = own
    (images / "south" / "blast" / "3.png").rename(images / "south" / "monocyte" / "33.png")
    assert "1 added: monocyte/33.png; south: 1 removed: blast/3.png" in refusal(project)


def test_other_settings_say_nothing_about_images(own):
    _, project, _ = own
    assert "images" not in refusal(project, epochs=7)


@pytest.mark.parametrize("text", ["{", None])
def test_a_lost_list_is_made_anew_while_the_images_are_the_same(own, text):
    _, project, folder = own
    path = folder / "images.json"
    whole = path.read_bytes()
    path.write_text(text) if text else path.unlink()
    open_run(project, "copy", settings_of(project))
    assert path.read_bytes() == whole


def test_without_the_list_the_data_are_refused_all_the_same(own):
    images, project, folder = own
    (folder / "images.json").unlink()
    (images / "north" / "blast" / "5.png").unlink()
    said = refusal(project)
    assert "data_fingerprint: " in said
    assert "images changed" not in said


def test_a_patient_is_listed_as_a_hash():
    sample = Sample(path="a.png", label="blast", domain="north", patient="Jane Roe")
    assert set(_patient(sample)) <= set("0123456789abcdef")
    assert _patient(sample) != _patient(replace(sample, patient="John Roe"))
    assert _patient(replace(sample, patient=None)) is None
