"""The keys of a domain in wbcray.yaml, and the classes that are named by their label space."""

import pytest

from wbcray.core.errors import UsageError
from wbcray.core.label_space import CANONICAL_CLASSES, COARSE_CLASSES
from wbcray.core.project import load_project

GOOD = """\
classes: canonical13
domains:
  pbc: {path: pbc, layout: acevedo_20, clean: rgb, mapping: all}
  own: {path: own.csv, columns: {label: class}, select: "site 1", um_per_px: 0.1}
  ward:
    path: ward
    label_map: {Neutrofil: neutrophil_segmented, artefact: null}
    ignore: ["*_old.png"]
"""


def write(folder, text):
    path = folder / "wbcray.yaml"
    path.write_text(text)
    return path


def domains(folder, text):
    return {domain.name: domain for domain in load_project(write(folder, text)).domains}


def refusal(folder, text):
    with pytest.raises(UsageError) as caught:
        load_project(write(folder, text))
    assert caught.value.fix
    return caught.value


def test_every_key_of_a_domain_is_read(tmp_path):
    found = domains(tmp_path, GOOD)
    pbc, own, ward = found["pbc"], found["own"], found["ward"]
    assert (pbc.layout, pbc.clean, pbc.mapping, pbc.part) == ("acevedo_20", "rgb", "all", None)
    assert (own.columns, own.select) == ({"label": "class"}, "site 1")
    assert ward.label_map == {"Neutrofil": "neutrophil_segmented", "artefact": None}
    assert ward.ignore == ("*_old.png",)
    assert [domain.where[-2:] for domain in (pbc, own, ward)] == [":3", ":4", ":5"]


@pytest.mark.parametrize(
    ("name", "classes"), [("canonical13", CANONICAL_CLASSES), ("coarse5", COARSE_CLASSES)]
)
def test_classes_may_be_a_label_space(tmp_path, name, classes):
    text = f"classes: {name}\ndomains: {{a: {{path: a}}}}\n"
    project = load_project(write(tmp_path, text))
    assert (project.label_space, project.classes) == (name, classes)


def test_a_list_of_classes_is_no_label_space(tmp_path):
    project = load_project(write(tmp_path, "classes: [canonical13]\ndomains: {a: {path: a}}\n"))
    assert (project.label_space, project.classes) == (None, ("canonical13",))


def test_guard_rails_may_be_lifted(tmp_path):
    text = "allow: [single_class, leakage, leakage]\n" + GOOD
    assert load_project(write(tmp_path, text)).allow == ("single_class", "leakage")
    assert load_project(write(tmp_path, GOOD)).allow == ()


def test_a_layout_of_ones_own_is_a_path_relative_to_the_project(tmp_path):
    (tmp_path / "mine.yaml").touch()
    found = domains(tmp_path, GOOD.replace("acevedo_20", "mine.yaml"))
    assert found["pbc"].layout == str(tmp_path / "mine.yaml")


def test_patterns_to_ignore_may_stand_in_a_file(tmp_path):
    (tmp_path / "bad.txt").write_text("# found by data check\n*_old.png\n\n  a/b 1.png  \n")
    found = domains(tmp_path, GOOD.replace('["*_old.png"]', "bad.txt"))
    assert found["ward"].ignore == ("*_old.png", "a/b 1.png")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{path: x.csv}", "{path: x.csv}"),
        ("{path: x.csv, select: s}", "{path: x.csv}"),
        ("{path: x.csv, select: s}", "{path: x.csv, select: t}"),
        ("{path: hida, layout: hida, part: a}", "{path: hida, layout: hida, part: b}"),
    ],
    ids=["by name", "by value and name", "by value", "by part"],
)
def test_domains_may_share_a_path_where_it_is_said_what_is_whose(tmp_path, first, second):
    text = f"classes: [a]\ndomains:\n  one: {first}\n  two: {second}\n"
    assert set(domains(tmp_path, text)) == {"one", "two"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("{path: x}", "{path: ./x}"),
        ("{path: x.csv, select: s}", "{path: x.csv, select: s}"),
        ("{path: x.csv, select: two}", "{path: x.csv}"),
        ("{path: hida, layout: hida, part: a}", "{path: hida, layout: hida, part: a}"),
        ("{path: x, layout: hida}", "{path: x}"),
    ],
    ids=["folder", "value", "value is name", "part", "no part"],
)
def test_the_same_images_twice_are_refused(tmp_path, first, second):
    error = refusal(tmp_path, f"classes: [a]\ndomains:\n  one: {first}\n  two: {second}\n")
    assert "stands twice" in error.what
    assert error.where == f"{tmp_path / 'wbcray.yaml'}:4"
    assert f"{tmp_path / 'wbcray.yaml'}:3" in error.fix


WRONG = [
    ("clean: rgb", "clean: hsv", 3, 'domains.pbc.clean must be rgb, got "hsv"'),
    ("layout: acevedo_20", "layout: [x]", 3, "domains.pbc.layout must be the name of a published"),
    ("layout: acevedo_20", "layout: gone.yaml", 3, "domains.pbc.layout: there is no file"),
    ("layout: acevedo_20, ", "", 3, "domains.pbc.clean needs a `layout`"),
    ("mapping: all", "maping: all", 3, "unknown key 'maping' in domains.pbc"),
    ("mapping: all", 'mapping: ""', 3, "domains.pbc.mapping must be a label map of its layout"),
    ("mapping: all", "columns: {label: x}", 3, "domains.pbc.columns is for a CSV file"),
    ("mapping: all", "select: x", 3, "domains.pbc.select is for a CSV file"),
    ("{label: class}", "{lable: class}", 4, "unknown key 'lable' in domains.own.columns"),
    ("{label: class}", "{label: 3}", 4, "domains.own.columns.label must be a column's name, got 3"),
    ("{label: class}", "class", 4, "domains.own.columns must be a mapping from image, label"),
    ('select: "site 1"', "part: x", 4, "domains.own.part needs a `layout`"),
    ("artefact: null", "artefact: 5", 7, "domains.ward.label_map must be a mapping from labels"),
    ("neutrophil_segmented", "neutrofil", 7, '"neutrofil" is not among the classes'),
    ('["*_old.png"]', "gone.txt", 8, "domains.ward.ignore: cannot read"),
    ('["*_old.png"]', "[1]", 8, "domains.ward.ignore must be a list of patterns, or the path"),
    ("canonical13", "canonical-13", 1, "classes must be a list of one or more class names, or"),
]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"), WRONG, ids=[item[1][:30] or "no layout" for item in WRONG]
)
def test_a_mistake_is_named_with_its_line_and_a_fix(tmp_path, old, new, line, words):
    assert old in GOOD
    error = refusal(tmp_path, GOOD.replace(old, new))
    assert words in error.what
    # some mistakes come in pairs: the first of them is listed with its line
    assert f"wbcray.yaml:{line}" in error.where + error.what


def test_a_label_is_mapped_to_a_class_by_the_nearest_name(tmp_path):
    error = refusal(tmp_path, GOOD.replace("neutrophil_segmented", "neutrofil_segmented"))
    assert "did you mean 'neutrophil_segmented'" in error.fix


def test_a_label_may_be_mapped_to_what_the_label_space_calls_otherwise(tmp_path):
    text = GOOD.replace("canonical13", "coarse5").replace("neutrophil_segmented", "normoblast")
    # an erythroblast, which the coarse classes leave out
    assert domains(tmp_path, text)["ward"].label_map["Neutrofil"] == "normoblast"
