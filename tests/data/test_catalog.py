import pytest
from domain_on_disk import CLASSES, fill, touch
from projects import project_of

from wbcray.core.errors import DataError, RefusedError
from wbcray.data.catalog import classes_without_images, has_labels, read_catalog


@pytest.fixture
def images(tmp_path):
    return tmp_path / "images"


@pytest.fixture
def two_domains(images):
    fill(images / "north", basophil=1, neutrophil=2)
    fill(images / "south", basophil=1, neutrophil=1)
    return {"south": images / "south", "north": images / "north"}


def test_a_catalog_is_sorted_by_domain_and_path(tmp_path, two_domains):
    catalog = read_catalog(project_of(tmp_path, two_domains, CLASSES))
    assert [(sample.domain, sample.path) for sample in catalog.samples] == [
        ("north", "basophil/0.png"),
        ("north", "neutrophil/0.png"),
        ("north", "neutrophil/1.png"),
        ("south", "basophil/0.png"),
        ("south", "neutrophil/0.png"),
    ]


def test_classes_keep_the_order_they_are_given_in(tmp_path, two_domains):
    catalog = read_catalog(project_of(tmp_path, two_domains, CLASSES[::-1]))
    assert catalog.classes == ("neutrophil", "basophil")
    assert catalog.labels() == (1, 0, 0, 1, 0)


def test_one_domain_alone_is_refused_because_none_is_left_to_learn_from(tmp_path, two_domains):
    with pytest.raises(DataError, match="holding one out needs at least 2"):
        read_catalog(project_of(tmp_path, {"north": two_domains["north"]}, CLASSES))


def test_a_class_without_any_image_is_refused(tmp_path, two_domains):
    with pytest.raises(DataError, match="class 'neutrofil' has no image") as caught:
        read_catalog(project_of(tmp_path, two_domains, (*CLASSES, "neutrofil")))
    assert "did you mean 'neutrophil'" in caught.value.fix


def test_a_class_of_a_label_space_may_be_without_images_and_keeps_its_id(tmp_path, images):
    fill(images / "north", eosinophil=1, monocyte=1)
    fill(images / "south", eosinophil=1, smudge_cell=1)
    domains = {name: images / name for name in ("north", "south")}
    catalog = read_catalog(project_of(tmp_path, domains, "canonical13"))
    assert catalog.labels() == (1, 9, 1, 12)
    assert len(classes_without_images(catalog)) == 10
    assert "basophil" in classes_without_images(catalog)


def test_a_domain_with_one_class_is_refused_by_a_guard_rail_that_can_be_lifted(
    tmp_path, two_domains
):
    for number in range(2):
        (two_domains["north"] / "neutrophil" / f"{number}.png").unlink()
    (two_domains["north"] / "neutrophil").rmdir()
    with pytest.raises(RefusedError, match="'north' has only the class 'basophil'") as caught:
        read_catalog(project_of(tmp_path, two_domains, CLASSES))
    assert "allow: [single_class]" in caught.value.fix
    allowed = project_of(tmp_path, two_domains, CLASSES, allow=["single_class"])
    assert read_catalog(allowed).labels() == (0, 0, 1)


def test_an_image_in_two_domains_is_refused(tmp_path, two_domains):
    table = two_domains["north"].parent / "labels.csv"
    table.write_text("image,label\nnorth/basophil/0.png,basophil\nsouth/basophil/0.png,neutrophil")
    with pytest.raises(DataError, match="is in two domains, 'north' and 'table'"):
        read_catalog(project_of(tmp_path, two_domains | {"table": table}, CLASSES))


# --- domains without labels ---------------------------------------------------------------------


def unlabelled(images):
    """A table without labels, of two images."""
    touch(images / "t/1.png", images / "t/2.png")
    table = images / "t" / "target.csv"
    table.write_text("image,label\n1.png,\n2.png,\n")
    return table


def test_a_domain_without_labels_is_part_of_the_catalog(tmp_path, images, two_domains):
    domains = two_domains | {"target": unlabelled(images)}
    project = project_of(tmp_path, domains, CLASSES)
    catalog = read_catalog(project)
    assert catalog.labels()[-2:] == (-1, -1)
    assert catalog.labelled_domains == ("north", "south")
    assert {d.name: has_labels(d) for d in project.domains} == {
        "north": True,
        "south": True,
        "target": False,
    }


def test_a_domain_without_labels_does_not_count_among_the_two_that_are_needed(
    tmp_path, images, two_domains
):
    domains = {"north": two_domains["north"], "target": unlabelled(images)}
    with pytest.raises(DataError, match=r"found 1 domain \(north\), and target without labels"):
        read_catalog(project_of(tmp_path, domains, CLASSES))


def test_domains_may_share_one_root_of_which_each_is_a_part(tmp_path, images):
    for part in ("Acevedo_20", "Matek_19"):
        fill(images / "Datasets" / part, basophil=1, monocyte=1)
        for path in sorted((images / "Datasets" / part).glob("*/*.png")):
            path.rename(path.with_suffix(".tiff" if part == "Matek_19" else ".jpg"))
    touch(images / "WBC1/DATA-VAL/0.TIF", images / "WBC1/DATA-VAL/1.TIF")
    domains = {
        part: {"path": str(images), "layout": "hida", "part": part}
        for part in ("acevedo_20", "matek_19", "wbc1")
    }
    project = project_of(tmp_path, domains, "canonical13")
    catalog = read_catalog(project)
    assert catalog.labels() == (0, 9, 0, 9, -1, -1)
    assert catalog.labelled_domains == ("acevedo_20", "matek_19")
    assert [has_labels(domain) for domain in project.domains] == [True, True, False]
