import pytest
from projects import project_of

from wbcray.core.errors import DataError, ResourceError
from wbcray.core.sample import Catalog, Sample
from wbcray.data.audit.duplicates import Link
from wbcray.data.audit.leaving_out import to_leave_out, write_ignore_files
from wbcray.data.audit.reading import Unreadable


def sample(domain, path, label="a"):
    return Sample(path=path, label=label, domain=domain)


def link(first, second):
    return Link(first=first, second=second, likeness=0.9, exact=False)


IMAGES = (
    sample("north", "a/1.png"),
    sample("north", "a/2.png"),
    sample("north", "b/3.png", "b"),
    sample("south", "a/4.png"),
    sample("south", "a/5.png", None),
    sample("south", "# odd.png"),
)
CATALOG = Catalog(samples=IMAGES, classes=("a", "b"), domains=("north", "south"))


def left_out(links=(), unreadable=()):
    reasons = to_leave_out(CATALOG, unreadable, links)
    return {f"{one.domain}/{one.path}": why for one, why in reasons.items()}


def test_all_copies_but_the_first_are_left_out():
    assert left_out([link(0, 1), link(1, 3)]) == {
        "north/a/2.png": "the same picture as north/a/1.png",
        "south/a/4.png": "the same picture as north/a/1.png",
    }


def test_every_copy_is_left_out_where_labels_contradict():
    assert left_out([link(0, 2)]) == {
        "north/a/1.png": "one picture with the labels a and b, also north/b/3.png",
        "north/b/3.png": "one picture with the labels a and b, also north/a/1.png",
    }


def test_no_label_contradicts_no_label():
    assert set(left_out([link(3, 4)])) == {"south/a/5.png"}


def test_unreadable_images_are_left_out_with_the_reason():
    problem = DataError("the file is empty", where="x", fix="y")
    found = left_out(unreadable=[Unreadable(sample=IMAGES[3], problem=problem)])
    assert found == {"south/a/4.png": "the file is empty"}


@pytest.fixture
def project(tmp_path):
    for name in ("north", "south"):
        (tmp_path / name).mkdir()
    south = {"path": "south", "ignore": ["*_old.png"]}
    return project_of(tmp_path, {"north": tmp_path / "north", "south": south}, ["a", "b"])


def test_a_list_says_why_and_keeps_what_was_ignored(tmp_path, project):
    reasons = to_leave_out(CATALOG, [], [link(0, 1), link(0, 5)])
    written = write_ignore_files(tmp_path / "lists", project.domains, reasons)
    assert set(written) == {"north", "south"}
    assert written["south"].read_text() == (
        "# images that domain 'south' leaves out, after `wbcray data check`\n"
        "# what wbcray.yaml left out already\n"
        "*_old.png\n"
        "# the same picture as north/a/1.png\n"
        "./# odd.png\n"
    )


def test_what_a_list_leaves_out_is_what_the_project_then_ignores(tmp_path, project):
    reasons = to_leave_out(CATALOG, [], [link(0, 1), link(0, 5)])
    write_ignore_files(tmp_path, project.domains, reasons)
    entry = {"path": "south", "ignore": "south.ignore"}
    again = project_of(tmp_path, {"north": tmp_path / "north", "south": entry}, ["a", "b"])
    assert again.domains[1].ignore == ("*_old.png", "./# odd.png")


def test_a_domain_that_loses_nothing_gets_no_list(tmp_path, project):
    reasons = to_leave_out(CATALOG, [], [link(0, 1)])
    assert set(write_ignore_files(tmp_path / "lists", project.domains, reasons)) == {"north"}


def test_a_folder_that_cannot_be_written_is_said(tmp_path, project):
    (tmp_path / "taken").touch()
    with pytest.raises(ResourceError, match="cannot write the list"):
        write_ignore_files(tmp_path / "taken", project.domains, {IMAGES[0]: "x"})
