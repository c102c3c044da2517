import os
import shutil
from collections import Counter
from dataclasses import replace

import pytest
from layout_trees import MLL23, acevedo, hida, matek, touch

from wbcray.core.errors import DataError, UsageError
from wbcray.data.layouts.load import load_layout
from wbcray.data.layouts.locate import locate


def found(name, root, **options):
    """Path -> raw label."""
    return {image.path: image.code for image in locate(load_layout(name), root, **options)}


def refusal(name, root, **options):
    with pytest.raises(DataError) as caught:
        locate(load_layout(name), root, **options)
    assert caught.value.where
    assert caught.value.fix
    return caught.value


@pytest.mark.parametrize(
    "above",
    [
        "PKG - AML-Cytomorphology_LMU/AML-Cytomorphology_LMU/AML-Cytomorphology",
        "AML-Cytomorphology_LMU/AML-Cytomorphology",
        "AML-Cytomorphology",
        "data/data",
        ".",
    ],
)
def test_matek_19_is_found_below_every_root_that_it_is_published_with(tmp_path, above):
    matek(tmp_path, above)
    images = found("matek_19", tmp_path)
    assert len(images) == 24
    assert Counter(images.values())["MYB"] == 2
    assert images[f"{above}/MYO/MYO_0001.tiff".removeprefix("./")] == "MYO"


@pytest.mark.parametrize("name", ["a.tiff", "a.tif", "a.TIF", "a.TIFF", "a.Tif"])
def test_a_file_name_may_end_in_any_case(tmp_path, name):
    touch(tmp_path, f"MON/{name}")
    assert found("matek_19", tmp_path) == {f"MON/{name}": "MON"}


def test_files_that_are_no_images_of_the_data_set_are_passed_over(tmp_path):
    touch(tmp_path, "MON/a.tif", "MON/readme.txt", "MON/Thumbs.db", "annotations.dat")
    assert list(found("matek_19", tmp_path)) == ["MON/a.tif"]


def test_every_prefix_of_acevedo_20_is_a_label_of_its_own(tmp_path):
    codes = Counter(found("acevedo_20", acevedo(tmp_path)).values())
    assert codes == Counter(load_layout("acevedo_20").codes)


def test_a_prefix_pmy_is_never_read_as_my(tmp_path):
    touch(tmp_path, "ig/PMY_1.jpg", "ig/MMY_1.jpg", "ig/MY_1.jpg")
    assert found("acevedo_20", tmp_path) == {
        "ig/MMY_1.jpg": "MMY",
        "ig/MY_1.jpg": "MY",
        "ig/PMY_1.jpg": "PMY",
    }


def test_hidden_files_and_the_folders_of_a_mac_are_passed_over(tmp_path):
    acevedo(tmp_path)
    touch(
        tmp_path,
        "PBC_dataset_normal_DIB/neutrophil/.DS_1.jpg",
        "__MACOSX/PBC_dataset_normal_DIB/neutrophil/._SNE_12.jpg",
        "__MACOSX/PBC_dataset_normal_DIB/neutrophil/SNE_12.jpg",
        ".cache/ig/MY_1.jpg",
    )
    assert len(found("acevedo_20", tmp_path)) == 13


def test_an_unknown_prefix_in_a_class_folder_is_refused_with_the_nearest_one(tmp_path):
    touch(tmp_path, "ig/MMY_1.jpg", "ig/MMYY_2.jpg", "ig/MMYY_3.jpg")
    error = refusal("acevedo_20", tmp_path)
    assert "2 images of a label that acevedo_20 does not know" in error.what
    assert "'MMYY'" in error.what
    assert "did you mean 'MMY'?" in error.fix
    assert error.where.endswith("ig/MMYY_2.jpg")


def test_images_elsewhere_with_no_known_prefix_are_not_labelled_images(tmp_path):
    touch(tmp_path, "data/ig/MMY_1.jpg", "figures/overview.jpg")
    assert list(found("acevedo_20", tmp_path)) == ["data/ig/MMY_1.jpg"]


