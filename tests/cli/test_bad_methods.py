"""Methods, parts and search spaces that cannot work: refused before training, with a way out."""

import pytest

USAGE, REFUSED = 2, 7
TRAIN = ("train", "--held-out", "west", "--method")
TUNE = ("tune", "--held-out", "west", "--method")
COMPARE = ("compare", "--held-out", "west", "--methods")
METHODS = ("methods",)
LDAM = ("--classification", "ldam", "--set", "classification.head=cosine")

# command, then words of what, where and fix
REFUSALS = [
    # names
    ((*METHODS, "bodda"), "unknown method or part 'bodda'", "wbcray methods", "'boda'"),
    ((*METHODS, "finnish=swad"), "unknown axis 'finnish'", "wbcray methods", "'finish'"),
    ((*METHODS, "finish=swda"), "unknown finish 'swda'", "wbcray methods", "'swad'"),
    ((*METHODS, "boda+swda"), "no part 'swda'", "boda+swda", "'swad'"),
    ((*METHODS, "mixup+coral"), "penalty 'coral'", "mixup+coral", "penalty=none"),
    ((*TRAIN, "erm+class_balanced"), "a part of several axes", "--method",
     "classification=class_balanced or sampler=class_balanced"),
    ((*TRAIN, "boda+penalty.wieght=1"), "penalty.wieght", "--method", "'penalty.weight'"),
    ((*TRAIN, "boda+penalty.weight=-1"), "outside its declared range", "--method", "default 0.1"),
    ((*TRAIN, "boda+swad+finish=ema"), "finish is changed twice", "--method", "drop one"),
    ((*TRAIN, "erm,boda"), "'erm,boda' stands for 2 methods", "--method", "give one"),
    ((*TRAIN, "poster"), "'poster' stands for 5 methods", "--method", "give one"),
    ((*COMPARE, "poster+grup"), "no part 'grup'", "--methods", "'group'"),
    ((*COMPARE, "erm", "--reference", "erm+grup"), "no part 'grup'", "--reference", "'group'"),
    # parts that contradict each other, or the plan
    ((*TRAIN, "erm", "--mixing", "mixup", "--penalty", "coral"), "mixing 'mixup'",
     "--penalty coral, --mixing mixup", "penalty=none"),
    ((*TUNE, "mixup", "--penalty", "boda"), "penalty 'boda'", "'mixup', --penalty boda",
     "mixing=mixstyle"),
    ((*COMPARE, "erm,mixup+coral"), "penalty 'coral'", "method 'mixup+coral'", "penalty=none"),
    ((*COMPARE, "poster+mixup"), "penalty 'dann'", "method 'dann+mixup'", "penalty=none"),
    ((*TRAIN, "erm", "--finish", "swad"), "needs 3 or more epochs, and 1 is planned",
     "--finish swad", "`--epochs 3`), or choose finish=none"),
    ((*TUNE, "swad", "--epochs", "2"), "needs 3 or more epochs", "method 'swad'",
     "finish.n_converge=2 or finish=none"),
    ((*COMPARE, "erm,erm+swad"), "needs 3 or more epochs", "method 'erm+swad'", "finish=none"),
    ((*TRAIN, "erm", "--normalization", "frozen"), "needs trained weights",
     "--normalization frozen", "normalization=group"),
    ((*COMPARE, "erm+frozen"), "needs trained weights", "method 'erm+frozen'", "group"),
    ((*TRAIN, "crt", *LDAM), "works on a linear classifier",
     "'crt', --set classification.head=cosine, --classification ldam",
     "classification.head=linear"),
    ((*TUNE, "ldam_drw", "--finish", "logit_adjustment"), "works on a linear classifier",
     "--finish logit_adjustment", "finish=none"),
    ((*TRAIN, "erm", "--set", "penalty.nu=1"), "penalty.nu belongs to penalty 'boda'", "--set",
     "penalty=boda"),
    # what is searched besides
    ((*TUNE, "erm", "--search", "foo=a,b"), "unknown axis 'foo'", "--search", "normalization"),
    ((*TUNE, "erm", "--search", "sampler"), "is not axis=part,part", "--search", "e.g."),
    ((*TUNE, "erm", "--search", "sampler=domain"), "two or more parts",
     "--search sampler=domain", "use --sampler"),
    ((*TUNE, "erm", "--search", "penalty=none,corall"), "unknown penalty 'corall'",
     "--search penalty=", "'coral'"),
    ((*TUNE, "erm", "--search", "penalty=none,coral", "--penalty", "coral"),
     "penalty is to be searched, and held at 'coral'", "--search penalty=", "drop one"),
    ((*TUNE, "erm", "--search", "sampler=domain,instance", "--search", "sampler=domain,balanced"),
     "sampler is given twice", "--search sampler=", "list all"),
    ((*TUNE, "erm", "--search", "mixing=none,mixup", "--penalty", "coral"), "mixing 'mixup'",
     "erm+coral', --search mixing=none,mixup", "penalty=none"),
    ((*TUNE, "erm", "--search", "mixing=none,mixup", "--search", "penalty=none,coral"),
     "mixing 'mixup'", "--search penalty=none,coral, --search mixing=none,mixup", "penalty=none"),
    ((*TUNE, "ldam_drw", "--search", "finish=none,classifier_retraining"),
     "works on a linear classifier", "--search finish=none,classifier_retraining", "head=linear"),
    ((*TUNE, "erm", "--search", "normalization=batch,frozen"), "needs trained weights",
     "--search normalization=batch,frozen", "normalization=group"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "what", "where", "fix"), REFUSALS, ids=[" ".join(item[0]) for item in REFUSALS]
)
def test_what_cannot_work_is_refused_with_the_nearest_that_does(refused, command, what, where, fix):
    found = refused(*command, code=USAGE)
    assert what in found["what"]
    assert where in found["where"]
    assert fix in found["fix"]


