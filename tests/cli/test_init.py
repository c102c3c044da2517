"""`wbcray init` on published data sets, tables, and folders of anybody's own."""

import shutil

import pytest

from wbcray.core.project import load_project
from wbcray.data.layouts.load import load_layout

DATA, USAGE = 3, 2


def plant(root, layout):
    """An empty file for every raw label of a layout, where it lies in the published archive."""
    published = load_layout(layout)
    for part in published.parts:
        pattern = published.files_of(part).pattern
        for code in published.codes:
            folder = published.folders_of(code)[0]
            path = root / part.under[0] / pattern.format(code=code, folder=folder, number=1)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    return root


@pytest.fixture
def sets(place):
    """A folder for published data sets; makes them by name."""

    def make(*layouts):
        return [str(plant(place.folder / "sets" / name, name)) for name in layouts]

    return make


def init(place, *arguments):
    return place.json("init", *arguments, "--out", "new.yaml", "--profile", "laptop")


def project(place):
    return load_project(place.folder / "new.yaml")


POSTER = ("matek_19", "acevedo_20", "int_20")


def test_published_data_sets_are_recognised_and_bring_classes_and_scale(place, sets):
    told = init(place, *sets(*POSTER))
    assert told["domains"] == ["acevedo_20", "int_20", "matek_19"]
    assert (told["label_space"], len(told["classes"])) == ("canonical13", 13)
    assert told["field_of_view"] == 25
    found = project(place)
    assert {d.name: d.layout for d in found.domains} == {name: name for name in POSTER}
    assert (found.label_space, found.field_of_view) == ("canonical13", 25)


def test_a_folder_that_holds_several_data_sets_is_looked_through(place, sets):
    sets(*POSTER)
    assert init(place, "sets")["domains"] == ["acevedo_20", "int_20", "matek_19"]


def test_parts_of_one_data_set_become_domains_of_their_own(place, sets):
    told = init(place, *sets("raabin_wbc"))
    parts = {d.name: d.part for d in project(place).domains}
    assert set(parts) == set(told["domains"])
    assert parts["raabin_wbc_test_b"] == "test_b"


def test_five_class_sets_among_themselves_get_the_coarse_classes(place, sets):
    told = init(place, *sets("lisc", "bccd"))
    assert told["label_space"] == "coarse5"


def test_the_field_of_view_is_native_where_a_scale_is_not_known(place, sets):
    folder = place.images / "north"
    for label in ("blast", "eosinophil", "monocyte"):
        (folder / label).rename(folder / {"blast": "Myeloblast"}.get(label, label))
    told = init(place, *sets("matek_19"), "images/north")
    assert told["field_of_view"] is None
    # a folder whose class names are known joins the label space
    assert told["label_space"] == "canonical13"


def test_a_folder_with_unknown_classes_does_not_join_published_data_sets(place, refused, sets):
    found = refused("init", *sets("matek_19"), "images/north", "--out", "new.yaml", code=USAGE)
    assert found["what"] == "class 'blast' of domain 'north' is not known to canonical13"
    assert "--classes" in found["fix"]


def test_labels_that_the_chosen_classes_lack_are_said(place, sets):
    said = place.call("init", *sets("matek_19", "lisc"), "--out", "new.yaml")
    assert "'lisc': no class of canonical13 for lymp, neut; their images will be left" in said.err


def test_a_folder_beside_a_data_set_is_not_lost_in_silence(place, sets):
    (root,) = sets("raabin_wbc")
    (place.images / "north").rename(f"{root}/north")
    said = place.call("init", root, "--out", "new.yaml")
    assert f"{root}/north is no part of the data set around it" in said.err


def test_a_domain_of_the_same_classes_beside_a_data_set_makes_all_of_them_domains(place, sets):
    (root,) = sets("zheng_sorted")
    shutil.copytree(place.folder / root / "tecom", place.folder / root / "our_own")
    told = init(place, root)
    assert sorted(told["domains"]) == ["cellavision", "our_own", "tecom"]
    assert told["classes"] == ["basophil", "eosinophil", "lymphocyte", "monocyte", "neutrophil"]