def test_prefixes_are_enough_where_somebody_threw_all_images_into_one_folder(tmp_path):
    touch(tmp_path, "all/BNE_1.jpg", "all/SNE_1.jpg")
    assert found("acevedo_20", tmp_path) == {"all/BNE_1.jpg": "BNE", "all/SNE_1.jpg": "SNE"}


def test_an_image_in_the_folder_of_another_label_is_refused(tmp_path):
    touch(tmp_path, "ig/MMY_1.jpg", "ig/SNE_1.jpg")
    error = refusal("acevedo_20", tmp_path)
    assert "'ig/SNE_1.jpg' says 'SNE', which belongs into 'neutrophil'" in error.what


def test_a_class_folder_that_no_mapping_knows_is_refused_and_counted(tmp_path):
    matek(tmp_path)
    above = "AML-Cytomorphology_LMU/AML-Cytomorphology"
    touch(tmp_path, f"{above}/MONO/a.tif", f"{above}/MONO/b.tif", f"{above}/XYZ/c.tif")
    error = refusal("matek_19", tmp_path)
    assert "3 images of one of 2 labels that matek_19 does not know; first: 'MONO'" in error.what
    assert "did you mean 'MON'? (known: BAS" in error.fix
    assert 'ignore: ["' in error.fix


def test_what_is_ignored_is_not_refused(tmp_path):
    touch(tmp_path, "MON/a.tif", "MON/b.tif", "XYZ/c.tif")
    assert list(found("matek_19", tmp_path, ignore=["XYZ/*", "*/b.tif"])) == ["MON/a.tif"]


def test_folders_without_any_class_are_not_visited(tmp_path):
    matek(tmp_path)
    touch(tmp_path, "thumbnails/small/a.tif", "b.tif")
    assert len(found("matek_19", tmp_path)) == 24


def test_a_class_may_have_folders_of_its_own(tmp_path):
    touch(tmp_path, "MON/0001-1000/a.tif", "MON/1001-2000/a.tif")
    assert set(found("matek_19", tmp_path).values()) == {"MON"}


def test_the_18_folders_of_mll23_are_18_labels(tmp_path):
    touch(tmp_path, *(f"{name}/{name}_0001.TIF" for name in MLL23))
    assert found("mll23", tmp_path) == {f"{name}/{name}_0001.TIF": name for name in MLL23}


def test_each_archive_of_mll23_may_have_been_unpacked_into_a_folder_of_its_own(tmp_path):
    for name in MLL23:
        touch(tmp_path, f"{name}/{name}/{name}_0001.TIF", f"{name}/__MACOSX/{name}/._x.TIF")
    images = found("mll23", tmp_path)
    assert sorted(images.values()) == sorted(MLL23)


@pytest.mark.parametrize(
    ("folder", "code"),
    [
        ("neutrophil_banded", "neutrophil_band"),
        ("erythroblast", "normoblast"),
        ("lymphocyte_typical", "lymphocyte"),
        ("Plasma_Cell", "plasma_cell"),
    ],
)
def test_other_spellings_of_a_folder_are_the_same_label(tmp_path, folder, code):
    touch(tmp_path, f"{folder}/a.TIF")
    assert found("mll23", tmp_path) == {f"{folder}/a.TIF": code}


def test_classes_that_are_still_in_their_archive_are_refused_with_the_command(tmp_path):
    touch(tmp_path, "basophil/a.TIF", "plasma_cell.zip", "smudge_cell.zip")
    error = refusal("mll23", tmp_path)
    assert "2 classes still to be unpacked (first: plasma_cell.zip)" in error.what
    command = 'for f in *.zip; do wbcray data unpack "$f" "${f%.zip}"; done'
    assert error.fix == f"unpack them first: cd {tmp_path} && {command}"


def test_archives_that_were_kept_after_unpacking_do_no_harm(tmp_path):
    touch(tmp_path, "basophil/a.TIF", "basophil.zip")
    assert len(found("mll23", tmp_path)) == 1


