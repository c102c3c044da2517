import base64
import io

import numpy as np
import pytest
from PIL import Image
from projects import project_of

from wbcray.core.errors import ResourceError
from wbcray.data.audit import thumbnails
from wbcray.data.audit.example_sheet import write_example_sheet
from wbcray.data.audit.overview import Range, examples, overview
from wbcray.data.catalog import catalog_of, read_domain
from wbcray.data.pixels import prepare, sources_of, view_of


def paint(path, grey, size=(40, 32)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, grey if isinstance(grey, tuple) else (grey,) * 3).save(path)


def seen(folder, domains, classes):
    """Overview, catalog and facts of a project."""
    project = project_of(folder, domains, classes, image={"size": 32})
    readings = [read_domain(domain, project) for domain in project.domains]
    catalog = catalog_of(project, readings)
    facts = prepare(catalog, sources_of(project), view_of(project), project.cache).facts()
    found = {one.name: one for one in overview(project, catalog, readings, facts)}
    return found, catalog, facts


@pytest.fixture
def folder(tmp_path):
    for number, grey in enumerate((10, 20, 60)):
        paint(tmp_path / f"own/monocyte/{number}.png", grey)
    paint(tmp_path / "own/basophil/0.png", (100, 110, 120), size=(64, 50))
    for number in range(1, 4):
        paint(tmp_path / f"table/{number}.png", 10 * number)
    (tmp_path / "table/labels.csv").write_text(
        "image,label,patient\n1.png,monocyte,p\n2.png,basophil,p\n3.png,monocyte,q\n"
    )
    paint(tmp_path / "target/1.png", 77)
    (tmp_path / "target/labels.csv").write_text("image,label\n1.png,\n")
    return tmp_path


def all_seen(folder):
    tables = {name: folder / name / "labels.csv" for name in ("table", "target")}
    domains = {"own": folder / "own"} | tables
    return seen(folder, domains, ["basophil", "monocyte"])


def test_sizes_and_colours_are_those_of_the_files(folder):
    own = all_seen(folder)[0]["own"]
    assert own.width == Range(least=40, median=40, most=64)
    assert own.height == Range(least=32, median=32, most=50)
    assert own.mean_rgb == (47.5, 50.0, 52.5)  # of 10, 20, 60 and 100, 110, 120
    assert own.sd_rgb[0] == round(float(np.std([10, 20, 60, 100])), 1)


def test_patients_and_images_without_label_are_counted(folder):
    found = all_seen(folder)[0]
    assert {name: (one.patients, one.unlabelled) for name, one in found.items()} == {
        "own": (None, 0),
        "table": (2, 0),
        "target": (None, 1),
    }
    assert found["table"].counts == {"basophil": 1, "monocyte": 2}
    assert found["target"].counts == {"basophil": None, "monocyte": None}


def test_no_image_of_a_class_differs_from_no_label_for_it(tmp_path):
    for code in ("BAS", "MON"):
        (tmp_path / "m" / code).mkdir(parents=True)
        paint(tmp_path / f"m/{code}/{code}_0001.tiff", 99)
    for label in ("basophil", "monocyte"):
        paint(tmp_path / f"own/{label}/0.png", 99)
    domains = {
        "matek": {"path": str(tmp_path / "m"), "layout": "matek_19"},
        "own": tmp_path / "own",
    }
    found = seen(tmp_path, domains, "canonical13")[0]
    assert found["matek"].counts["basophil"] == 1
    assert found["matek"].counts["eosinophil"] == 0
    assert found["own"].counts["eosinophil"] == 0


def test_a_class_that_no_label_of_a_layout_means_is_absent(tmp_path):
    for number, code in enumerate(("basophil", "eosinophil")):
        paint(tmp_path / f"pbc/{code}/{code[:2].upper()}_{number:06d}.jpg", 99)
    for label in ("basophil", "smudge_cell"):
        paint(tmp_path / f"own/{label}/0.png", 99)
    domains = {
        "acevedo": {"path": str(tmp_path / "pbc"), "layout": "acevedo_20"},
        "own": tmp_path / "own",
    }
    found = seen(tmp_path, domains, "canonical13")[0]
    assert found["acevedo"].counts["smudge_cell"] is None
    assert found["acevedo"].counts["monocyte"] == 0
    assert found["own"].counts["smudge_cell"] == 1


def test_the_typical_image_is_the_one_of_the_median_colour(folder):
    _, catalog, facts = all_seen(folder)
    place = examples(catalog, facts)["own", "monocyte"]
    assert catalog.samples[place].path == "monocyte/1.png"


def test_every_pair_with_images_has_an_example(folder):
    _, catalog, facts = all_seen(folder)
    assert set(examples(catalog, facts)) == {
        (domain, label) for domain in ("own", "table") for label in ("basophil", "monocyte")
    }


def opened(png):
    return Image.open(io.BytesIO(base64.b64decode(png)))


def test_a_thumbnail_is_a_small_png_of_the_same_colours():
    found = opened(thumbnails.of_pixels(np.full((224, 224, 3), (10, 20, 30), dtype=np.uint8)))
    assert (found.format, found.size, found.getpixel((5, 5))) == ("PNG", (64, 64), (10, 20, 30))


def test_a_file_that_cannot_be_read_has_no_thumbnail(tmp_path):
    (tmp_path / "x.png").write_bytes(b"")
    paint(tmp_path / "y.png", 50, size=(200, 100))
    assert thumbnails.of_file(tmp_path / "x.png") is None
    assert opened(thumbnails.of_file(tmp_path / "y.png", side=50)).size == (50, 25)


def test_the_sheet_has_each_class_in_its_row_and_each_domain_in_its_column(tmp_path):
    pictures = {
        ("x", "a"): np.full((32, 32, 3), (255, 0, 0), dtype=np.uint8),
        ("y", "b"): np.full((32, 32, 3), (0, 0, 255), dtype=np.uint8),
    }
    write_example_sheet(tmp_path / "s.png", ("a", "b"), ("x", "y"), pictures)
    sheet = Image.open(tmp_path / "s.png")
    step, left, top = 104, 150 + 48, 22 + 48
    assert sheet.getpixel((left, top)) == (255, 0, 0)
    assert sheet.getpixel((left + step, top + step)) == (0, 0, 255)
    assert sheet.getpixel((left + step, top + 40)) == (255, 255, 255)


def test_a_sheet_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "taken").touch()
    with pytest.raises(ResourceError, match="contact sheet cannot be written"):
        write_example_sheet(tmp_path / "taken" / "s.png", (), (), {})
