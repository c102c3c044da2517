import pytest
from layout_trees import MLL23, acevedo, hida, matek, touch, wbcbench

from wbcray.core.label_space import CANONICAL_CLASSES, COARSE_CLASSES
from wbcray.data.layouts.recognise import recognise


def names(root):
    return [(found.layout, found.part, found.images) for found in recognise(root)]


def test_matek_19_is_known_by_its_codes(tmp_path):
    (found,) = recognise(matek(tmp_path))
    assert (found.layout, found.part, found.images) == ("matek_19", "all", 24)
    assert found.path == tmp_path


def test_acevedo_20_is_known_by_its_prefixes(tmp_path):
    assert names(acevedo(tmp_path)) == [("acevedo_20", "all", 13)]


def test_int_20_is_known_by_its_numbered_folders(tmp_path):
    touch(tmp_path, "01-NORMO/1.TIF", "05-MONO/2.TIF", "15-SEG/3.TIF", "17-Kernschatten/4.TIF")
    assert names(tmp_path) == [("int_20", "all", 4)]


def test_mll23_is_known_by_the_classes_that_it_alone_has(tmp_path):
    touch(tmp_path, *(f"{name}/{name}_0001.TIF" for name in MLL23))
    assert names(tmp_path) == [("mll23", "all", 18)]


def test_wbcbench_is_known_by_its_table(tmp_path):
    assert names(wbcbench(tmp_path)) == [("wbcbench", "phase1", 2)]


def test_the_challenge_is_known_by_the_folders_of_its_parts(tmp_path):
    assert names(hida(tmp_path)) == [
        ("hida", "acevedo_20", 4),
        ("hida", "matek_19", 4),
        ("hida", "wbc1", 2),
        ("hida", "wbc2", 1),
    ]


def test_raabin_is_known_by_two_of_its_parts(tmp_path):
    for part in ("Train", "TestA"):
        touch(tmp_path, *(f"{part}/{name.title()}/1.jpg" for name in COARSE_CLASSES))
    assert names(tmp_path) == [("raabin_wbc", "train", 5), ("raabin_wbc", "test_a", 5)]


def test_the_augmented_copies_of_bccd_are_not_taken_for_its_crops(tmp_path):
    kinds = ("EOSINOPHIL", "LYMPHOCYTE", "MONOCYTE", "NEUTROPHIL")
    for part in ("TRAIN", "TEST"):
        above = f"dataset2-master/dataset2-master/images/{part}"
        touch(tmp_path, *(f"{above}/{kind}/_0_{n}.jpeg" for kind in kinds for n in (1, 2)))
    assert names(tmp_path) == [("bccd", "augmented_train", 8), ("bccd", "augmented_test", 8)]


def test_lisc_is_known_by_its_main_folder(tmp_path):
    touch(tmp_path, *(f"Main Dataset/{name}/1.bmp" for name in ("Baso", "eosi", "lymp", "mono")))
    assert names(tmp_path) == [("lisc", "all", 4)]


def test_class_folders_with_the_published_number_of_images_are_that_data_set(tmp_path):
    counts = {"basophil": 3, "eosinophil": 12, "lymphocyte": 37, "monocyte": 15, "neutrophil": 33}
    touch(tmp_path, *(f"cv/{k}/{n}.png" for k, number in counts.items() for n in range(number)))
    assert names(tmp_path) == []
    (tmp_path / "cv").rename(tmp_path / "cellavision")
    assert names(tmp_path / "cellavision") == [("zheng_sorted", "cellavision", 100)]


@pytest.mark.parametrize("classes", [CANONICAL_CLASSES, COARSE_CLASSES, ("basophil", "monocyte")])
@pytest.mark.parametrize("above", [".", "Train", "site_a"])
def test_class_folders_with_everyday_names_are_nobodys(tmp_path, classes, above):
    touch(tmp_path, *(f"{above}/{name}/1.{end}" for name in classes for end in ("png", "tif")))
    assert recognise(tmp_path) == []


def test_two_codes_may_be_there_by_chance(tmp_path):
    assert recognise(touch(tmp_path, "BAS/1.tif", "EOS/1.tif", "OTHER/1.tif")) == []


def test_a_folder_that_holds_two_data_sets_is_neither_of_them(tmp_path):
    matek(tmp_path / "matek")
    acevedo(tmp_path / "acevedo")
    assert recognise(tmp_path) == []
    assert names(tmp_path / "matek") == [("matek_19", "all", 24)]
    assert names(tmp_path / "acevedo") == [("acevedo_20", "all", 13)]


def test_a_stray_folder_beside_the_codes_changes_nothing(tmp_path):
    matek(tmp_path)
    touch(tmp_path, "AML-Cytomorphology_LMU/AML-Cytomorphology/new/1.tiff")
    assert names(tmp_path) == [("matek_19", "all", 24)]


def test_an_empty_folder_is_nobodys(tmp_path):
    assert recognise(tmp_path) == []
