import pytest
from domain_on_disk import fill, reading, refusal, touch

from wbcray.core.sample import Sample
from wbcray.data.catalog import image_root


@pytest.fixture
def images(tmp_path):
    return tmp_path / "images"


# --- folders of class folders -------------------------------------------------------------------


def test_a_domain_that_is_not_there_is_refused_with_its_path(images):
    assert refusal(images).where == str(images)


def test_a_folder_without_class_folders_is_refused_with_what_is_there(images):
    touch(images / "1.png")
    assert "expected class folders" in refusal(images).fix
    assert refusal(images).what == (
        "domain 'north' has no image: there are 1 files (first: '1.png') and 0 folders"
    )


def test_a_misspelt_class_folder_is_answered_with_the_nearest_class(images):
    fill(images, neutrofil=3)
    error = refusal(images)
    assert error.what == "label 'neutrofil' (3 images) is not among the classes"
    assert "did you mean 'neutrophil'" in error.fix
    assert error.where == str(images / "neutrofil")


def test_every_unknown_label_is_named_at_once(images):
    fill(images, blast=1, neutrofil=3, basophil=1)
    assert refusal(images).what.endswith("not among the classes; nor are 'neutrofil'")


def test_hidden_and_system_files_are_no_images(images):
    touch(
        images / "basophil/1.png",
        images / "basophil/._1.png",
        images / "basophil/Thumbs.db",
        images / "__MACOSX/1.png",
        images / ".git/1.png",
    )
    assert reading(images).samples == (
        Sample(path="basophil/1.png", label="basophil", domain="north"),
    )


def test_paths_of_a_folder_are_relative_to_itself(tmp_path):
    assert image_root(tmp_path) == tmp_path


# --- labels -------------------------------------------------------------------------------------


def test_a_label_map_renames_labels_and_leaves_others_out(images):
    fill(images, Neutrofil=2, artefact=3, basophil=1)
    found = reading(images, {"label_map": {"Neutrofil": "neutrophil", "artefact": None}})
    assert [sample.label for sample in found.samples] == ["neutrophil", "neutrophil", "basophil"]
    assert found.codes == {"Neutrofil": 2, "artefact": 3, "basophil": 1}
    assert found.left_out == {"artefact": 3}


def test_spelling_variants_are_resolved_by_a_label_space(images):
    fill(images, **{"Neutrophil band": 1, "NORMOBLAST": 1, "smudge-cell": 1})
    labels = {sample.label for sample in reading(images, classes="canonical13").samples}
    assert labels == {"neutrophil_banded", "erythroblast", "smudge_cell"}


def test_a_list_of_classes_takes_names_as_they_are(images):
    fill(images, NEUTROPHIL=1)
    assert "label 'NEUTROPHIL'" in refusal(images).what


def test_classes_that_the_label_space_lacks_are_left_out_and_counted(images):
    fill(images, myeloblast=4, neutrophil_segmented=2, neutrophil_banded=1)
    found = reading(images, classes="coarse5")
    assert [sample.label for sample in found.samples] == ["neutrophil"] * 3
    assert found.left_out == {"myeloblast": 4}


def test_a_coarse_label_is_not_guessed_to_be_one_of_the_finer_classes(images):
    fill(images, neutrophil=1)
    assert "use `classes: coarse5`" in refusal(images, classes="canonical13").fix


def test_a_domain_all_of_whose_labels_are_left_out_has_no_images(images):
    fill(images, myeloblast=4)
    assert "has no image of a class" in refusal(images, classes="coarse5").what


# --- which images -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pattern", ["*_old.png", "basophil/1_old.png", "**/*_old.png", "./basophil/1_old.png"]
)
def test_ignored_images_are_as_if_they_were_not_there(images, pattern):
    touch(images / "basophil/1.png", images / "basophil/1_old.png")
    found = reading(images, {"ignore": [pattern]})
    assert [sample.path for sample in found.samples] == ["basophil/1.png"]
    assert found.codes == {"basophil": 1}


@pytest.mark.parametrize("pattern", ["artefacts", "artefacts/", "art*", "artefacts/*"])
def test_an_ignored_folder_needs_no_class(images, pattern):
    fill(images, artefacts=2, basophil=1)
    assert reading(images, {"ignore": [pattern]}).codes == {"basophil": 1}


def test_an_ignored_folder_may_be_empty(images):
    fill(images, artefacts=0, basophil=1)
    (images / "artefacts").mkdir()
    assert reading(images, {"ignore": ["artefacts"]}).codes == {"basophil": 1}


def test_a_listed_path_is_meant_literally_whatever_it_holds(images):
    touch(images / "basophil/a[1].png", images / "basophil/a1.png", images / "basophil/b.png")
    found = reading(images, {"ignore": ["basophil/a[1].png"]})
    # as a pattern it means a1.png, too
    assert [sample.path for sample in found.samples] == ["basophil/b.png"]