def test_nothing_but_archives_is_refused_with_the_command(tmp_path):
    touch(tmp_path, *(f"{name}.zip" for name in MLL23))
    error = refusal("mll23", tmp_path)
    assert "18 classes still to be unpacked" in error.what
    assert "wbcray data unpack" in error.fix


def test_an_archive_of_the_whole_data_set_is_to_be_unpacked_first(tmp_path):
    touch(tmp_path, "PBC_dataset_normal_DIB.zip")
    error = refusal("acevedo_20", tmp_path)
    assert "found 1 file (1 x .zip)" in error.what
    packed = tmp_path / "PBC_dataset_normal_DIB"
    assert error.fix == f"unpack it first: wbcray data unpack {packed}.zip {packed}"


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("a.tar.gz", "unpack it first: wbcray data unpack {0}/a.tar.gz {0}/a"),
        ("a.TGZ", "unpack it first: wbcray data unpack {0}/a.TGZ {0}/a"),
        ("a.rar", "unpack a.rar first, with its own program"),
    ],
)
def test_an_archive_of_another_format_has_its_command(tmp_path, name, fix):
    touch(tmp_path, name)
    assert refusal("acevedo_20", tmp_path).fix == fix.format(tmp_path)


def test_where_nothing_is_found_the_error_says_what_was_expected_and_where_to_get_it(tmp_path):
    touch(tmp_path, "holiday/1.jpg", "notes.txt")
    error = refusal("matek_19", tmp_path)
    assert "expected .tif/.tiff images in folders BAS, EBO, EOS, ..." in error.what
    assert "found 1 folder (holiday) and 1 file (1 x .txt)" in error.what
    assert "https://doi.org/10.7937/tcia.2019.36f5o9ld" in error.fix


def test_a_root_that_is_not_there_is_refused_by_its_path(tmp_path):
    assert refusal("matek_19", tmp_path / "gone").where == str(tmp_path / "gone")


def test_a_file_as_root_is_refused(tmp_path):
    assert "a file, not a folder" in refusal("matek_19", touch(tmp_path, "a.zip") / "a.zip").what


def test_an_unlabelled_part_has_images_without_a_label(tmp_path):
    hida(tmp_path)
    assert found("hida", tmp_path, part="wbc1") == {
        "WBC1/DATA-VAL/00001.TIF": None,
        "WBC1/DATA-VAL/00002.TIF": None,
    }


@pytest.mark.parametrize("above", [".", "Datasets", "challenge/Datasets"])
def test_the_parts_of_a_challenge_are_kept_apart_wherever_they_lie(tmp_path, above):
    hida(tmp_path / above)
    (acevedo_part, matek_part) = (
        found("hida", tmp_path, part=part) for part in ("acevedo_20", "matek_19")
    )
    assert len(acevedo_part) == len(matek_part) == 4
    assert all("Acevedo_20/" in path for path in acevedo_part)
    assert all("Matek_19/" in path for path in matek_part)


def test_a_root_may_be_the_folder_of_the_part_itself(tmp_path):
    hida(tmp_path)
    images = found("hida", tmp_path / "Matek_19", part="matek_19")
    assert images["monocyte/BAS_0001.tiff"] == "monocyte"


def test_a_part_that_is_not_there_is_refused_with_what_is(tmp_path):
    touch(tmp_path, "Train/Basophil/a.jpg")
    error = refusal("raabin_wbc", tmp_path, part="test_b")
    assert "part 'test_b' is expected in a folder TestB or Test-B" in error.what
    assert "found 1 folder (Train)" in error.what


@pytest.mark.parametrize(("part", "names"), [("test_a", "TestA"), ("test_b", "Test-B")])
def test_the_parts_of_raabin_are_their_folders(tmp_path, part, names):
    touch(tmp_path, "Train/Neutrophil/1.jpg", f"{names}/Neutrophil/2.jpg")
    assert found("raabin_wbc", tmp_path, part=part) == {f"{names}/Neutrophil/2.jpg": "Neutrophil"}


