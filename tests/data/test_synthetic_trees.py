"""Synthetic images in the file trees of published data sets, read back by what reads real ones."""

from collections import Counter

import pytest
from synthetic_trees import recipe_of
from threadpoolctl import threadpool_limits

from wbcray.core.errors import RefusedError, UsageError
from wbcray.data.images import decode
from wbcray.data.layouts.load import layout_names, load_layout
from wbcray.data.layouts.locate import locate
from wbcray.data.synthetic.manifest import generators_of, read_manifest
from wbcray.data.synthetic.trees import write
from wbcray.data.synthetic.trees.plan import counts_for, slide_number
from wbcray.data.synthetic.trees.write import plan_tree, write_tree

LAYOUTS = layout_names()


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Small matrices: several threads would make these tests ten times slower."""
    with threadpool_limits(limits=1, user_api="blas"):
        yield


def bytes_below(root):
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


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


# every known data set


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_image_is_found_once_under_the_label_it_was_written_with(name, trees):
    recipe, root = recipe_of(name), trees(name)
    for plan in plan_tree(recipe):
        found = locate(recipe.layout, root, part=plan.part.name)
        labelled = plan.part.label_from != "nowhere"
        written = {image.path: image.code if labelled else None for image in plan.images}
        assert len(found) == len(written) > 0
        assert {image.path: image.code for image in found} == written


@pytest.mark.parametrize("name", LAYOUTS)
def test_there_are_as_many_images_of_every_raw_label_as_planned(name):
    recipe = recipe_of(name)
    for plan in plan_tree(recipe):
        codes = [code for code, n in plan.part.published.items() if n] or recipe.layout.codes
        counted = Counter(image.code for image in plan.images)
        assert counted == plan.counts
        assert set(counted) == set(codes)
        assert min(counted.values()) >= 2


@pytest.mark.parametrize("name", LAYOUTS)
def test_no_two_files_show_the_same_picture(name):
    plans = plan_tree(recipe_of(name, floor=3))
    pictures = [
        (plan.style.stream, image.label, image.index) for plan in plans for image in plan.images
    ]
    assert len(set(pictures)) == len(pictures)
    paths = [image.path for plan in plans for image in plan.images]
    assert len(set(paths)) == len(paths)


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_file_can_be_decoded(name, trees):
    root = trees(name)
    plans = plan_tree(recipe_of(name))
    for image in (image for plan in plans for image in plan.images):
        pixels = decode(root / image.path, size=16)
        assert pixels.shape == (16, 16, 3)
        assert pixels.std() > 3.0


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_tree_of_any_data_set_is_known_to_be_synthetic(name, trees):
    recipe, root = recipe_of(name), trees(name)
    for part in recipe.layout.parts:
        found = locate(recipe.layout, root, part=part.name)
        assert generators_of(root, [image.path for image in found])
    assert read_manifest(root)["layout"] == name


def test_a_patient_of_a_table_is_the_slide_that_the_image_is_from(trees):
    recipe, root = recipe_of("wbcbench"), trees("wbcbench")
    plan = plan_tree(recipe)[0]
    found = {image.path: image.patient for image in locate(recipe.layout, root, part="phase1")}
    slides = {image.path: slide_number(plan.style, image, seed=0) for image in plan.images}
    assert found == {path: f"phase1-{slide:03d}" for path, slide in slides.items()}
    assert set(slides.values()) <= set(range(20))
    assert len(set(slides.values())) > 5


def test_no_patient_is_in_two_parts(trees):
    recipe, root = recipe_of("wbcbench"), trees("wbcbench")
    train, evaluation = (
        {image.patient for image in locate(recipe.layout, root, part=part)}
        for part in ("phase2_train", "phase2_eval")
    )
    assert not train & evaluation


# what is written


def test_the_same_seed_gives_the_same_bytes(tmp_path, trees):
    write_tree(recipe_of("matek_19"), tmp_path)
    assert bytes_below(tmp_path) == bytes_below(trees("matek_19"))


def test_two_processes_write_what_one_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(write, "WORTH_A_PROCESS", 1)
    write_tree(recipe_of("acevedo_20", floor=3), tmp_path / "one")
    write_tree(recipe_of("acevedo_20", floor=3), tmp_path / "two", workers=2)
    assert bytes_below(tmp_path / "two") == bytes_below(tmp_path / "one")


def test_another_seed_gives_other_images(tmp_path, trees):
    write_tree(recipe_of("matek_19", seed=1), tmp_path)
    one, two = bytes_below(tmp_path), bytes_below(trees("matek_19"))
    assert set(one) == set(two)
    assert not any(one[path] == two[path] for path in one if "BAS" in path)


def test_an_interrupted_tree_is_completed_without_drawing_the_rest_again(tmp_path):
    recipe = recipe_of("matek_19", floor=1)
    write_tree(recipe, tmp_path)
    whole = bytes_below(tmp_path)
    mark = tmp_path / "SYNTHETIC.json"
    mark.write_text(mark.read_text().replace('"complete": true', '"complete": false'))
    lost, emptied, kept = sorted(tmp_path.rglob("*_0001.tiff"))[:3]
    lost.unlink()
    emptied.write_bytes(b"")
    before = kept.stat().st_mtime_ns
    write_tree(recipe, tmp_path)
    assert kept.stat().st_mtime_ns == before
    assert bytes_below(tmp_path) == whole


def test_a_tree_of_another_seed_is_not_mixed_in(tmp_path):
    write_tree(recipe_of("matek_19", floor=1), tmp_path)
    with pytest.raises(RefusedError, match="already other synthetic images"):
        write_tree(recipe_of("matek_19", floor=1, seed=1), tmp_path)


def test_progress_ends_at_the_total(tmp_path):
    seen = []
    counts = write_tree(
        recipe_of("matek_19", floor=3),
        tmp_path,
        on_image=lambda done, total: seen.append((done, total)),
    )
    total = sum(counts["all"].values())
    assert seen == [(32, total), (total, total)]


# counts


def test_a_hundredth_of_matek_keeps_its_proportions_above_the_floor():
    layout = load_layout("matek_19")
    counts = counts_for(layout, layout.part(), images=184, floor=5)
    # 8484, 3937, 3268 and 1789 of 18365
    assert (counts["NGS"], counts["LYT"], counts["MYO"], counts["MON"]) == (85, 39, 33, 18)
    assert (counts["BAS"], counts["LYA"]) == (5, 5)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"floor": 0}, "with at least 0"),
        ({"images": 0}, "0 images"),
        ({"shrink": 0}, "cannot be shrunk by 0"),
        ({"shrink": 26}, "400 pixels cannot be shrunk by 26"),
        ({"unpacked": "kagle"}, "unknown way to unpack matek_19 'kagle'"),
        ({"parts": ("phase1",)}, "unknown part of layout matek_19 'phase1'"),
    ],
)
def test_what_cannot_be_written_is_refused(options, words, tmp_path):
    with pytest.raises(UsageError, match=words):
        write_tree(recipe_of("matek_19", **options), tmp_path)
    assert list(tmp_path.iterdir()) == []
