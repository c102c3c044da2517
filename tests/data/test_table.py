import pytest
from projects import project_of

from wbcray.core.errors import DataError
from wbcray.core.sample import Sample
from wbcray.data.catalog import image_root, read_domain
from wbcray.data.table import guess_columns, read_table

CLASSES = ("basophil", "neutrophil")


def table(folder, text, encoding="utf-8"):
    """A CSV file beside the images a.png and b.png."""
    for name in ("a.png", "b.png"):
        (folder / name).touch()
    path = folder / "labels.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def reading(path, **entry):
    project = project_of(path.parent / "project", {"north": {"path": str(path)} | entry}, CLASSES)
    return read_domain(project.domains[0], project)


def refusal(path, **entry):
    with pytest.raises(DataError) as caught:
        reading(path, **entry)
    assert caught.value.where
    assert caught.value.fix
    return caught.value


def test_a_table_names_image_label_and_patient(tmp_path):
    path = table(tmp_path, "image,label,patient\nb.png,basophil,P7\na.png,neutrophil,\n")
    assert reading(path).samples == (
        Sample(path="a.png", label="neutrophil", domain="north", patient=None),
        Sample(path="b.png", label="basophil", domain="north", patient="P7"),
    )


def test_paths_of_a_table_are_relative_to_its_folder(tmp_path):
    assert image_root(table(tmp_path, "")) == tmp_path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path, encoding):
    path = table(tmp_path, "image,label\na.png,basophil\n", encoding)
    assert len(reading(path).samples) == 1


def test_columns_may_have_other_names(tmp_path):
    text = "Datei,Klasse,Fall,rest\na.png,basophil,P1,x\n"
    columns = {"image": "Datei", "label": "Klasse", "patient": "Fall"}
    assert reading(table(tmp_path, text), columns=columns).samples[0].patient == "P1"


def test_patients_are_told_apart_without_the_blanks_around_them(tmp_path):
    path = table(tmp_path, "image,label,patient\na.png,basophil, P1\nb.png,neutrophil,P1 \n")
    assert {sample.patient for sample in reading(path).samples} == {"P1"}


def test_a_line_break_within_quotes_belongs_to_the_field(tmp_path):
    path = table(tmp_path, 'image,label,note\na.png,basophil,"two\nlines"\nb.png,basophil,one\n')
    assert [row.line for row in read_table(path, {})] == [2, 4]


@pytest.mark.parametrize("text", ["image,label\n\na.png,basophil\n", "image,label\n,\na.png,x\n"])
def test_blank_rows_are_passed_over(tmp_path, text):
    assert [row.line for row in read_table(table(tmp_path, text), {})] == [3]


BAD = [
    ("image,class\na.png,basophil\n", "missing column 'label'; the file has: image, class", 1),
    ("", "missing column 'image'; the file has: none", 1),
    ("image;label\na.png;basophil\n", "the file has: image;label; its separator looks like ';'", 1),
    ("image\tlabel\na.png\tbasophil\n", "separator looks like a tab", 1),
    ("image,label,label\na.png,x,y\n", "column 'label' stands 2 times", 1),
    ("image,label\na.png\n", "1 fields, expected 2", 2),
    ("image,label\na.png,basophil\nb.png,basophil,x,y,z\n", "5 fields, expected 2", 3),
    ("image,label\na.png;basophil\n", "1 fields, expected 2; its separator looks like ';'", 2),
    ("image,label\na.png,basofil\n", "label 'basofil' (row 2) is not among", 2),
    ("image,label\na.png,basophil\nc.png,basophil\n",
     "1 row points to missing images: row 3 \"c.png\"", 3),
    ("image,label\nx/c.png,basophil\nb.png,basophil\nd.png,basophil\n",
     "2 rows point to missing images: row 2 \"x/c.png\" and row 4 \"d.png\"", 2),
    ("image,label\n,basophil\n", "1 row points to missing images", 2),
    ('image,label\n"a\n.png",basophil\n', "missing images", 2),
    ("image,label\na.png,basophil\nb.png,\n", "1 row has no label: row 3", 3),
    ('image,label\na.png,"basophil\n', "not CSV text: unexpected end of data", 2),
    ("image,label\na.png,basophil\n./a.png,basophil\n",
     "image 'a.png' is listed twice, in rows 2 and 3", 3),
    ("image,label\na.png,basophil\nb.png,basophil\na.png,neutrophil\n",
     "image 'a.png' has labels 'basophil' (row 2) and 'neutrophil' (row 4)", 4),
    (b"image,label\na.png,basophil\nb\xe9.png,x\n", "byte 0xE9 is not UTF-8", 3),
    (b"\x89PNG\r\n\x1a\n\xff", "not CSV text: byte 0x89", 1),
    ("image,label\n".encode("utf-16"), "not CSV text", 1),
    (b"image,label\na\0.png,x\n", "it holds zero bytes", 2),
]  # fmt: skip


@pytest.mark.parametrize(("text", "what", "line"), BAD, ids=[item[1][:35] for item in BAD])
def test_a_bad_table_is_refused_with_its_line(tmp_path, text, what, line):
    path = table(tmp_path, text)
    error = refusal(path)
    assert what in error.what
    assert error.where == f"{path}:{line}"


def test_a_missing_column_is_answered_with_how_to_map_it(tmp_path):
    error = refusal(table(tmp_path, "image,label,site\na.png,x,y\n"), columns={"domain": "lab"})
    assert error.what == "missing column 'lab'; the file has: image, label, site"
    assert "columns: {domain: site}" in error.fix


