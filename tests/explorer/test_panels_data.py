"""What a report says about the data: overview and audit, whole, honest and escaped."""

import base64
import io
import json

import pytest
from PIL import Image

from wbcray.core.errors import ResourceError, StoreError
from wbcray.explorer.reading.data_facts import AuditFacts, OverviewFacts, read_audit, read_overview
from wbcray.explorer.reading.tables import read_tables
from wbcray.explorer.report.data_panels import audit_html, data_sections, overview_html
from wbcray.explorer.report.data_sheet import write_sheet
from wbcray.explorer.report.writing import write_report
from wbcray.store.commit import replace

ATTACK = '<script>alert("1")</script>'


def png(colour):
    file = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


SIZES = {"least": 120, "median": 130, "most": 140}
HOME = {
    "name": "home",
    "images": 7,
    "unlabelled": 0,
    "counts": {"a": 7, "b": 0, "c": None},
    "left_out": {"ART": 3},
    "patients": 4,
    "width": SIZES,
    "height": SIZES | {"least": 140, "median": 140},
    "mean_rgb": [200.0, 150.5, 100.0],
    "sd_rgb": [1.0, 2.0, 3.0],
    "agreements": [{"readings": ["label", "first"], "images": 4, "agree": 3, "kappa": 0.5}],
}
OVERVIEW = {
    "classes": ["a", "b", "c"],
    "domains": [HOME],
    "examples": [{"domain": "home", "class": "a", "png": png("red")}],
}
LEAK = {
    "kind": "leakage_folds",
    "severity": "error",
    "what": "1 pair of images of one picture",
    "count": 1,
    "fix": "leave one out",
    "cases": [
        [
            {"domain": "home", "image": "img-000000000001", "label": "a"},
            {"domain": "home", "image": "img-000000000002", "label": None},
        ]
    ],
    "likeness": [0.912],
    "counts": [],
}
AUDIT = {
    "images": 7,
    "findings": [LEAK],
    "pictures": [
        {"domain": "home", "image": "img-000000000001", "png": png("red")},
        {"domain": "home", "image": "img-000000000002", "png": png("blue")},
    ],
}


def overview(**changes):
    return overview_html(OverviewFacts.from_json(OVERVIEW | changes))


def audit(**changes):
    return audit_html(AuditFacts.from_json(AUDIT | changes))


def test_no_image_of_a_class_and_no_label_for_it_are_told_apart():
    html = overview()
    assert html.count('<td class="none">0 images</td>') == 1
    assert html.count('<td class="none">no such label</td>') == 1
    assert html.count("<small>7 images</small>") == 1


@pytest.mark.parametrize("unknown", [0, None])
def test_of_a_domain_without_labels_no_class_is_said_to_have_no_image(unknown):
    counts = dict.fromkeys(OVERVIEW["classes"], unknown)
    target = HOME | {"name": "target", "images": 5, "unlabelled": 5, "counts": counts}
    html = overview(domains=[target])
    assert html.count('<td class="none">no labels</td>') == 3
    assert "0 images" not in html


@pytest.mark.parametrize(
    "fact",
    ["200.0 ± 1.0", "120 .. 130 .. 140 px", "<td>140 px</td>", "ART 3", "<td>75.0%</td>", "0.50"],
)
def test_the_overview_says(fact):
    assert fact in overview()


def test_without_second_opinions_there_is_no_table_of_them():
    assert "kappa" not in overview(domains=[HOME | {"agreements": []}])


def test_a_pair_stands_side_by_side_with_its_likeness_and_names():
    html = audit()
    figure = html[html.index("<figure>") : html.index("</figure>")]
    assert figure.count("<img") == 2
    assert "likeness 0.912; home/img-000000000001 (a)<br>home/img-000000000002 (no label)" in figure


def test_pictures_are_shown_of_the_first_cases_and_names_of_all():
    more = [{"domain": "home", "image": "z.png", "label": "a"}]
    html = audit(findings=[LEAK | {"cases": [*LEAK["cases"], more], "likeness": [0.9, 0.9]}])
    assert html.count("<figure>") == 1
    assert "home/z.png" in html


def test_numbers_beside_the_published_ones_are_a_table():
    counts = [{"label": "EBO", "found": 12, "published": 1078}]
    html = audit(findings=[LEAK | {"counts": counts}])
    assert "<td>EBO</td><td>12</td><td>1,078</td>" in html


def test_an_audit_that_found_nothing_says_so():
    assert "7 images; nothing was found" in audit(findings=[])


def test_names_are_escaped_and_what_is_no_picture_is_left_out():
    place = {"domain": ATTACK, "image": ATTACK}
    case = [place | {"label": ATTACK}]
    finding = LEAK | {"what": ATTACK, "fix": ATTACK, "cases": [case], "likeness": []}
    pictures = [place | {"png": f'"{ATTACK}'}]
    html = audit(findings=[finding], pictures=pictures)
    html += overview(classes=[ATTACK], domains=[HOME | {"name": ATTACK, "left_out": {ATTACK: 1}}])
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "<img" not in html


def test_a_run_that_says_nothing_about_its_data_has_no_such_sections(tmp_path):
    assert data_sections(read_overview(tmp_path), read_audit(tmp_path)) == ()


@pytest.mark.parametrize("missing", ["findings", "images", "pictures"])
def test_a_damaged_record_is_named(tmp_path, missing):
    payload = {key: value for key, value in AUDIT.items() if key != missing}
    replace(tmp_path / "audit.json", "audit", payload)
    with pytest.raises(StoreError, match="audit cannot be read"):
        read_audit(tmp_path)


def with_data(run_folder, **facts):
    """The tables of a run that says what its data are."""
    replace(run_folder / "audit.json", "audit", AUDIT)
    replace(run_folder / "overview.json", "overview", OVERVIEW)
    known = json.loads((run_folder / "facts.json").read_text())
    (run_folder / "facts.json").write_text(json.dumps(known | facts))
    return read_tables(run_folder)


def test_the_report_has_both_sections_with_links_to_them(run_folder, tmp_path):
    write_report(with_data(run_folder), tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text()
    for anchor in ("images", "audit"):
        assert f'<section id="{anchor}">' in page
        assert f'<a href="#{anchor}">' in page


def test_the_protocol_card_says_what_was_found(run_folder, tmp_path):
    write_report(with_data(run_folder), tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text()
    assert "<dt>Audit</dt><dd>1 error; 1 pair of images of one picture</dd>" in page
    assert "LEAKAGE ALLOWED" not in page


def test_leakage_that_was_allowed_stands_on_every_screen_of_the_report(run_folder, tmp_path):
    write_report(with_data(run_folder, allowed=["leakage"]), tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text()
    assert 'role="alert">LEAKAGE ALLOWED' in page
    assert "<dt>Allowed</dt><dd>leakage</dd>" in page


def test_the_sheet_is_a_page_of_its_own_without_scripts_or_requests(tmp_path):
    write_sheet(AuditFacts.from_json(AUDIT), tmp_path / "s.html", title=ATTACK)
    page = (tmp_path / "s.html").read_text()
    assert page.count("<img") == 2
    assert "<script" not in page
    assert "http:" not in page


def test_a_sheet_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "taken").touch()
    with pytest.raises(ResourceError, match="cannot be written"):
        write_sheet(AuditFacts.from_json(AUDIT), tmp_path / "taken" / "s.html", title="x")
