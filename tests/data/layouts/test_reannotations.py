import pytest
from layout_trees import matek

from wbcray.core.errors import DataError
from wbcray.data.layouts.load import load_layout
from wbcray.data.layouts.reannotations import read_reannotations

MATEK = load_layout("matek_19")
TABLE = """\
BAS/BAS_0001.tiff  BAS  BAS  BAS
BAS/BAS_0002.tiff  BAS  EOS  nan
EOS/EOS_0001.tiff  EOS  EOS  EOS
EOS/EOS_0002.tiff  EOS  nan  nan
MON/MON_0001.tiff  MON  MON  MYO
"""


def write(root, text=TABLE, name="AML-Cytomorphology_LMU/annotations.dat"):
    matek(root)
    (root / name).write_text(text)
    return root


def test_nan_is_a_reader_who_was_not_asked(tmp_path):
    images = read_reannotations(MATEK, write(tmp_path)).images
    assert [(image.label, image.first, image.second) for image in images] == [
        ("BAS", "BAS", "BAS"),
        ("BAS", "EOS", None),
        ("EOS", "EOS", "EOS"),
        ("EOS", None, None),
        ("MON", "MON", "MYO"),
    ]
    assert images[0].path == "BAS/BAS_0001.tiff"


def test_images_that_were_read_again_are_counted(tmp_path):
    assert read_reannotations(MATEK, write(tmp_path)).reannotated == 4


def test_agreement_is_over_the_images_that_both_readers_have(tmp_path):
    label_first, label_second, first_second = read_reannotations(
        MATEK, write(tmp_path)
    ).agreements()
    assert (label_first.images, label_first.agree) == (4, 3)
    assert (label_second.images, label_second.agree) == (3, 2)
    assert (first_second.images, first_second.agree) == (3, 2)


def test_kappa_is_agreement_beyond_chance(tmp_path):
    """Observed 3/4; by chance BAS 2/4 x 1/4, EOS 1/4 x 2/4, MON 1/4 x 1/4, which add up to 5/16."""
    label_first, _, _ = read_reannotations(MATEK, write(tmp_path)).agreements()
    assert label_first.kappa == pytest.approx((3 / 4 - 5 / 16) / (1 - 5 / 16))


@pytest.mark.parametrize("text", ["a/1.tiff BAS nan nan\n", "a/1.tiff BAS BAS BAS\n"])
def test_without_images_or_with_one_label_kappa_is_not_defined(tmp_path, text):
    reannotations = read_reannotations(MATEK, write(tmp_path, text))
    assert [agreement.kappa for agreement in reannotations.agreements()] == [None] * 3


def test_the_copy_with_another_file_name_is_found_too(tmp_path):
    write(tmp_path, name="annotations_augmented.dat")
    assert len(read_reannotations(MATEK, tmp_path).images) == 5


def test_the_table_beside_the_folder_of_class_folders_is_found(tmp_path):
    root = write(tmp_path) / "AML-Cytomorphology_LMU/AML-Cytomorphology"
    assert len(read_reannotations(MATEK, root).images) == 5


def test_a_copy_without_the_table_has_no_reannotations(tmp_path):
    assert read_reannotations(MATEK, matek(tmp_path)) is None


def test_a_data_set_that_never_had_any_has_none(tmp_path):
    assert read_reannotations(load_layout("mll23"), write(tmp_path)) is None


def test_a_line_with_a_column_too_few_is_refused_by_its_number(tmp_path):
    with pytest.raises(DataError, match="this one 3") as caught:
        read_reannotations(MATEK, write(tmp_path, TABLE + "\nBAS/BAS_0003.tiff BAS nan\n"))
    assert caught.value.where.endswith("annotations.dat:7")
    assert caught.value.fix


def test_a_table_that_is_no_text_is_refused(tmp_path):
    root = write(tmp_path)
    (root / "AML-Cytomorphology_LMU/annotations.dat").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="cannot read the re-annotations"):
        read_reannotations(MATEK, root)
