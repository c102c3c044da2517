"""What the files of a synthetic tree look like, and what else lies beside them."""

import math
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from synthetic_trees import recipe_of
from threadpoolctl import threadpool_limits

from wbcray.core.errors import DataError
from wbcray.data.layouts.load import load_layout
from wbcray.data.layouts.locate import locate
from wbcray.data.layouts.reannotations import read_reannotations
from wbcray.data.synthetic.classes import CLASSES
from wbcray.data.synthetic.domains import DOMAINS
from wbcray.data.synthetic.latents import draw_latents
from wbcray.data.synthetic.manifest import generators_of
from wbcray.data.synthetic.montage import (
    ABSENT,
    GAP,
    LABEL_HEIGHT,
    LABEL_WIDTH,
    montage,
    write_montage,
)
from wbcray.data.synthetic.platelets import render_platelets
from wbcray.data.synthetic.render import render
from wbcray.data.synthetic.trees import annotations
from wbcray.data.synthetic.trees.encode import encode, paint
from wbcray.data.synthetic.trees.looks import drawn_as, style_for
from wbcray.data.synthetic.trees.tables import as_csv, table_rows
from wbcray.data.synthetic.trees.write import TreeRecipe, plan_tree, write_tree

MATEK, ACEVEDO = DOMAINS["matek_like"], DOMAINS["acevedo_like"]


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Small matrices: several threads would make these tests ten times slower."""
    with threadpool_limits(limits=1, user_api="blas"):
        yield


@pytest.fixture(scope="module")
def trees(tmp_path_factory):
    """A small tree of every data set, written once; by name."""
    roots = {}

    def tree(name):
        if name not in roots:
            roots[name] = tmp_path_factory.mktemp(name)
            write_tree(recipe_of(name), roots[name])
        return roots[name]

    return tree


# how it looks


@pytest.mark.parametrize(
    ("name", "style"),
    [
        ("matek_19", "matek_like"),
        ("acevedo_20", "acevedo_like"),
        ("int_20", "int_like"),
        ("mll23", "int_like"),
        ("raabin_wbc", "extra_like"),
    ],
)
def test_a_data_set_is_drawn_in_the_style_made_after_it(name, style):
    layout = load_layout(name)
    made = style_for(layout, layout.parts[0])
    assert (made.name, made.stains) == (style, DOMAINS[style].stains)


@pytest.mark.parametrize(
    ("name", "pixels"), [("matek_19", 345), ("acevedo_20", 250), ("int_20", 288), ("mll23", 288)]
)
def test_25_um_are_as_many_pixels_as_published_work_crops(name, pixels):
    layout = load_layout(name)
    image = plan_tree(TreeRecipe(layout=layout, images=1, floor=1, seed=0))[0].images[0]
    assert math.isclose(25.0 * image.px_per_um, pixels)
    assert min(image.width, image.height) >= pixels


def test_a_file_that_is_not_square_is_the_middle_of_a_square():
    plan = plan_tree(recipe_of("acevedo_20"))[0]
    image = replace(plan.images[0], width=30, height=33, px_per_um=1.0)
    square = render(plan.style, "basophil", seed=0, index=0, size=33, field_of_view_um=33.0)
    np.testing.assert_array_equal(paint(plan.style, image, seed=0), square[:, 1:31])


def test_labels_of_one_look_show_different_images():
    layout = load_layout("matek_19")
    assert drawn_as(layout, "MOB") == drawn_as(layout, "MON") == "monocyte"
    images = {image.code: image for image in plan_tree(recipe_of("matek_19"))[0].images}
    assert images["MOB"].index != images["MON"].index


def test_a_label_that_the_style_lacks_can_be_drawn():
    layout = load_layout("wbcbench")
    style = style_for(layout, layout.parts[0])
    assert set(CLASSES) - set(style.classes) == {"erythroblast", "smudge_cell"}
    assert style.priors[CLASSES.index("neutrophil_segmented")] == 8891


def test_a_layout_has_to_say_what_its_labels_look_like():
    layout = replace(load_layout("matek_19"), looks_like={})
    with pytest.raises(DataError, match="does not say what 'PMB' looks like"):
        drawn_as(layout, "PMB")


def test_platelets_are_small_and_no_leukocyte():
    style = DOMAINS["acevedo_like"]
    shown = [render_platelets(style, seed=0, index=i, size=48) for i in range(20)]
    cells = [render(style, "lymphocyte_typical", seed=0, index=i, size=48) for i in range(20)]
    dark, nuclei = (np.mean(np.stack(images)[..., 0] < 130) for images in (shown, cells))
    assert 0.0 < dark < 0.15 * nuclei


@pytest.mark.parametrize("dark", [True, False])
def test_mean_red_tells_the_dark_acquisition_from_the_usual_one(dark):
    layout = load_layout("acevedo_20")
    style = style_for(layout, layout.part())
    style = replace(style, slides=replace(style.slides, dark=float(dark)))
    red = [
        render(style, label, seed=0, index=index, size=24)[..., 0].mean()
        for label in ("basophil", "monocyte", "promyelocyte")
        for index in range(10)
    ]
    limit = layout.cleaning["rgb"]
    assert (max(red) < limit) if dark else (min(red) > limit)


# files


def planned(**changes):
    image = plan_tree(recipe_of("matek_19"))[0].images[0]
    return replace(image, width=20, height=20, **changes)


def opened(content, tmp_path, name="file.tif"):
    path = tmp_path / name
    path.write_bytes(content)
    with Image.open(path) as picture:
        picture.load()
    return picture


def test_the_border_is_transparent_and_black(tmp_path):
    white = np.full((20, 20, 3), 255, dtype=np.uint8)
    picture = opened(encode(white, planned(mode="RGBA", border=6)), tmp_path)
    values = np.asarray(picture)
    assert values[6:14, 6:14].min() == 255
    assert values.sum() == 8 * 8 * 4 * 255


def test_cmyk_comes_back_as_it_was(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (20, 20, 3), dtype=np.uint8)
    picture = opened(encode(pixels, planned(mode="CMYK", border=0)), tmp_path)
    assert picture.mode == "CMYK"
    np.testing.assert_array_equal(np.asarray(picture.convert("RGB")), pixels)


@pytest.mark.parametrize(
    ("name", "kind"), [("a.jpg", "JPEG"), ("a.TIF", "TIFF"), ("a.bmp", "BMP"), ("a.png", "PNG")]
)
def test_the_ending_says_the_format(name, kind, tmp_path):
    pixels = np.zeros((20, 20, 3), dtype=np.uint8)
    content = encode(pixels, planned(path=name, mode="RGB", border=0))
    assert opened(content, tmp_path, name).format == kind


def described(name, **options):
    """Colour mode, size and ending of every file, and whether it has a border."""
    images = plan_tree(recipe_of(name, shrink=1, **options))[0].images
    return Counter(
        (image.mode, image.width, image.height, Path(image.path).suffix, image.border)
        for image in images
    )


def test_matek_files_are_rgba_some_with_a_border_a_few_with_another_ending():
    found = described("matek_19", floor=10)
    assert set(found) == {
        ("RGBA", 400, 400, ".tiff", 0),
        ("RGBA", 400, 400, ".tiff", 6),
        ("RGBA", 400, 400, ".TIF", 0),
        ("RGBA", 400, 400, ".tif", 0),
    }
    assert 0.2 < found["RGBA", 400, 400, ".tiff", 6] / found.total() < 0.4


def test_a_few_acevedo_files_have_another_size():
    found = described("acevedo_20", floor=14)
    sizes = Counter()
    for (_, width, height, _, _), n in found.items():
        sizes[width, height] += n
    assert set(sizes) == {(360, 363), (360, 360), (366, 369), (359, 360)}
    assert sizes[360, 363] / found.total() > 0.85


def test_a_few_int_files_are_cmyk_or_rgba():
    found = described("int_20", floor=10)
    assert {key[0] for key in found} == {"RGB", "CMYK", "RGBA"}


def test_names_without_a_label_do_not_tell_it_by_their_order():
    images = next(
        plan.images for plan in plan_tree(recipe_of("hida", floor=5)) if plan.part.name == "wbc1"
    )
    in_order = [image.code for image in sorted(images, key=lambda image: image.path)]
    assert sum(a != b for a, b in pairwise(in_order)) > 30  # sorted: 10


# what else lies there


@pytest.mark.parametrize(
    ("unpacked", "image", "table"),
    [
        (
            None,
            "AML-Cytomorphology_LMU/AML-Cytomorphology/BAS/BAS_0001.tiff",
            "AML-Cytomorphology_LMU/annotations.dat",
        ),
        ("kaggle", "data/data/BAS/BAS_0001.tiff", "data/annotations_augmented.dat"),
        ("flat", "BAS/BAS_0001.tiff", "annotations.dat"),
    ],
)
def test_matek_can_be_unpacked_in_three_ways(unpacked, image, table, tmp_path):
    recipe = recipe_of("matek_19", floor=1, unpacked=unpacked)
    write_tree(recipe, tmp_path)
    assert (tmp_path / image).is_file()
    assert (tmp_path / table).is_file()
    assert len(locate(recipe.layout, tmp_path)) == len(plan_tree(recipe)[0].images)


def test_annotations_name_every_file_with_its_label(trees):
    (plan,) = plan_tree(recipe_of("matek_19"))
    read = read_reannotations(load_layout("matek_19"), trees("matek_19"))
    named = {"/".join(Path(image.path).parts[-2:]): image.code for image in plan.images}
    assert {image.path: image.label for image in read.images} == named


def test_a_fifth_of_the_images_are_read_again_by_two():
    recipe = recipe_of("matek_19", images=1000)
    lines = annotations.annotation_lines(recipe.layout, plan_tree(recipe)[0], seed=0)
    nobody = [[reading == "nan" for reading in line.split()[2:]] for line in lines]
    assert np.mean(nobody) == pytest.approx(0.8, abs=0.04)
    assert all(first == second for first, second in nobody)


@pytest.mark.parametrize("disagreement", [0.0, 1.0])
def test_a_second_opinion_is_of_what_is_shown_not_of_the_label(disagreement, monkeypatch):
    """Readers who never err name the class that is shown, readers who always err never do."""
    monkeypatch.setattr(annotations, "DISAGREEMENT", disagreement)
    monkeypatch.setattr(annotations, "READ_AGAIN", 1.0)
    recipe = recipe_of("matek_19", floor=8)
    (plan,) = plan_tree(recipe)
    noisy = replace(plan, style=replace(plan.style, label_noise=0.5))
    agrees = {True: [], False: []}
    for line, image in zip(
        annotations.annotation_lines(recipe.layout, noisy, seed=0), plan.images, strict=True
    ):
        actual = draw_latents(noisy.style, image.label, seed=0, index=image.index).actual
        for reading in line.split()[2:]:
            agrees[actual == image.label].append(drawn_as(recipe.layout, reading) == actual)
    assert min(map(len, agrees.values())) > 80
    assert set(agrees[True] + agrees[False]) == {disagreement == 0.0}


def test_what_a_mac_left_behind_is_no_image(trees):
    root = trees("mll23")
    names = [path.name for path in (root / "__MACOSX").rglob("*.TIF")]
    assert len(names) == 18
    assert all(name.startswith("._") for name in names)
    assert len(list(root.rglob(".DS_*"))) == 36


def test_the_challenge_table_says_mean_colours_and_hides_labels(trees):
    root = trees("hida")
    header, *rows = (root / "metadata.csv").read_text().splitlines()
    assert header == "Image,file,label,dataset,set,mean1,mean2,mean3"
    fields = [row.split(",") for row in rows]
    assert {(row[3], bool(row[2])) for row in fields} == {
        ("Ace_20", True),
        ("Mat_19", True),
        ("WBC1", False),
        ("WBC2", False),
    }
    file, *means = fields[0][1], *map(float, fields[0][5:])
    with Image.open(root / file) as picture:
        measured = np.asarray(picture.convert("RGB")).mean(axis=(0, 1))
    assert means == pytest.approx(measured.tolist(), abs=1e-3)


def test_a_table_says_no_more_than_its_rule_needs():
    layout = load_layout("zheng")
    plan = next(plan for plan in plan_tree(recipe_of("zheng")) if plan.part.name == "tecom")
    first = as_csv(list(table_rows(plan, plan.part.table, seed=0))).splitlines()[:2]
    assert first[0] == "image ID,class label"
    assert first[1].split(",")[0] == "1"
    assert first[1].split(",")[1] in layout.codes


# the mark


@pytest.mark.parametrize("above", [".", "images", "images/BAS"])
def test_the_mark_is_found_in_any_folder_above_an_image(above, tmp_path):
    (tmp_path / "images" / "BAS").mkdir(parents=True)
    (tmp_path / above / "SYNTHETIC.json").write_text("{}")
    assert generators_of(tmp_path / "images", ["BAS/1.png"])


def test_without_a_mark_images_are_real(tmp_path):
    (tmp_path / "images" / "BAS").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "SYNTHETIC.json").write_text("{}")
    assert not generators_of(tmp_path / "images", ["BAS/1.png"])


# the montage


def test_a_montage_has_a_column_for_every_class_and_rows_for_every_domain():
    sheet = montage([MATEK, ACEVEDO], rows=2, tile=16)
    assert sheet.size == (
        LABEL_WIDTH + 13 * (16 + GAP),
        LABEL_HEIGHT + 2 * (2 * (16 + GAP) + GAP),
    )


def test_a_tile_is_the_image_and_a_missing_class_is_blank():
    sheet = np.asarray(montage([ACEVEDO], rows=1, tile=16, seed=5))
    left = LABEL_WIDTH + CLASSES.index("monocyte") * (16 + GAP)
    tile = sheet[LABEL_HEIGHT : LABEL_HEIGHT + 16, left : left + 16]
    np.testing.assert_array_equal(tile, render(ACEVEDO, "monocyte", seed=5, index=0, size=16))
    left = LABEL_WIDTH + CLASSES.index("myeloblast") * (16 + GAP)
    assert (sheet[LABEL_HEIGHT : LABEL_HEIGHT + 16, left : left + 16] == ABSENT).all()


def test_a_montage_passes_over_wrong_labels():
    noisy = replace(MATEK, label_noise=0.9)
    sheet = np.asarray(montage([noisy], rows=1, tile=16))
    shown = [draw_latents(noisy, "basophil", seed=0, index=i).actual for i in range(100)]
    first = shown.index("basophil")
    assert first > 0
    tile = sheet[LABEL_HEIGHT : LABEL_HEIGHT + 16, LABEL_WIDTH : LABEL_WIDTH + 16]
    np.testing.assert_array_equal(tile, render(noisy, "basophil", seed=0, index=first, size=16))


def test_the_montage_is_written_as_png(tmp_path):
    write_montage(tmp_path / "new" / "all.png", tile=16)
    with Image.open(tmp_path / "new" / "all.png") as picture:
        assert (picture.format, picture.width) == ("PNG", LABEL_WIDTH + 13 * (16 + GAP))