@pytest.mark.parametrize("without_labels", [False, True])
@pytest.mark.parametrize(
    "command",
    [
        (*TRAIN, "coral"),
        (*TUNE, "boda"),
        (*TUNE, "erm", "--search", "penalty=none,coral"),
        (*COMPARE, "poster"),
    ],
    ids=" ".join,
)
def test_a_penalty_over_domains_is_refused_where_one_source_is_left(
    place, refused, command, without_labels
):
    (place.images / "south.csv").write_text("image,label\nsouth/blast/0.png,\n")
    south = "  south: {path: images/south.csv}\n" if without_labels else ""
    place.replace("  south: {path: images/south}\n", south)
    found = refused(*command, code=USAGE)
    assert "compares 2 or more source domains, but 1 has training images" in found["what"]
    assert "penalty=none" in found["fix"]


def test_a_training_of_no_epochs_is_refused_with_its_line(place, refused):
    place.replace("epochs: 1", "epochs: 0")
    found = refused(*TUNE, "erm", code=USAGE)
    assert "training.epochs must be a whole number >= 1" in found["what"]
    assert found["where"].endswith("wbcray.yaml:9")


# --- search space files -------------------------------------------------------------------------

MIXED = "mixing: {choices: [none, mixup]}"
SAMPLERS = "sampler: {choices: [domain, balanced]}"
RETRAINED = "finish: {choices: [none, classifier_retraining]}"
HEADS = "classification.head: {choices: [linear, cosine], when: {classification: ldam}}"

# entries of `params:` from line 3 on; words of what, lines, words of fix
SPACES = [
    (("penalty: {choices: [none, coral]}", MIXED), "mixing 'mixup'", (3, 4), "penalty=none"),
    (("classification: {choices: [focal, ldam]}", HEADS, RETRAINED),
     "works on a linear classifier", (3, 4, 5), "classification.head=linear"),
    (("finish: {choices: [none, swad]}", "finish.n_converge: {low: 2, high: 9}"),
     "finish.n_converge belongs to finish 'swad'", (4,), "drop it"),
    (("penalty.weight: {low: 0.1, high: 1}",), "the active penalty is 'none'", (3,), "drop it"),
    ((SAMPLERS, "sampler.exponent: {low: 0, high: 1, when: {sampler: domain}}"),
     "sampler.exponent belongs to sampler 'balanced'", (4,), "sampler=balanced"),
    ((SAMPLERS, "sampler.exponent: {low: 0, high: 1, when: {sampler: class}}"),
     "'sampler' is never \"class\"", (4,), "balanced"),
    (("sampler.exponent: {low: 0, high: 1, when: {sampler: balanced}}",),
     "which is not searched here", (3,), "search 'sampler', too"),
    (("penalty: {choices: [none, corall]}",), "'corall'", (3,), "'coral'"),
    (("optimizer.lr: {low: 1e-4, high: 1}",), "high=1 is outside the declared range", (3,),
     "may only narrow"),
    (("optimizer.lr: {low: 1e-4, hihg: 1e-3}",), "unknown key 'hihg'", (3,), "'high'"),
    (("optimizer.learning: {low: 1e-4}",), "'optimizer.learning'", (3,), "'optimizer.lr'"),
    (("optimizer.lr: {low: 1e-4}", "optimizer.lr: {low: 1e-5}"), "given twice", (4,), "remove"),
]  # fmt: skip


@pytest.fixture
def space(place):
    """Write the search space of ERM, and give the options that search it."""

    def write(*entries, head="method: erm"):
        folder = place.folder / "mine"
        folder.mkdir()
        lines = (head, "params:", *(f"  {entry}" for entry in entries))
        (folder / "erm.yaml").write_text("\n".join(lines) + "\n")
        return (*TUNE, "erm", "--space", "mine")

    return write