def test_masks_beside_the_images_of_lisc_are_not_images(tmp_path):
    touch(
        tmp_path,
        "LISC Database/Main Dataset/Baso/1.bmp",
        "LISC Database/Ground Truth Segmentation/Baso/areaforexpert1/1_expert.bmp",
    )
    assert found("lisc", tmp_path) == {"LISC Database/Main Dataset/Baso/1.bmp": "Baso"}


def test_a_layout_with_several_parts_asks_which(tmp_path):
    with pytest.raises(UsageError, match="layout 'hida' has 4 parts; say which") as caught:
        locate(load_layout("hida"), tmp_path)
    assert "part: acevedo_20" in caught.value.fix


def test_an_unknown_part_is_refused_with_the_nearest_one(tmp_path):
    with pytest.raises(UsageError, match="unknown part of layout hida 'wbc_1'") as caught:
        locate(load_layout("hida"), tmp_path, part="wbc_1")
    assert "did you mean 'wbc1'?" in caught.value.fix


def test_images_are_sorted_by_path(tmp_path):
    touch(tmp_path, "MYO/b.tif", "BAS/2.tif", "BAS/10.tif", "MYO/a.tif")
    assert list(found("matek_19", tmp_path)) == [
        "BAS/10.tif",
        "BAS/2.tif",
        "MYO/a.tif",
        "MYO/b.tif",
    ]


def test_a_linked_folder_is_followed(tmp_path):
    touch(tmp_path, "disk/MON/a.tif")
    root = tmp_path / "data"
    root.mkdir()
    (root / "MON").symlink_to(tmp_path / "disk/MON")
    assert list(found("matek_19", root)) == ["MON/a.tif"]


def test_a_link_back_to_a_folder_above_is_not_followed_for_ever(tmp_path):
    touch(tmp_path, "MON/a.tif")
    (tmp_path / "MON" / "again").symlink_to(tmp_path)
    assert list(found("matek_19", tmp_path)) == ["MON/a.tif"]


def test_a_folder_and_a_link_to_it_are_one(tmp_path):
    touch(tmp_path, "release/MON/a.tif")
    (tmp_path / "latest").symlink_to(tmp_path / "release")
    assert list(found("matek_19", tmp_path)) == ["release/MON/a.tif"]


def test_images_that_are_links_to_nowhere_are_refused_and_counted(tmp_path):
    touch(tmp_path, "MON/a.tif")
    for name in ("b.tif", "c.tif"):
        (tmp_path / "MON" / name).symlink_to(tmp_path / "annex" / name)
    error = refusal("matek_19", tmp_path)
    assert "2 images are links to files that do not exist (first: 'b.tif')" in error.what


def test_a_named_pipe_is_refused_and_never_opened(tmp_path):
    touch(tmp_path, "MON/a.tif")
    os.mkfifo(tmp_path / "MON/b.tif")
    with pytest.raises(DataError, match=r"'b\.tif' is a FIFO") as caught:
        found("matek_19", tmp_path)
    assert caught.value.where == str(tmp_path / "MON/b.tif")


def test_a_patient_is_read_from_the_path_where_the_layout_says_how(tmp_path):
    layout = replace(load_layout("matek_19"), patient="(?P<patient>P[0-9]+)/")
    touch(tmp_path, "P07/MON/a.tif", "unknown/MON/b.tif")
    images = locate(layout, tmp_path)
    assert [image.patient for image in images] == ["P07", None]


def test_a_folder_that_vanishes_while_it_is_read_is_refused(tmp_path, monkeypatch):
    touch(tmp_path, "MON/a.tif")
    real = os.scandir

    def scandir(path):
        if str(path).endswith("MON"):
            shutil.rmtree(path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert "cannot read the folder: No such file" in refusal("matek_19", tmp_path).what