def plant_published(root, layout, part="all"):
    """As many empty files per raw label as were published: the strongest proof there is."""
    published = load_layout(layout)
    kind = published.part(part)
    pattern = published.files_of(kind).pattern
    for code, images in kind.published.items():
        folder = published.folders_of(code)[0]
        for number in range(images):
            path = root / kind.under[0] / pattern.format(code=code, folder=folder, number=number)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()


def plant_wbcbench(root):
    """Phase 1 with one image and its table, which nobody else has."""
    (root / "phase1").mkdir(parents=True)
    (root / "phase1" / "1.jpg").touch()
    (root / "phase1_label.csv").write_text("ID,labels\n1.jpg,SNE\n")


@pytest.mark.parametrize("above", ["", "wrapped", "one/two"])
def test_a_data_set_of_exact_counts_does_not_swallow_those_beside_it(place, sets, above):
    for name in ("acevedo_20", "mll23"):
        plant(place.folder / "sets" / above / name, name)
    plant_published(place.folder / "sets" / above / "LISC", "lisc")
    assert init(place, "sets")["domains"] == ["acevedo_20", "lisc", "mll23"]


@pytest.mark.parametrize("deep", ["wbcbench", "challenges/wbcbench"])
def test_a_data_set_with_its_own_table_does_not_swallow_those_beside_it(place, sets, deep):
    sets("acevedo_20")
    plant_wbcbench(place.folder / "sets" / deep)
    init(place, "sets")
    found = {d.name: (d.layout, d.path.name) for d in project(place).domains}
    assert found["acevedo_20"] == ("acevedo_20", "acevedo_20")
    assert {layout for layout, _ in found.values()} == {"acevedo_20", "wbcbench"}


def test_the_challenge_is_not_swallowed_either(place, sets):
    sets("hida")
    plant_wbcbench(place.folder / "sets/wbcbench")
    told = init(place, "sets")["domains"]
    assert {"hida_acevedo_20", "hida_matek_19", "hida_wbc1", "hida_wbc2"} < set(told)


def test_a_data_set_among_the_classes_of_another_is_a_domain_as_well(place):
    plant_published(place.folder / "sets", "lisc")
    for folder in (place.folder / "sets/Main Dataset").iterdir():
        folder.rename(place.folder / "sets" / folder.name)
    plant(place.folder / "sets" / "acevedo_20", "acevedo_20")
    assert init(place, "sets")["domains"] == ["acevedo_20", "lisc"]


def test_a_folder_of_pictures_beside_data_sets_is_said_and_changes_nothing(place, sets):
    sets(*POSTER)
    (place.folder / "sets/slides").mkdir()
    (place.folder / "sets/slides/1.png").touch()
    said = place.call("init", "sets", "--out", "new.yaml")
    assert "sets/slides is in no domain that was found" in said.err
    assert [d.name for d in project(place).domains] == sorted(POSTER)


@pytest.mark.parametrize("layout", ["raabin_wbc", "hida"])
def test_of_a_data_set_as_published_nothing_is_left_out(place, sets, layout):
    said = place.call("init", *sets(layout), "--out", "new.yaml")
    assert "no part of" not in said.err
    assert {d.layout for d in project(place).domains} == {layout}


@pytest.mark.parametrize("space", ["canonical13", "coarse5"])
def test_a_label_space_may_be_asked_for(place, sets, space):
    assert init(place, *sets(*POSTER), "--classes", space)["label_space"] == space


def test_classes_from_folders_takes_folders_for_what_they_are(place, sets):
    told = init(place, "images", "--classes-from-folders")
    assert (told["classes"], told["label_space"]) == (["blast", "eosinophil", "monocyte"], None)


@pytest.mark.parametrize(("shrink", "scale"), [(4, "0.4"), (1, None)])
def test_synthetic_images_that_were_shrunk_get_their_own_scale(place, sets, shrink, scale):
    folders = sets("acevedo_20", "matek_19")
    mark = f'{{"complete": true, "shrink": {shrink}}}'
    (place.folder / folders[0] / "SYNTHETIC.json").write_text(mark)
    init(place, *folders)
    text = (place.folder / "new.yaml").read_text()
    # 10 px per um divided by 4 are 2.5, and 1 / 2.5 is 0.4
    assert (f"um_per_px: {scale}}}" in text) == (scale is not None)
    assert text.count("um_per_px:") == (scale is not None)
    acevedo, matek = project(place).domains
    assert (acevedo.um_per_px, matek.um_per_px) == (0.4 if scale else None, None)


