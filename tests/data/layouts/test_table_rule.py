import pytest
from layout_trees import touch, wbcbench

from wbcray.core.errors import DataError
from wbcray.data.layouts.load import load_layout
from wbcray.data.layouts.locate import locate


def located(root, part="phase1", name="wbcbench", **options):
    return locate(load_layout(name), root, part=part, **options)


def refusal(root, **options):
    with pytest.raises(DataError) as caught:
        located(root, **options)
    assert caught.value.fix
    return caught.value


def test_a_table_says_which_image_has_which_label(tmp_path):
    images = located(wbcbench(tmp_path))
    assert [(image.path, image.code, image.patient) for image in images] == [
        ("phase1/00000001.jpg", "SNE", None),
        ("phase1/00000002.jpg", "VLY", None),
    ]


def test_a_patient_column_is_read_where_there_is_one(tmp_path):
    table = "ID,labels,patient_hash\n00000001.jpg,SNE,p7\n00000002.jpg,VLY,\n"
    assert [image.patient for image in located(wbcbench(tmp_path, table))] == ["p7", None]


@pytest.mark.parametrize(
    "table",
    [
        "\ufeffID,labels\n00000001.jpg,SNE\n00000002.jpg,VLY\n",
        "ID,labels\r\n00000001.jpg,SNE\r\n00000002.jpg,VLY\r\n",
        ",labels,ID\n0,SNE,00000001.jpg\n1,VLY,00000002.jpg\n",
        "ID,labels\n00000001, SNE\n00000002,VLY \n",
    ],
    ids=["byte order mark", "windows lines", "other columns", "names without ending"],
)
def test_a_table_may_look_like_any_program_writes_it(tmp_path, table):
    assert [image.code for image in located(wbcbench(tmp_path, table))] == ["SNE", "VLY"]


def test_a_data_set_may_lie_in_the_folder_of_its_archive(tmp_path):
    wbcbench(tmp_path / "wbc-bench-2026")
    assert located(tmp_path)[0].path == "wbc-bench-2026/phase1/00000001.jpg"


def test_images_that_the_table_does_not_name_are_not_read(tmp_path):
    touch(wbcbench(tmp_path), "phase1/00000003.jpg")
    assert len(located(tmp_path)) == 2


def test_ignored_images_of_a_table_are_left_out(tmp_path):
    assert len(located(wbcbench(tmp_path), ignore=["phase1/00000001.jpg"])) == 1


def test_a_missing_column_is_refused_with_those_there_are(tmp_path):
    error = refusal(wbcbench(tmp_path, "ID,label\n00000001.jpg,SNE\n"))
    assert error.what == "missing column 'labels'; the file has: ID, label"
    assert error.where.endswith("phase1_label.csv:1")
    assert "did you mean 'label'?" in error.fix


def test_rows_without_their_image_are_counted_and_the_first_is_named(tmp_path):
    table = "ID,labels\n00000001.jpg,SNE\n00000008.jpg,SNE\n00000009.jpg,VLY\n"
    error = refusal(wbcbench(tmp_path, table))
    assert error.what == "2 of 3 rows point to missing images (first: line 3, '00000008.jpg')"
    assert error.where.endswith("phase1_label.csv:3")


def test_an_image_that_is_listed_twice_is_refused_with_both_labels(tmp_path):
    error = refusal(wbcbench(tmp_path, "ID,labels\n00000001.jpg,SNE\n00000001.jpg,EO\n"))
    assert "listed twice, as 'SNE' (line 2) and 'EO' (line 3)" in error.what


def test_an_unknown_label_is_refused_with_its_line(tmp_path):
    error = refusal(wbcbench(tmp_path, "ID,labels\n00000001.jpg,SNE\n00000002.jpg,VLYY\n"))
    assert "1 image of a label that wbcbench does not know; first: 'VLYY'" in error.what
    assert error.where.endswith("phase1_label.csv:3")
    assert "did you mean 'VLY'?" in error.fix


@pytest.mark.parametrize(("row", "column"), [(",SNE", "ID"), ("00000001.jpg,", "labels")])
def test_an_empty_field_is_refused_with_its_line(tmp_path, row, column):
    error = refusal(wbcbench(tmp_path, f"ID,labels\n{row}\n"))
    assert error.what == f"column '{column}' is empty"
    assert error.where.endswith(":2")


def test_a_table_that_is_no_text_is_refused(tmp_path):
    (wbcbench(tmp_path) / "phase1_label.csv").write_bytes(b"ID,labels\n\xff\xfe,SNE\n")
    assert "cannot read the table" in refusal(tmp_path).what


def test_a_missing_table_is_refused_with_what_is_there(tmp_path):
    (wbcbench(tmp_path) / "phase1_label.csv").unlink()
    error = refusal(tmp_path)
    assert "expected a table phase1_label.csv" in error.what
    assert "found 1 folder (phase1)" in error.what
    assert "kaggle.com/competitions/wbc-bench-2026" in error.fix


def test_a_number_in_the_table_of_zheng_is_the_image_of_that_number(tmp_path):
    touch(tmp_path, *(f"Dataset 1/{n:03d}.{end}" for n in (1, 2, 10) for end in ("bmp", "png")))
    table = "image ID,class label\r\n1,2\r\n2,1\r\n10,5\r\n"
    (tmp_path / "Class Labels of Dataset 1.csv").write_text(table)
    images = located(tmp_path, "tecom", "zheng")
    assert {image.path: image.code for image in images} == {
        "Dataset 1/001.bmp": "2",
        "Dataset 1/002.bmp": "1",
        "Dataset 1/010.bmp": "5",
    }


def test_rows_of_another_part_are_passed_over(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(
        "title: One table for two microscopes\n"
        "parts:\n"
        "  old: {label_from: table,"
        " table: {file: all.csv, image: image, label: kind, rows: {scope: old}}}\n"
        "mappings: {plain: {b: basophil}}\n"
        "default_mapping: plain\n"
        'files: {pattern: "{number}.png", width: 9, height: 9}\n'
    )
    touch(tmp_path, "1.png", "2.png")
    (tmp_path / "all.csv").write_text("image,kind,scope\n1.png,b,old\n2.png,b,new\n")
    images = locate(load_layout(str(own)), tmp_path)
    assert [image.path for image in images] == ["1.png"]
