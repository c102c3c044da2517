"""Any project file that the schema allows is read as it is meant; one mistake in it is placed.

`WBCRAY_EXAMPLES=50000 pytest tests/core/test_config_properties.py` draws that many of each.
"""

from dataclasses import asdict, fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yaml_writing import (
    badly_indented,
    beyond,
    is_told,
    lines_of,
    misspelt,
    numbers,
    properties,
    spelt,
    text_of,
)

from wbcray.core.config import (
    AugmentConfig,
    Composition,
    NetworkConfig,
    OptimizerConfig,
    Part,
    TrialConfig,
)
from wbcray.core.errors import UsageError
from wbcray.core.hyper import declared
from wbcray.core.project import load_project
from wbcray.core.project_schema import (
    ColumnsSection,
    DomainSection,
    ImageSection,
    ProjectFile,
    TrainingSection,
)

DECLARED = {
    **{item.name: item for item in declared(OptimizerConfig, prefix="optimizer.")},
    **{item.name: item for item in declared(AugmentConfig, prefix="augment.")},
}
RANGES = {
    **{name: (item.low, item.high) for name, item in DECLARED.items() if item.kind != "choice"},
    "network.dropout": (0.0, 0.9),
    "image.size": (32, 512),
    "training.epochs": (1, 100_000),
    "training.folds": (2, 20),
    "training.patience": (0, 100_000),
    "training.seed": (0, 2**63 - 1),
}
WHOLE = {"image.size", "training.epochs", "training.folds", "training.patience", "training.seed",
         "optimizer.batch_size"}  # fmt: skip
NAMES = st.text("abcXYZ019._-", min_size=1, max_size=8).filter(lambda name: name[0].isalnum())
WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=8)
CLASSES = st.text("abcdeNOYES ", min_size=1, max_size=12).filter(lambda t: t == t.strip())
COLUMNS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("image", "label", "domain", "patient"), WORDS)
)
CHOICES = {
    "network": {
        "backbone": st.sampled_from(["resnet18", "resnet50"]),
        "weights": st.sampled_from(["imagenet", "none"]),
        "normalization": st.sampled_from(["batch", "frozen", "group"]),
    },
    "augment": {"orientation": st.sampled_from(["none", "dihedral"])},
    "training": {"precision": st.sampled_from(["auto", "float32", "bfloat16"])},
    "image": {
        "field_of_view": st.just("native")
        | st.floats(0, 1e9, exclude_min=True, allow_subnormal=False)
    },
}


def section(name):
    """A mapping under `name` with some of its keys."""
    keys = dict(CHOICES.get(name, {}))
    for dotted, (low, high) in RANGES.items():
        group, _, key = dotted.partition(".")
        if group == name:
            keys[key] = numbers(low, high, whole=dotted in WHOLE)
    return st.fixed_dictionaries({}, optional=keys)


@st.composite
def domain(draw, name, classes):
    """One entry under `domains:`; its path is its own, so that no two are one folder."""
    is_table = draw(st.booleans())
    entry = {"path": f"data/{name}.csv" if is_table else f"data/{name}"}
    optional = {
        "um_per_px": st.floats(1e-6, 1e6),
        "ignore": st.lists(WORDS, max_size=2),
        "label_map": st.dictionaries(WORDS, st.sampled_from(classes) | st.none(), max_size=2),
    }
    if is_table:
        optional |= {"select": WORDS, "columns": COLUMNS}
    return entry | draw(st.fixed_dictionaries({}, optional=optional))


