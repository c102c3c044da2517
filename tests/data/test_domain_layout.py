import pytest
from domain_on_disk import reading, refusal, touch
from PIL import Image
from projects import project_of

from wbcray.core.errors import UsageError
from wbcray.data.catalog import scale_of


@pytest.fixture
def images(tmp_path):
    return tmp_path / "images"


# --- published data sets ------------------------------------------------------------------------


@pytest.fixture
def matek(images):
    """Two myeloblasts, a monoblast, and a bilobed promyelocyte, which the default map drops."""
    for code, number in (("MYO", 2), ("MOB", 1), ("PMB", 1), ("MYB", 1)):
        touch(*(images / code / f"{code}_{n:04d}.tiff" for n in range(number)))
    return images


def test_raw_labels_of_a_layout_become_classes(matek):
    found = reading(matek, {"layout": "matek_19"}, "canonical13")
    assert {s.path: s.label for s in found.samples} == {
        "MOB/MOB_0000.tiff": "monocyte",
        "MYB/MYB_0000.tiff": "myelocyte",
        "MYO/MYO_0000.tiff": "myeloblast",
        "MYO/MYO_0001.tiff": "myeloblast",
    }
    assert found.codes == {"MYO": 2, "MOB": 1, "PMB": 1, "MYB": 1}
    assert found.left_out == {"PMB": 1}


def test_another_mapping_of_the_layout_may_be_asked_for(matek):
    found = reading(matek, {"layout": "matek_19", "mapping": "blast"}, "canonical13")
    assert {s.label for s in found.samples if s.path.startswith("MOB")} == {"myeloblast"}
    assert found.left_out == {}


def test_a_label_map_goes_before_the_layouts(matek):
    entry = {"layout": "matek_19", "label_map": {"MYB": "basophil", "MOB": None}}
    found = reading(matek, entry, "canonical13")
    assert {s.label for s in found.samples} == {"basophil", "myeloblast"}
    assert found.left_out == {"MOB": 1, "PMB": 1}


def test_a_list_of_classes_must_hold_what_the_layout_maps_to(matek):
    entry = {"layout": "matek_19"}
    error = refusal(matek, entry, ["myeloblast", "monocyte"])
    assert "label 'MYB' (1 image) is not among the classes" in error.what
    assert "label_map: {MYB: CLASS}" in error.fix


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"layout": "matek_18"}, "unknown layout 'matek_18'"),
        ({"layout": "matek_19", "part": "WBC1"}, "unknown part"),
        ({"layout": "matek_19", "mapping": "blats"}, "unknown mapping"),
        ({"layout": "matek_19", "clean": "rgb"}, "unknown cleaning rule"),
    ],
    ids=["layout", "part", "mapping", "clean"],
)
def test_what_a_layout_does_not_have_is_a_usage_error_with_its_domain(matek, entry, words):
    error = refusal(matek, entry, "canonical13", kind=UsageError)
    assert words in error.what
    assert error.where.endswith("wbcray.yaml:3")


def test_a_published_scale_stands_in_for_one_that_is_not_given(tmp_path):
    project = project_of(
        tmp_path,
        {
            "a": {"path": "a", "layout": "matek_19"},
            "b": {"path": "b", "layout": "matek_19", "um_per_px": 0.5},
            "c": {"path": "c", "um_per_px": 0.25},
            "d": {"path": "d"},
        },
        "canonical13",
    )
    # 13.8 px per um as published
    assert [scale_of(domain) for domain in project.domains] == [1 / 13.8, 0.5, 0.25, None]


def test_cleaning_drops_dark_images_and_counts_them(tmp_path):
    folder = tmp_path / "PBC_dataset_normal_DIB" / "basophil"
    folder.mkdir(parents=True)
    for number, red in enumerate((220, 179, 181)):
        Image.new("RGB", (360, 363), (red, 150, 150)).save(folder / f"BA_{number}.png")
        (folder / f"BA_{number}.png").rename(folder / f"BA_{number}.jpg")
    entry = {"layout": "acevedo_20", "clean": "rgb"}
    found = reading(folder.parent, entry, "canonical13")
    # drop if mean red < 180
    assert [sample.path[-8:] for sample in found.samples] == ["BA_0.jpg", "BA_2.jpg"]
    assert found.cleaned == 1
    assert reading(folder.parent, entry | {"clean": None}, "canonical13").cleaned == 0