@pytest.mark.parametrize(
    ("entries", "what", "lines", "fix"), SPACES, ids=["; ".join(item[0])[:60] for item in SPACES]
)
def test_a_space_with_a_trial_that_cannot_work_is_refused_with_its_lines(
    space, refused, entries, what, lines, fix
):
    found = refused(*space(*entries), code=USAGE)
    assert what in found["what"]
    for line in lines:
        assert f"mine/erm.yaml:{line}" in found["where"]
    assert fix in found["fix"]


def test_a_choice_may_be_kept_apart_from_what_it_contradicts(place, space):
    apart = "mixing: {choices: [none, mixup], when: {penalty: none}}"
    command = space("penalty: {choices: [none, coral]}", apart)
    assert place.call(*command, "--dry-run").code == 0


def test_what_is_held_counts_in_a_space_too(space, refused):
    found = refused(*space(MIXED), "--penalty", "coral", code=USAGE)
    assert found["where"] == "method 'erm+coral', mine/erm.yaml:3"


def test_more_epochs_than_are_planned_are_refused_with_those_that_fit(space, refused):
    command = space(
        "finish: {choices: [none, swad]}",
        "finish.n_converge: {low: 2, high: 9, when: {finish: swad}}",
    )
    found = refused(*command, "--epochs", "5", code=USAGE)
    assert found["where"] == "method 'erm', mine/erm.yaml:3, mine/erm.yaml:4"
    assert "finish.n_converge=5" in found["fix"]


RATE = "optimizer.lr: {low: 1e-4, high: 1e-2}"


def test_a_score_that_does_not_exist_is_refused_with_the_nearest(space, refused):
    found = refused(*space(RATE, head="method: erm\nobjective: val/macro_f2"), code=USAGE)
    assert found["what"] == "unknown objective 'val/macro_f2'"
    assert found["where"] == "mine/erm.yaml:2"
    assert "did you mean 'val/macro_f1'?" in found["fix"]


@pytest.mark.parametrize("name", ["test/f1", "unseen/macro_f1", "macro_f1"])
def test_an_objective_on_the_held_out_domain_is_refused_by_a_guard_rail(space, refused, name):
    found = refused(*space(RATE, head=f"method: erm\nobjective: {name}"), code=REFUSED)
    assert found["what"].startswith(f"objective '{name}' ")
    assert found["where"] == "mine/erm.yaml:2"
    assert "val/macro_f1" in found["fix"]
    assert "--selection oracle" in found["fix"]


def test_a_dry_run_says_what_a_search_would_maximise(place, space):
    command = space(RATE, head="method: erm\nobjective: val/micro_f1")
    assert place.json(*command, "--dry-run")["spaces"]["erm"]["objective"] == "val/micro_f1"
    assert "maximised: val/micro_f1" in place.call(*command, "--dry-run").err


def test_a_number_with_an_exponent_is_a_number(place, space):
    command = space("optimizer.lr: {low: 1e-4, high: 1E-3}")
    (found,) = place.json(*command, "--dry-run")["spaces"]["erm"]["dimensions"]
    assert (found["low"], found["high"]) == (0.0001, 0.001)


# --- what may be composed ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "options", "gone", "come"),
    [
        ("boda", ("--penalty", "coral"), "penalty.nu", "penalty.weight"),
        ("dann", ("--set", "penalty=boda"), "penalty.schedule", "penalty.nu"),
        ("crt", ("--finish", "none"), "finish.exponent", "optimizer.lr"),
        ("erm", ("--penalty", "coral"), "penalty", "penalty.weight"),
        ("boda_resampled", ("--sampler", "domain"), "sampler.exponent", "penalty.nu"),
    ],
)
def test_a_part_that_is_held_brings_its_own_search(place, method, options, gone, come):
    (found,) = place.json(*TUNE, method, *options, "--dry-run")["spaces"].values()
    names = {item["name"] for item in found["dimensions"]}
    assert gone not in names
    assert come in names


def test_the_entry_of_ones_own_folder_is_kept_for_a_part_that_is_held(place, space):
    command = (*space("penalty.weight: {low: 0.5, high: 0.6}"), "--penalty", "coral", "--dry-run")
    (found,) = place.json(*command)["spaces"]["erm+coral"]["dimensions"]
    assert (found["low"], found["high"]) == (0.5, 0.6)


@pytest.mark.parametrize("methods", ["all", "poster+group", "boda+swad,erm+sampler=class_balanced"])
def test_what_can_work_is_planned(place, methods):
    assert place.call(*COMPARE, methods, "--epochs", "3", "--dry-run").code == 0


def test_a_reference_that_is_not_compared_is_remarked(place):
    said = place.call(*COMPARE, "poster", "--reference", "erm+group", "--dry-run")
    assert said.code == 0
    assert "'erm+group' is not among --methods" in said.err