def test_a_domain_without_a_scale_is_named_where_the_others_have_one(place, sets):
    said = place.call("init", *sets("hida"), "--out", "new.yaml")
    assert "no scale is known of hida_wbc2, so field_of_view is native" in said.err


def test_where_no_domain_has_a_scale_nothing_is_said_of_it(place, sets):
    said = place.call("init", *sets("lisc", "bccd"), "--out", "new.yaml")
    assert "no scale" not in said.err


@pytest.mark.parametrize(
    ("images", "words"), [(12, "12 images directly in flat"), (1, "1 image directly in flat")]
)
def test_images_without_class_folders_are_said_to_be_that(place, refused, images, words):
    (place.folder / "flat").mkdir()
    for number in range(images):
        (place.folder / f"flat/{number}.png").touch()
    found = refused("init", "flat", "--out", "new.yaml", code=DATA)
    assert found["what"].startswith(f"found no domain: {words}, no class folders; ")


def test_one_domain_alone_is_named(refused):
    found = refused("init", "images/north", "--out", "new.yaml", code=DATA)
    assert found["what"] == "found 1 domain (north); holding one out needs at least 2"


def table(place, text):
    (place.images / "labels.csv").write_text(text)
    return "images/labels.csv"


def test_a_table_gives_a_domain_for_each_value_of_its_domain_column(place):
    rows = "north/blast/0.png,blast,site 1\nnorth/monocyte/0.png,monocyte,site_2\n"
    told = init(place, table(place, "image,label,domain\n" + rows))
    assert told["domains"] == ["site_1", "site_2"]
    one, two = project(place).domains
    assert (one.select, two.select) == ("site 1", None)
    assert told["classes"] == ["blast", "monocyte"]


def test_a_table_without_a_domain_column_is_one_domain(place):
    rows = "north/blast/0.png,blast\nnorth/monocyte/0.png,monocyte\n"
    told = init(place, table(place, "image,label\n" + rows), "images/south")
    assert told["domains"] == ["labels", "south"]


def test_common_names_of_columns_are_written_down(place):
    rows = "north/blast/0.png,blast,a\nnorth/monocyte/0.png,monocyte,b\n"
    init(place, table(place, "file,class,site\n" + rows))
    assert project(place).domains[0].columns == {
        "image": "file",
        "label": "class",
        "domain": "site",
    }


def test_what_is_neither_folder_nor_table_is_refused(refused):
    found = refused("init", "images", "wbcray.yaml", "--out", "new.yaml", code=DATA)
    assert found["what"] == "'wbcray.yaml' is neither a folder nor a CSV file"


# --- the recipe of the poster -------------------------------------------------------------------


@pytest.mark.parametrize("unseen", ["int_20", "mll23"])
def test_the_recipe_sets_what_is_known_of_the_poster(place, sets, unseen):
    told = place.json(
        "init", *sets("matek_19", "acevedo_20", unseen), "--recipe", "poster", "--out", "new.yaml"
    )
    assert told["profile"] == "paper"
    found = project(place)
    assert (found.label_space, found.field_of_view) == ("canonical13", 25)
    assert (found.network.backbone, found.image_size, found.training.folds) == ("resnet50", 224, 5)
    assert {d.name: d.clean for d in found.domains} == {
        "matek_19": None,
        "acevedo_20": "rgb",
        unseen: None,
    }