def test_an_unknown_label_is_counted_and_answered_with_the_nearest_class(tmp_path):
    rows = "a.png,basophil\nb.png,Neutrofil\nc.png,Neutrofil\n"
    path = table(tmp_path, "image,label\n" + rows)
    (tmp_path / "c.png").touch()
    error = refusal(path)
    assert error.what == "label 'Neutrofil' (rows 3 and 4) is not among the classes"
    assert "did you mean 'neutrophil'" in error.fix
    assert "label_map: {Neutrofil: CLASS}" in error.fix


def test_all_kinds_of_problems_are_named_with_their_rows_at_once(tmp_path):
    rows = ("a.png,basophil", "a.png,neutrophil", "c.png,basofil", "d.png,blast", "b.png,basofil",
            "b.png,basofil", "b.png,basofil", "e.png,")  # fmt: skip
    path = table(tmp_path, "\n".join(("image,label", *rows)))
    error = refusal(path)
    head, *told = [line.strip() for line in error.what.split("\n")]
    assert head == "6 problems in labels.csv:"
    missing = 'row 4 "c.png", row 5 "d.png" and row 9 "e.png"'
    assert [line.split(";")[0] for line in told] == [
        "labels.csv:3: image 'a.png' has labels 'basophil' (row 2) and 'neutrophil' (row 3)",
        f"labels.csv:4: 3 rows point to missing images: {missing}",
        "labels.csv:4: label 'basofil' (rows 4, 6, 7 and 8) is not among the classes",
        "labels.csv:5: label 'blast' (row 5) is not among the classes",
        "labels.csv:7: image 'b.png' is listed 3 times, in rows 6, 7 and 8",
        "labels.csv:9: 1 row has no label: row 9",
    ]
    assert "label_map: {basofil: CLASS}" in told[2]
    assert (error.where, error.fix) == (str(path), "mend the lines named above")


def test_ragged_rows_are_told_together_with_what_is_wrong_with_the_others(tmp_path):
    path = table(tmp_path, "image,label\na.png\nb.png,basofil\na.png,basophil,x\n")
    _, *told = refusal(path).what.split("\n")
    assert [line.strip().split(";")[0] for line in told] == [
        "labels.csv:2: 1 fields, expected 2",
        "labels.csv:3: label 'basofil' (row 3) is not among the classes",
        "labels.csv:4: 3 fields, expected 2",
    ]


def test_all_missing_columns_are_told_at_once(tmp_path):
    what = refusal(table(tmp_path, "file,class\na.png,basophil\n")).what
    assert "missing column 'image'" in what
    assert "missing column 'label'" in what


def test_of_many_problems_and_rows_twenty_are_named_and_the_others_counted(tmp_path):
    labels = "\n".join(f"a{n}.png,x{n}" for n in range(25))
    found = refusal(table(tmp_path, f"image,label\n{labels}\n")).what.split("\n")
    assert found[0] == "26 problems in labels.csv:"
    assert 'row 21 "a19.png" and 5 more;' in found[1] + found[2]
    assert len(found) == 1 + 20 + 1
    assert found[-1].strip() == "... and 6 more"


def test_backslashes_in_paths_are_explained(tmp_path):
    assert "`/`" in refusal(table(tmp_path, "image,label\nx\\a.png,basophil\n")).fix


def test_images_that_a_table_does_not_list_are_counted(tmp_path):
    path = table(tmp_path, "image,label\n./a.png,basophil\n")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "c.png").touch()
    # b.png; what lies in folders that the table never mentions is nobody's
    assert reading(path).unlisted == 1
    assert reading(path, ignore=["b.png"]).unlisted == 0


def test_a_table_with_a_header_alone_has_no_images(tmp_path):
    assert "has no image" in refusal(table(tmp_path, "image,label\n")).what


# --- several domains in one table ---------------------------------------------------------------

SHARED = "image,label,domain\na.png,basophil,north\nb.png,neutrophil,site 2\n"


def test_a_domain_takes_the_rows_that_bear_its_name(tmp_path):
    found = reading(table(tmp_path, SHARED))
    assert [sample.path for sample in found.samples] == ["a.png"]
    assert found.unlisted == 0


def test_a_domain_may_bear_another_name_than_its_rows(tmp_path):
    found = reading(table(tmp_path, SHARED), select="site 2")
    assert [(s.path, s.domain) for s in found.samples] == [("b.png", "north")]


def test_a_name_that_no_row_bears_is_refused_with_those_that_do(tmp_path):
    error = refusal(table(tmp_path, SHARED), select="sit 2")
    assert error.what == "no row of the table belongs to domain 'sit 2'"
    assert "did you mean 'site 2'" in error.fix


def test_a_selection_needs_a_domain_column(tmp_path):
    path = table(tmp_path, "image,label\na.png,basophil\n")
    assert "missing column 'domain'" in refusal(path, select="x").what


def test_without_a_domain_column_every_row_belongs_to_the_domain(tmp_path):
    path = table(tmp_path, "image,label\na.png,basophil\nb.png,neutrophil\n")
    assert len(reading(path).samples) == 2


def test_a_table_without_any_label_is_a_domain_without_labels(tmp_path):
    path = table(tmp_path, "image,label\na.png,\nb.png,\n")
    found = reading(path)
    assert [sample.label for sample in found.samples] == [None, None]
    assert found.codes == {}


@pytest.mark.parametrize(
    ("header", "guessed"),
    [
        ("image,label", {}),
        ("Image,Label", {"image": "Image", "label": "Label"}),
        ("file,class,site,case_id", {"image": "file", "label": "class", "domain": "site",
                                     "patient": "case_id"}),
        ("image,file,label,dataset", {"domain": "dataset"}),
        ("a,b", {}),
    ],
)  # fmt: skip
def test_common_names_of_columns_are_guessed(tmp_path, header, guessed):
    assert guess_columns(table(tmp_path, header + "\n")) == guessed