@st.composite
def projects(draw):
    """What a valid project file holds."""
    classes = draw(st.lists(CLASSES, min_size=1, max_size=4, unique=True))
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    project = {
        "classes": classes,
        "domains": {name: draw(domain(name, classes)) for name in names},
    }
    optional = {name: section(name) for name in ("image", "training", "network", "optimizer")}
    optional |= {
        "augment": section("augment"),
        "version": st.just(1),
        "allow": st.lists(st.sampled_from(["leakage", "single_class"]), max_size=2, unique=True),
        "cache": st.sampled_from([".wbcray", "/scratch/pixels", "../pixels"]),
        "runs": st.sampled_from(["runs", "/scratch/runs"]),
    }
    return project | draw(st.fixed_dictionaries({}, optional=optional))


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Where each example is written, in place of the last one."""
    return tmp_path_factory.mktemp("project") / "wbcray.yaml"


def load(path, text):
    path.write_text(text, encoding="utf-8")
    return load_project(path)


def refusal(path, text):
    with pytest.raises(UsageError) as caught:
        load(path, text)
    assert caught.value.exit_code == 2
    assert caught.value.where.startswith(str(path))
    return caught.value


def written(project):
    """The content of a file that says of everything what `project` holds."""
    domains = {}
    for item in project.domains:
        entry = {"path": str(item.path), "um_per_px": item.um_per_px, "select": item.select,
                 "columns": dict(item.columns), "label_map": dict(item.label_map),
                 "ignore": list(item.ignore)}  # fmt: skip
        domains[item.name] = {key: value for key, value in entry.items() if value}
    return {
        "version": 1,
        "classes": list(project.classes),
        "domains": domains,
        "allow": list(project.allow),
        "image": {
            "size": project.image_size,
            "field_of_view": project.field_of_view or "native",
        },
        "training": asdict(project.training),
        "network": asdict(project.network),
        "optimizer": asdict(project.optimizer),
        "augment": asdict(project.augment),
        "cache": str(project.cache),
        "runs": str(project.runs),
    }


def unplaced(project):
    """A project without the lines of its domains, which another spelling has elsewhere."""
    return replace(project, domains=tuple(replace(d, where="") for d in project.domains))


def configuration(project):
    """What a trial of the project is trained with."""
    none = {axis: Part(name="none") for axis in
            ("classification", "domain_risk", "penalty", "sampler", "finish")}  # fmt: skip
    return TrialConfig(
        method=Composition(name="erm", **none),
        optimizer=project.optimizer,
        network=project.network,
        augment=project.augment,
        image_size=project.image_size,
        epochs=project.training.epochs,
        patience=project.training.patience,
        precision="float32",
    )


@given(content=projects())
@properties
def test_a_valid_project_is_read_as_it_is_meant_and_comes_back(path, content):
    project = load(path, text_of(lines_of(content)))
    for name, defaults in (("training", TrainingSection().model_dump()),
                           ("network", asdict(NetworkConfig())),
                           ("optimizer", asdict(OptimizerConfig())),
                           ("augment", asdict(AugmentConfig()))):  # fmt: skip
        assert asdict(getattr(project, name)) == defaults | content.get(name, {})
    assert project.classes == tuple(content["classes"])
    assert [d.name for d in project.domains] == list(content["domains"])
    assert unplaced(load(path, text_of(lines_of(written(project))))) == unplaced(project)
    config = configuration(project)
    assert TrialConfig.from_json(config.as_json()) == config


KEYS = {
    (): set(ProjectFile.model_fields),
    ("image",): set(ImageSection.model_fields),
    ("training",): set(TrainingSection.model_fields),
    ("network",): {item.name for item in fields(NetworkConfig)},
    ("optimizer",): {item.name for item in fields(OptimizerConfig)},
    ("augment",): {item.name for item in fields(AugmentConfig)},
}


def keys_beside(path):
    """The keys that may stand where `path` ends; none where its author chooses them."""
    if path[0] == "domains":
        return {3: set(DomainSection.model_fields), 4: set(ColumnsSection.model_fields)}.get(
            len(path), set()
        )
    return KEYS[path[:-1]]


@given(content=projects(), data=st.data())
@properties
def test_a_misspelt_key_is_placed(path, content, data):
    lines = lines_of(content)
    fixed = [n for n, line in enumerate(lines) if keys_beside(line.path)]
    number = data.draw(st.sampled_from(fixed))
    right = lines[number].path
    wrong = data.draw(misspelt(right[-1], keys_beside(right)))
    lines[number] = replace(lines[number], path=(*right[:-1], wrong))
    error = refusal(path, text_of(lines))
    assert f"unknown key '{wrong}'" in error.what
    assert is_told(error, path, number + 1)


@given(content=projects(), data=st.data())
@properties
def test_a_value_of_the_wrong_type_is_placed(path, content, data):
    lines = lines_of(content)
    number = data.draw(st.sampled_from([n for n, line in enumerate(lines) if line.value]))
    dotted = ".".join(lines[number].path)
    wrong = [{"a": {"b": 1}}]  # no key takes a mapping of mappings
    if dotted in RANGES:
        wrong += ["fast", True, [1], None]
    elif lines[number].path[-1] in ("path", "cache", "runs", "weights", "backbone", "precision"):
        wrong += [5, True, [], None]
    elif dotted in ("classes", "allow"):
        wrong += [5, True, [5], "no such name"]
    value = data.draw(st.sampled_from(wrong))
    lines[number] = replace(lines[number], value=spelt(value))
    assert is_told(refusal(path, text_of(lines)), path, number + 1)


@given(content=projects(), name=st.sampled_from(sorted(RANGES)), data=st.data())
@properties
def test_a_value_out_of_range_is_placed(path, content, name, data):
    group, _, key = name.partition(".")
    value = data.draw(beyond(*RANGES[name]))
    content[group] = content.get(group, {}) | {key: value}
    lines = lines_of(content)
    number = next(n for n, line in enumerate(lines) if line.path == (group, key))
    error = refusal(path, text_of(lines))
    assert name in error.what
    assert is_told(error, path, number + 1)


@given(content=projects(), data=st.data())
@properties
def test_a_key_that_is_given_twice_is_placed(path, content, data):
    lines = lines_of(content)
    leaves = [n for n, line in enumerate(lines) if line.value]
    number = data.draw(st.sampled_from(leaves))
    lines.insert(number + 1, lines[number])
    error = refusal(path, text_of(lines))
    key = lines[number].path[-1]
    assert error.what == f"key '{key}' given twice (lines {number + 1} and {number + 2})"
    assert is_told(error, path, number + 2)


@given(content=projects(), data=st.data())
@properties
def test_broken_indentation_is_placed(path, content, data):
    text, _ = data.draw(badly_indented(lines_of(content)))
    error = refusal(path, text)
    line = int(error.where.removeprefix(f"{path}:").split(":")[0])
    assert 1 <= line <= text.count("\n") + 1
