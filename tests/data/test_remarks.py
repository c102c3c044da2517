from projects import project_of

from wbcray.data.catalog import catalog_of, read_domain
from wbcray.data.remarks import remarks


def told(folder, domains, classes="coarse5"):
    project = project_of(folder, domains, classes)
    readings = [read_domain(domain, project) for domain in project.domains]
    return remarks(project, readings, catalog_of(project, readings))


def plant(folder, *paths):
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()


def test_nothing_that_is_left_out_goes_unsaid(tmp_path):
    plant(tmp_path, "a/monocyte/1.png", "a/basophil/1.png", "a/myeloblast/1.png")
    plant(tmp_path, "a/myeloblast/2.png", "a/smudge_cell/1.png", "b/1.png", "b/2.png", "b/3.png")
    plant(tmp_path, "t/1.png")
    (tmp_path / "b/labels.csv").write_text("image,label\n1.png,monocyte\n2.png,eosinophil\n")
    (tmp_path / "t/labels.csv").write_text("image,label\n1.png,\n")
    paths = {"a": tmp_path / "a", "b": tmp_path / "b/labels.csv", "t": tmp_path / "t/labels.csv"}
    assert told(tmp_path, paths) == [
        "'a': 3 images left out, with no class in coarse5 (myeloblast 2, smudge_cell 1)",
        "'b': 1 image not used, as labels.csv does not list them",
        "'t' has no labels: nothing learns from it, and no score is measured on it",
        "no image of lymphocyte, neutrophil in any domain: nothing can learn or measure it",
    ]


def test_entries_of_a_label_map_that_no_image_bears_are_said(tmp_path):
    for domain in ("a", "b"):
        plant(tmp_path, f"{domain}/x/1.png", f"{domain}/y/1.png", f"{domain}/artefact/1.png")
    known = {"path": str(tmp_path / "a"), "label_map": {"artefact": None}}
    typing = {"artefact": None, "artefackt": None, "Y": "y"}
    mistaken = {"path": str(tmp_path / "b"), "label_map": typing}
    assert told(tmp_path, {"a": known, "b": mistaken}, ["x", "y"]) == [
        "'a': 1 image left out, with no class in the list of classes (artefact 1)",
        "'b': 1 image left out, with no class in the list of classes (artefact 1)",
        "'b': no image bears 'Y', 'artefackt', which `label_map` names",
    ]


def test_where_everything_is_used_there_is_nothing_to_say(tmp_path):
    for domain in ("a", "b"):
        plant(tmp_path, f"{domain}/x/1.png", f"{domain}/y/1.png")
    assert told(tmp_path, {d: tmp_path / d for d in ("a", "b")}, ["x", "y"]) == []
