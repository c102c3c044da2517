"""A run is not begun on data where one picture is on both sides of a split."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from generated_cells import write_project
from PIL import Image

from wbcray.core.errors import RefusedError
from wbcray.core.project import load_project
from wbcray.data.audit import link_cache
from wbcray.explorer.reading.data_facts import read_audit, read_overview
from wbcray.store import commit
from wbcray.store.commit import read
from wbcray.store.run import identity_of
from wbcray.training.open_run import open_run


@pytest.fixture
def leaking(tmp_path, cells):
    """A project of which an image was copied into another domain, turned."""
    shutil.copytree(cells, tmp_path / "cells")
    source = tmp_path / "cells/north/blast/0.png"
    turned = Image.open(source).transpose(Image.Transpose.ROTATE_270)
    turned.save(tmp_path / "cells/west/blast/copy.png")
    return load_project(write_project(tmp_path, tmp_path / "cells"))


def test_generated_cells_are_no_copies_of_each_other(run):
    assert read_audit(run.folder).findings == ()
    assert identity_of(run.folder)["allowed"] == []


def test_a_copy_in_another_domain_is_refused_and_leaves_no_run(leaking, settings):
    with pytest.raises(RefusedError) as caught:
        open_run(leaking, "main", settings)
    assert "1 pair of images" in caught.value.what
    assert "north/blast/0.png and west/blast/copy.png" in caught.value.what
    assert caught.value.where.startswith(str(leaking.cache))
    assert not Path(leaking.runs, "main", "run.json").exists()


def test_what_was_allowed_is_part_of_the_run(leaking, settings):
    run = open_run(replace(leaking, allow=("leakage",)), "main", settings)
    assert identity_of(run.folder)["allowed"] == ["leakage"]
    (leak, near) = read_audit(run.folder).findings
    assert (leak.kind, leak.severity, leak.count) == ("leakage_domains", "error", 1)
    assert near.kind == "near_duplicates"
    with pytest.raises(RefusedError):
        open_run(leaking, "main", settings)


def test_allowing_what_does_not_occur_changes_no_run(project, settings):
    first = open_run(project, "main", settings)
    again = open_run(replace(project, allow=("leakage",)), "main", settings)
    assert identity_of(again.folder) == identity_of(first.folder)


def test_pairs_are_looked_for_once(project, settings, monkeypatch):
    open_run(project, "main", settings)
    monkeypatch.setattr(link_cache, "find_links", None)
    open_run(project, "main", settings)
    open_run(project, "other", settings)


def test_a_damaged_list_of_pairs_is_made_anew(leaking, settings):
    allowed = replace(leaking, allow=("leakage",))
    run = open_run(allowed, "main", settings)
    (path,) = leaking.cache.glob("duplicates-*.json")
    good = read(path, "duplicates")
    path.write_text("{")
    assert len(link_cache.links_of(run.pixels, leaking.cache)) == 1
    assert read(path, "duplicates") == good


def test_a_changed_image_is_searched_anew(leaking, settings):
    allowed = replace(leaking, allow=("leakage",))
    open_run(allowed, "main", settings)
    (leaking.folders["west"] / "blast/copy.png").unlink()
    clean = open_run(leaking, "other", settings)
    assert read_audit(clean.folder).findings == ()


def test_the_overview_counts_every_class_and_shows_one_image_of_each(run):
    overview = read_overview(run.folder)
    assert {one.name: one.images for one in overview.domains} == dict.fromkeys(
        ("north", "south", "west"), 28
    )
    assert overview.domains[0].counts == {"blast": 14, "eosinophil": 9, "monocyte": 5}
    assert overview.domains[0].width == (32, 32, 32)
    assert len(overview.examples) == 9


def test_records_about_the_data_are_kept_and_made_anew_where_damaged(run, project, settings):
    path = run.folder / "overview.json"
    before = path.stat().st_mtime_ns
    open_run(project, "main", settings)
    assert path.stat().st_mtime_ns == before
    (run.folder / "audit.json").write_text("{")
    commit.replace(path, "overview", {"data_fingerprint": "of other data"})
    open_run(project, "main", settings)
    assert read_audit(run.folder).images == 84
    assert read(path, "overview")["data_fingerprint"] == run.pixels.fingerprint