def test_the_recipe_marks_what_the_poster_leaves_open(place, sets):
    init_poster = ("init", *sets("matek_19", "acevedo_20", "mll23"), "--recipe", "poster")
    place.call(*init_poster, "--out", "new.yaml")
    text = (place.folder / "new.yaml").read_text()
    marked = {line.split(":")[0].strip() for line in text.splitlines() if line.endswith("ours")}
    assert marked == {
        "size",
        "field_of_view",
        "normalization",
        "epochs",
        "patience",
        "precision",
        "seed",
        "lr",
        "batch_size",
    }
    assert "boda_plus is a reconstruction" in text
    assert "mll23 in place of int_20" in text
    place.call(*init_poster, "--out", "new.yaml", "--force", "--profile", "laptop")
    text = (place.folder / "new.yaml").read_text()
    assert "resnet18 | resnet50; ours" in text
    assert "laptop is not the poster's" in text


@pytest.mark.parametrize("unseen", ["int_20", "mll23"])
def test_the_recipe_gives_the_commands_that_rerun_the_poster_on_generated_trees(place, unseen):
    for layout in ("matek_19", "acevedo_20", unseen):
        tree = ("--layout", layout, "--shrink", 18, "--images", 30, "--out", layout)
        assert place.call("data", "synth", *tree).code == 0
    folders = ("matek_19", "acevedo_20", unseen)
    said = place.call("init", *folders, "--recipe", "poster", "--out", "new.yaml").err
    lines = (place.folder / "new.yaml").read_text().splitlines()
    commands = [line[1:].split() for line in lines if line.startswith("#   wbcray ")]
    assert [words[1] for words in commands] == ["tune", "compare"]
    options = ("--weights", "none", "--dry-run")
    methods = {"erm", "dann", "coral", "boda", "boda_plus", "boda+penalty.macro_weight=0.0"}
    assert set(place.json(*commands[0][1:], *options)["spaces"]) == methods
    assert place.json(*commands[1][1:], *options)["cells"] == 5 * len(methods)
    for words in commands:
        assert words[words.index("--held-out") + 1] == unseen
        assert " ".join(words) in said


def test_the_recipe_keeps_the_profile_that_is_asked_for(place, sets):
    told = init(place, *sets(*POSTER), "--recipe", "poster")
    assert told["profile"] == "laptop"


def test_the_recipe_leaves_out_what_the_poster_did_not_have(place, sets):
    told = init(place, *sets(*POSTER, "mll23", "lisc"), "--recipe", "poster")
    # MLL23 holds images of INT_20 again
    assert told["domains"] == ["matek_19", "acevedo_20", "int_20"]


def test_the_recipe_says_what_it_does_not_use(place, sets):
    folders = sets(*POSTER, "mll23", "lisc")
    again = plant(place.folder / "sets/zz_copy", "matek_19")
    said = place.call("init", *folders, str(again), "--recipe", "poster", "--out", "new.yaml").err
    assert "'mll23' (" in said
    assert "is not used: it is of the same laboratory as int_20" in said
    assert "is not used: the poster did not have it" in said
    assert "is not used: it is a second copy of matek_19" in said
    assert said.count("is not used") == 3


@pytest.mark.parametrize("others", [(), ("lisc",)], ids=["one", "two"])
def test_without_its_domains_the_recipe_says_where_to_get_them(refused, sets, others):
    command = ("init", *sets("matek_19", *others), "--recipe", "poster", "--out", "new.yaml")
    found = refused(*command, code=DATA)
    assert "needs acevedo_20, int_20 or mll23 as well; found: " in found["what"]
    assert "https://doi.org/10.7937/tcia.2019.36f5o9ld" in found["what"]
    assert found["where"] == "--recipe poster"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--recipe", "poter"), "unknown recipe 'poter'"),
        (("--recipe", "poster", "--classes", "coarse5"), "classes of its own"),
    ],
)
def test_a_recipe_that_cannot_be_meant_is_refused(refused, options, words):
    assert words in refused("init", "images", *options, "--out", "new.yaml", code=USAGE)["what"]


def test_synthetic_images_bring_the_scale_that_they_were_drawn_at(place):
    """64 pixels for 25 um."""
    assert place.call("data", "synth", "--out", "drawn", "--images", "13", "--floor", "1").code == 0
    place.project.unlink()
    told = place.json("init", "drawn", "--classes-from-folders")
    assert told["field_of_view"] == 25
    found = load_project(place.project)
    assert {source.um_per_px for source in found.domains} == {0.390625}
