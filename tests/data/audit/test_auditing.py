"""The audit of a project on disk: every kind of finding, planted."""

import numpy as np
import pytest
from PIL import Image
from planted_copies import synthetic
from projects import project_of

from wbcray.data.audit.auditing import audit_files
from wbcray.data.audit.leakage import leakage
from wbcray.data.audit.leaving_out import to_leave_out, write_ignore_files
from wbcray.data.audit.reading import read_images
from wbcray.data.audit.signatures import sign_store
from wbcray.data.catalog import read_catalog
from wbcray.data.folds import make_splits
from wbcray.data.pixels import prepare, sources_of, view_of

CLASSES = ("blast", "monocyte")


@pytest.fixture(scope="module")
def cells():
    return synthetic(24, size=64)


@pytest.fixture
def images(tmp_path, cells):
    """Two domains of two classes of six images, all different."""
    for number, image in enumerate(cells):
        domain, label = ("north", "south")[number % 2], CLASSES[number // 2 % 2]
        path = tmp_path / domain / label / f"{number // 4}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path)
    return tmp_path


def audited(images, **more):
    sources = {name: images / name for name in ("north", "south")}
    image = {"size": 64}
    more = {"training": {"folds": 2}, "image": image} | more
    return audit_files(project_of(images, sources, CLASSES, **more))


def kinds(found):
    return {finding.kind: finding.count for finding in found.findings}


def test_nothing_is_found_in_good_images(images):
    found = audited(images)
    assert found.findings == ()
    assert len(found.catalog.samples) == 24


def test_images_that_cannot_be_read_are_all_named_and_the_rest_is_audited(images):
    (images / "north/blast/0.png").write_bytes(b"")
    (images / "south/blast/1.png").write_bytes(b"GIF89a")
    Image.open(images / "north/blast/2.png").save(images / "north/blast/9.png")
    found = audited(images)
    (broken,) = [finding for finding in found.findings if finding.kind == "unreadable"]
    assert [(case[0].domain, case[0].path) for case in broken.cases] == [
        ("north", "blast/0.png"),
        ("south", "blast/1.png"),
    ]
    assert "north/blast/0.png: cannot read image: the file is empty" in broken.what
    (link,) = found.links
    names = [found.catalog.samples[position].path for position in (link.first, link.second)]
    assert names == ["blast/2.png", "blast/9.png"]


def test_a_copy_in_another_domain_leaks_in_whatever_orientation(images):
    cell = Image.open(images / "north/monocyte/1.png").transpose(Image.Transpose.ROTATE_90)
    cell.save(images / "south/monocyte/9.jpg", quality=70)
    assert kinds(audited(images)) == {"leakage_domains": 1, "near_duplicates": 1}


def test_copies_within_a_domain_stay_in_one_fold_and_so_leak_nothing(images):
    for number in range(8, 12):
        Image.open(images / "north/monocyte/1.png").save(images / f"north/monocyte/{number}.png")
    found = audited(images)
    assert kinds(found) == {"exact_duplicates": 4}
    # divided without that knowledge, they would have
    splits = make_splits(found.catalog, folds=2, seed=0)
    assert leakage(found.catalog, splits, found.links).folds


def test_one_picture_with_two_labels_is_found(images):
    Image.open(images / "north/monocyte/1.png").save(images / "north/blast/9.png")
    (finding,) = [f for f in audited(images).findings if f.kind == "two_labels"]
    assert {sample.label for sample in finding.cases[0]} == set(CLASSES)


def test_classes_too_thin_for_the_folds_are_noted(images):
    for number in range(1, 6):
        (images / f"south/blast/{number}.png").unlink()
    found = audited(images)
    assert [(f.kind, f.severity) for f in found.findings] == [("thin_class", "note")]
    assert "'blast' has 1 image in 'south', fewer than 2 folds" in found.findings[0].what


def test_a_domain_that_cannot_be_divided_is_an_error_among_the_others(images):
    found = audited(images, training={"folds": 7})
    assert found.findings[0].kind == "folds"
    assert found.findings[0].severity == "error"


def test_the_gravest_finding_is_the_first(images):
    Image.open(images / "north/monocyte/1.png").save(images / "south/blast/9.png")
    (images / "north/blast/0.png").write_bytes(b"")
    severities = [finding.severity for finding in audited(images).findings]
    assert severities == sorted(severities, key=("error", "warning", "note").index)


def test_after_leaving_out_what_was_found_nothing_is_found(images):
    Image.open(images / "north/monocyte/1.png").save(images / "south/blast/9.png")
    Image.open(images / "north/monocyte/2.png").save(images / "north/monocyte/9.png")
    (images / "north/blast/0.png").write_bytes(b"")
    found = audited(images)
    reasons = to_leave_out(found.catalog, found.unreadable, found.links)
    assert len(reasons) == 4
    sources = {name: {"path": name, "ignore": f"{name}.ignore"} for name in ("north", "south")}
    plan = {"training": {"folds": 2}, "image": {"size": 64}}
    first = project_of(images, {k: images / k for k in sources}, CLASSES, **plan)
    write_ignore_files(images, first.domains, reasons)
    again = audit_files(project_of(images, sources, CLASSES, **plan))
    assert again.findings == ()
    assert len(again.catalog.samples) == len(found.catalog.samples) - 4


def test_progress_is_told_image_by_image(images):
    told = []
    project = project_of(images, {k: images / k for k in ("north", "south")}, CLASSES)
    audit_files(project, on_progress=lambda *said: told.append(said))
    assert told[0] == ("north", 1, 12)
    assert told[-1] == ("south", 12, 12)
    assert len(told) == 24


def test_published_numbers_that_differ_are_a_note_with_a_table(tmp_path, cells):
    root = tmp_path / "matek"
    for label in ("basophil", "monocyte"):
        (tmp_path / "own" / label).mkdir(parents=True)
    for number, label in ((0, "basophil"), (1, "basophil"), (2, "monocyte"), (3, "monocyte")):
        cells[number].save(tmp_path / "own" / label / f"{number}.png")
    for number, code in enumerate(("BAS", "EBO", "MON"), start=4):
        (root / code).mkdir(parents=True)
        cells[number].save(root / code / f"{code}_0001.tiff")
    domains = {"matek": {"path": str(root), "layout": "matek_19"}, "own": tmp_path / "own"}
    project = project_of(tmp_path, domains, "canonical13", training={"folds": 2})
    found = audit_files(project)
    (finding,) = [f for f in found.findings if f.kind == "published_counts"]
    assert finding.severity == "note"
    assert ("EBO", 1, 78) in finding.counts
    assert finding.count == len(finding.counts)


def test_findings_are_plain_values_as_json(images):
    Image.open(images / "north/monocyte/1.png").save(images / "south/monocyte/9.png")
    told = audited(images).findings[0].as_json()
    assert told["kind"] == "leakage_domains"
    assert told["likeness"] == [1.0]
    assert told["cases"] == [
        [
            {"domain": "north", "path": "monocyte/1.png", "label": "monocyte"},
            {"domain": "south", "path": "monocyte/9.png", "label": "monocyte"},
        ]
    ]


def test_the_signatures_of_files_are_those_of_the_prepared_pixels(images):
    project = project_of(images, {k: images / k for k in ("north", "south")}, CLASSES)
    catalog = read_catalog(project)
    read = read_images(catalog, sources_of(project), view_of(project))
    store = sign_store(prepare(catalog, sources_of(project), view_of(project), project.cache))
    assert read.signatures.digests == store.digests
    np.testing.assert_array_equal(read.signatures.spectra, store.spectra)
