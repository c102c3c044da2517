"""The table of parts, what each part says of itself, and the list of papers."""

import ast
import re
import subprocess
import sys
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import pytest

from wbcray.core.config import AXES
from wbcray.core.digest import canonical_json
from wbcray.core.errors import UsageError
from wbcray.methods import base
from wbcray.methods.describe import (
    axes_of,
    describe_method,
    describe_methods,
    describe_part,
    describe_parts,
)
from wbcray.methods.parts import PARTS, part_class, part_names
from wbcray.methods.presets import PRESETS

ROOT = Path(__file__).resolve().parents[2]
INTERFACES = {
    "classification": base.ClassificationLoss,
    "domain_risk": base.DomainRisk,
    "penalty": base.Penalty,
    "sampler": base.Sampler,
    "mixing": base.Mixing,
    "normalization": base.Normalization,
    "colour": base.Colour,
    "finish": base.Finish,
}
FOLDERS = {axis: axis for axis in AXES} | {"penalty": "penalties", "sampler": "samplers"}
LONGEST = 200
"""Signs of a formula or a cost: it is one line, and in tables one cell."""
EVERY = [(axis, name) for axis in AXES for name in part_names(axis)]
every_part = pytest.mark.parametrize(("axis", "name"), EVERY)


def test_there_is_a_table_for_every_axis() -> None:
    assert tuple(PARTS) == AXES


@every_part
def test_a_part_has_the_interface_of_its_axis(axis, name) -> None:
    assert issubclass(part_class(axis, name), INTERFACES[axis])


@every_part
def test_a_part_is_abstract_or_final(axis, name) -> None:
    assert getattr(part_class(axis, name), "__final__", False)


@every_part
def test_a_part_gives_the_address_of_its_paper(axis, name) -> None:
    assert describe_part(axis, name).paper.startswith("https://")


@every_part
def test_a_part_cites_an_entry_of_the_bibliography(axis, name) -> None:
    keys = re.findall(r"^@\w+\{(\w+),", (ROOT / "CITATION.bib").read_text(), flags=re.MULTILINE)
    assert describe_part(axis, name).citation in keys


@every_part
def test_every_hyper_parameter_has_a_meaning(axis, name) -> None:
    assert all(item.meaning and item.range for item in describe_part(axis, name).parameters)


@every_part
@pytest.mark.parametrize("field", ["formula", "cost"])
def test_a_part_says_its_formula_and_its_cost_in_a_line(axis, name, field) -> None:
    said = getattr(describe_part(axis, name), field)
    assert 0 < len(said.strip()) <= LONGEST
    assert "\n" not in said


@every_part
def test_no_formula_or_cost_is_inherited_from_elsewhere(axis, name) -> None:
    assert {"formula", "cost", "citation"} <= set(vars(part_class(axis, name)))


@pytest.mark.parametrize("axis", AXES)
def test_every_file_of_an_axis_is_in_the_table(axis) -> None:
    package = f"wbcray.methods.{FOLDERS[axis]}"
    listed = {place.partition(":")[0] for place in PARTS[axis].values()}
    files = (ROOT / "wbcray" / "methods" / FOLDERS[axis]).glob("[!_]*.py")
    assert {f"{package}.{file.stem}" for file in files} == listed


def test_parts_do_not_import_each_other() -> None:
    modules = {place.partition(":")[0] for table in PARTS.values() for place in table.values()}
    imported = {
        (module, node.module)
        for module in modules
        for node in ast.walk(ast.parse(Path(find_spec(module).origin).read_text()))
        if isinstance(node, ast.ImportFrom) and node.module in modules
    }
    assert imported == set()


def test_listing_parts_and_presets_imports_no_torch() -> None:
    code = (
        "import sys; from wbcray.methods import parts, presets, compose; "
        "parts.part_names('penalty'); presets.PRESETS; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_an_unknown_part_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'coral'"):
        part_class("penalty", "corall")


def test_the_description_of_a_method_is_plain_data() -> None:
    assert canonical_json([asdict(item) for item in describe_methods()])


def test_the_description_of_the_parts_is_plain_data() -> None:
    assert len(describe_parts()) == len(EVERY)
    assert canonical_json([asdict(item) for item in describe_parts()])


def test_a_method_is_described_with_the_defaults_of_its_preset() -> None:
    defaults = {item.name: item.default for item in describe_method("boda_plus").parameters}
    assert defaults["penalty.weight"] == 0.1
    assert defaults["finish.unit"] == "class_within_domain"


def test_differences_are_all_that_follows_in_a_paragraph_of_either_docstring() -> None:
    boda, stain = describe_part("penalty", "boda"), describe_part("colour", "stain_augmentation")
    assert boda.differences.startswith("Differs from the paper: the CORAL term")
    assert "Differs from that code" in boda.differences
    assert "Differs" not in boda.about + boda.source
    assert stain.differences.endswith("so that half and twice are as likely.")
    assert "Ruifrok" not in stain.differences


def test_a_description_keeps_the_source_and_what_a_part_does_apart() -> None:
    coral = describe_part("penalty", "coral")
    assert coral.source.startswith("Sun & Saenko")
    assert coral.about.startswith("`weight` times")
    assert coral.title not in coral.source


@pytest.mark.parametrize(
    ("axis", "name", "mark"),
    [
        ("penalty", "coral", "compares 2 or more source domains"),
        ("normalization", "adaptive_batch", "test-time adaptation"),
        ("colour", "reinhard", "also changes the images that are judged"),
        ("finish", "classifier_retraining", "needs a linear classifier"),
    ],
)
def test_a_part_is_marked_for_those_who_read_results(axis, name, mark) -> None:
    assert mark in describe_part(axis, name).marks


@pytest.mark.parametrize(
    ("axis", "name"), [("penalty", "none"), ("mixing", "none"), ("colour", "stain_augmentation")]
)
def test_a_part_that_needs_no_mark_has_none(axis, name) -> None:
    assert describe_part(axis, name).marks == ()


def test_a_preset_says_what_it_changes_of_the_baseline() -> None:
    assert describe_method("erm").changes == ()
    assert describe_method("boda_plus").changes == (
        "penalty=boda",
        "finish=classifier_retraining",
        "finish.unit=class_within_domain",
    )


def test_a_name_may_be_that_of_parts_on_several_axes() -> None:
    assert {"penalty", "mixing", "colour", "finish"} <= set(axes_of("none"))
    assert axes_of("coral") == ("penalty",)
    assert axes_of("corall") == ()


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(UsageError, match="did you mean 'dann'"):
        describe_method("dan")


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_has_a_title_and_a_paper(name: str) -> None:
    assert PRESETS[name].title
    assert PRESETS[name].paper.startswith("https://")


def test_what_the_poster_does_not_define_is_called_a_reconstruction() -> None:
    assert "reconstruction" in PRESETS["boda_plus"].note
