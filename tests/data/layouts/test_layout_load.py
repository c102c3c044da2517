import pytest

from wbcray.core.errors import UsageError
from wbcray.data.layouts.load import describe_layouts, layout_names, load_layout

OWN = """\
title: Our laboratory
parts:
  all:
    px_per_um: 9.5
    published: {baso: 12}
mappings:
  plain: {baso: basophil, debris: null}
default_mapping: plain
looks_like: {debris: smudge_cell}
files: {pattern: "{code}/{number}.png", width: 200, height: 100}
"""


def own(folder, text=OWN):
    path = folder / "our_lab.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def refusal(folder, text):
    path = own(folder, text)
    with pytest.raises(UsageError) as caught:
        load_layout(path)
    assert caught.value.fix
    return caught.value


def test_the_built_in_layouts_are_the_domains_of_the_poster_and_their_public_successors():
    assert layout_names() == (
        "acevedo_20",
        "bccd",
        "hida",
        "int_20",
        "lisc",
        "matek_19",
        "mll23",
        "raabin_wbc",
        "wbcbench",
        "zheng",
        "zheng_sorted",
    )


def test_every_built_in_layout_says_what_it_is_and_where_to_get_it():
    for layout in describe_layouts():
        assert layout.title
        assert layout.licence
        assert layout.citation
        assert layout.obtain
        assert layout.notes


def test_an_own_layout_is_loaded_by_its_path_and_called_like_its_file(tmp_path):
    layout = load_layout(own(tmp_path))
    assert layout.name == "our_lab"
    assert layout.part().px_per_um == 9.5
    assert layout.part().published == {"baso": 12}
    assert layout.mapping() == {"baso": "basophil", "debris": None}
    assert layout.codes == ("baso", "debris")
    assert (layout.files.width, layout.files.height, layout.files.mode) == (200, 100, "RGB")
    assert layout.suffixes == (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")


def test_an_unknown_layout_is_refused_with_the_nearest_one():
    with pytest.raises(UsageError, match="unknown layout 'matek19'") as caught:
        load_layout("matek19")
    assert "did you mean 'matek_19'?" in caught.value.fix
    assert "path of a .yaml file" in caught.value.fix


def test_a_layout_file_that_is_not_there_is_refused_by_its_path(tmp_path):
    with pytest.raises(UsageError, match="layout not found") as caught:
        load_layout(str(tmp_path / "gone.yaml"))
    assert caught.value.where.endswith("gone.yaml")


def test_an_unknown_mapping_is_refused_with_the_nearest_one():
    with pytest.raises(UsageError, match="unknown mapping of layout matek_19 'blasts'") as caught:
        load_layout("matek_19").mapping("blasts")
    assert "did you mean 'blast'?" in caught.value.fix


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("laboratory\n", "laboratory\nlicense: none\n", 2, "unknown key 'license'"),
        ("px_per_um:", "px_per_mm:", 4, "unknown key 'parts.all.px_per_mm'"),
        ("9.5", "fast", 4, "parts.all.px_per_um must be a number of pixels per micrometre > 0"),
        ("9.5", "-1", 4, "parts.all.px_per_um must be a number of pixels per micrometre > 0"),
        ("{baso: 12}", "{baso: many}", 5, "parts.all.published.baso is refused"),
        ("{baso: 12}", "{bazo: 12}", 5, "unknown raw label 'bazo'"),
        ("baso: basophil", "baso: basophile", 7, "unknown class 'basophile'"),
        ("mapping: plain", "mapping: plane", 8, "unknown mapping 'plane'"),
        ("debris: smudge_cell", "debris: dust", 9, "unknown class 'dust'"),
        ("{code}/", "{kode}/", 10, "files.pattern must be a path with no other fields than"),
        ('"{code}/', '"../{code}/', 10, "files.pattern must be a path with no other fields than"),
        ("width: 200", "width: 0", 10, "files.width must be a whole number of pixels"),
    ],
)
def test_a_mistake_in_an_own_layout_is_refused_with_its_line(tmp_path, old, new, line, what):
    assert old in OWN
    error = refusal(tmp_path, OWN.replace(old, new, 1))
    assert what in error.what
    assert error.where.endswith(f"our_lab.yaml:{line}")


@pytest.mark.parametrize(
    ("added", "what"),
    [
        ("patient: '(P[0-9]+)'\n", "patient must be a regular expression with a group"),
        ("patient: '(?P<patient>'\n", "patient must be a regular expression with a group"),
        ("suffixes: [tif]\n", "suffixes.0 is refused"),
        ("more_of: [[baso]]\n", "more_of.0 is refused"),
        ("more_of: [[baso, dust]]\n", "unknown raw label 'dust'"),
        ("folders: {dust: [a]}\n", "unknown raw label 'dust'"),
        ("cleaning: {blur: 3}\n", "cleaning"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(tmp_path, added, what):
    error = refusal(tmp_path, OWN + added)
    assert what in error.what
    assert error.where.endswith("our_lab.yaml:11")


def test_mappings_that_name_different_labels_are_refused(tmp_path):
    error = refusal(tmp_path, OWN.replace("  plain:", "  other: {baso: null}\n  plain:"))
    assert "mappings.other and mappings.plain differ in 'debris'" in error.what


def test_a_table_that_nobody_reads_is_refused(tmp_path):
    text = OWN.replace("  all:", "  all:\n    table: {file: a.csv, image: i, label: l}")
    assert "`table` exactly where `label_from` is table" in refusal(tmp_path, text).what


def test_a_part_that_is_no_mapping_is_refused(tmp_path):
    text = "title: a\nparts: {all: 3}\n" + OWN[OWN.index("mappings:") :]
    error = refusal(tmp_path, text)
    assert "parts.all must be a mapping" in error.what
    assert error.where.endswith(":2")


def test_all_mistakes_are_told_at_once(tmp_path):
    error = refusal(tmp_path, OWN.replace("title:", "tittle:").replace("9.5", "fast"))
    assert "3 problems" in error.what
    assert "'title' is missing" in error.what
