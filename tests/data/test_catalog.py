import os

import pytest

from wbcray.core.errors import DataError
from wbcray.core.sample import Sample
from wbcray.data.catalog import image_root, images_in, read_catalog, read_domain

CLASSES = ("basophil", "neutrophil")


def touch(*paths):
    """Empty files: a catalog lists images and does not open them."""
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def table(folder, text, encoding="utf-8"):
    touch(folder / "a.png", folder / "b.png")
    path = folder / "labels.csv"
    path.write_text(text, encoding=encoding)
    return path


def refusal(root, classes=CLASSES):
    with pytest.raises(DataError) as caught:
        read_domain("north", root, classes)
    assert caught.value.where
    assert caught.value.fix
    return caught.value


@pytest.fixture
def two_domains(tmp_path):
    touch(
        tmp_path / "north/neutrophil/2.png",
        tmp_path / "north/neutrophil/1.png",
        tmp_path / "south/basophil/1.jpg",
    )
    return {"south": tmp_path / "south", "north": tmp_path / "north"}


def test_a_catalog_is_sorted_by_domain_and_path(two_domains):
    catalog = read_catalog(two_domains, CLASSES)
    assert [(sample.domain, sample.path) for sample in catalog.samples] == [
        ("north", "neutrophil/1.png"),
        ("north", "neutrophil/2.png"),
        ("south", "basophil/1.jpg"),
    ]


def test_the_order_in_which_domains_are_given_does_not_matter(two_domains):
    turned = dict(reversed(two_domains.items()))
    assert read_catalog(turned, CLASSES) == read_catalog(two_domains, CLASSES)


def test_classes_keep_the_order_they_are_given_in(two_domains):
    assert read_catalog(two_domains, CLASSES[::-1]).classes == ("neutrophil", "basophil")


def test_one_domain_alone_is_refused_because_none_is_left_to_learn_from(two_domains):
    with pytest.raises(DataError, match="holding one out needs at least 2") as caught:
        read_catalog({"north": two_domains["north"]}, CLASSES)
    assert caught.value.where


def test_a_class_without_any_image_is_refused(two_domains):
    with pytest.raises(DataError, match="class 'neutrofil' has no image") as caught:
        read_catalog(two_domains, (*CLASSES, "neutrofil"))
    assert "did you mean 'neutrophil'" in caught.value.fix


def test_a_class_may_be_absent_from_one_domain(two_domains):
    assert read_catalog(two_domains, CLASSES).labels() == (1, 1, 0)


def test_a_domain_that_is_not_there_is_refused_with_its_path(tmp_path):
    assert refusal(tmp_path / "nowhere").where == str(tmp_path / "nowhere")


def test_a_folder_without_class_folders_is_refused(tmp_path):
    touch(tmp_path / "1.png")
    assert "class folders" in refusal(tmp_path).fix


def test_a_misspelt_class_folder_is_answered_with_the_nearest_class(tmp_path):
    touch(tmp_path / "neutrofil/1.png")
    assert "did you mean 'neutrophil'" in refusal(tmp_path).fix


def test_an_empty_class_folder_is_refused_and_not_overlooked(tmp_path):
    touch(tmp_path / "basophil/1.png")
    (tmp_path / "neutrophil").mkdir()
    assert "class folder 'neutrophil' of domain 'north'" in refusal(tmp_path).what


def test_hidden_and_system_files_are_no_images(tmp_path):
    touch(
        tmp_path / "basophil/1.png",
        tmp_path / "basophil/._1.png",
        tmp_path / "basophil/Thumbs.db",
        tmp_path / "__MACOSX/1.png",
        tmp_path / ".git/1.png",
    )
    assert read_domain("north", tmp_path, CLASSES) == [
        Sample(path="basophil/1.png", label="basophil", domain="north")
    ]


@pytest.mark.parametrize("name", ["1.PNG", "1.jpeg", "1.TIF", "1.tiff", "1.bmp"])
def test_image_suffixes_count_in_either_case(tmp_path, name):
    touch(tmp_path / name)
    assert images_in(tmp_path) == [tmp_path / name]


def test_a_folder_called_like_an_image_is_none(tmp_path):
    (tmp_path / "1.png").mkdir()
    assert images_in(tmp_path) == []


def test_a_file_name_that_no_record_could_hold_is_refused(tmp_path):
    folder = tmp_path / "basophil"
    folder.mkdir()
    (folder / os.fsdecode(b"cell\xff.png")).touch()
    assert "not UTF-8" in refusal(tmp_path).what


def test_a_table_names_image_label_and_patient(tmp_path):
    path = table(tmp_path, "image,label,patient\nb.png,basophil,P7\na.png,neutrophil,\n")
    assert read_domain("north", path, CLASSES) == [
        Sample(path="a.png", label="neutrophil", domain="north", patient=None),
        Sample(path="b.png", label="basophil", domain="north", patient="P7"),
    ]


def test_paths_of_a_table_are_relative_to_its_folder(tmp_path):
    assert image_root(table(tmp_path, "")) == tmp_path


def test_paths_of_a_folder_are_relative_to_itself(tmp_path):
    assert image_root(tmp_path) == tmp_path


def test_a_table_that_a_spreadsheet_began_with_a_mark_can_be_read(tmp_path):
    path = table(tmp_path, "image,label\na.png,basophil\n", encoding="utf-8-sig")
    assert len(read_domain("north", path, CLASSES)) == 1


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("image,class\na.png,basophil\n", "missing column 'label'", 1),
        ("", "missing column 'image'; the file has: none", 1),
        ("image,label\na.png,basofil\n", "label 'basofil'", 2),
        ("image,label\na.png,basophil\nc.png,basophil\n", "image 'c.png' does not exist", 3),
        ("image,label\na.png\n", "label ''", 2),
        ("label,image\nbasophil\n", "image '' does not exist", 2),
        ('image,label\n"a\n.png",basophil\n', "does not exist", 3),
    ],
    ids=["column", "empty", "label", "image", "short row", "no image", "two lines a row"],
)
def test_a_bad_table_is_refused_with_its_line(tmp_path, text, what, line):
    path = table(tmp_path, text)
    error = refusal(path)
    assert what in error.what
    assert error.where == f"{path}:{line}"


def test_an_image_listed_twice_is_refused(tmp_path):
    path = table(tmp_path, "image,label\na.png,basophil\na.png,neutrophil\n")
    assert "'a.png' is listed more than once" in refusal(path).what


def test_a_table_with_a_header_alone_has_no_images(tmp_path):
    assert "has no images" in refusal(table(tmp_path, "image,label\n")).what


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\xff", b"image,label\nb\xe9.png,x\n"])
def test_what_is_no_text_is_refused_as_a_table(tmp_path, content):
    path = tmp_path / "labels.csv"
    path.write_bytes(content)
    assert "not CSV text" in refusal(path).what
