"""The shape of `wbcray.yaml`: which keys there are, of which type, in which range.

The pydantic models live apart from `core.project` so that only reading a project pays for the
import. Every field's description completes the sentence "<key> must be ..." in an error.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
)
from pydantic_core import ErrorDetails

from wbcray.core.errors import UsageError, unknown_name
from wbcray.core.label_space import LABEL_SPACES
from wbcray.core.problems import Problems, show
from wbcray.core.yaml_file import Document

MICROMETRES = "a number of micrometres > 0"
_PADDED = re.compile(r"^\s|\s$")
_DOMAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_MAX_NAME = 64


def _name(text: str) -> str:
    if not text or _PADDED.search(text) or len(text) > _MAX_NAME or "\n" in text:
        raise ValueError(text)
    return text


def _folder_name(text: str) -> str:
    if not _DOMAIN_NAME.fullmatch(_name(text)):
        raise ValueError(text)
    return text


def _native_or_number(value: Any) -> Any:
    # null would otherwise pass as native
    if value is None:
        raise ValueError(value)
    return None if value == "native" else value


def _classes_of_space(value: Any) -> Any:
    return list(LABEL_SPACES[value].classes) if value in tuple(LABEL_SPACES) else value


def _one_or_many(value: Any) -> Any:
    """A list, or the one text that stands for the path of a list."""
    many = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) and item for item in many):
        raise ValueError(value)
    return value


ClassName = Annotated[str, AfterValidator(_name)]
DomainName = Annotated[str, AfterValidator(_folder_name)]
PathText = Annotated[str, Field(min_length=1)]
Text = Annotated[str, Field(min_length=1)]
GuardRail = Literal["leakage", "single_class"]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Section(BaseModel):
    """A mapping with fixed keys, whose values keep the types that YAML gave them."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ColumnsSection(Section):
    """What a CSV file calls its columns, under `columns:` of a domain."""

    image: Text | None = Field(default=None, description="a column's name", examples=["file"])
    label: Text | None = Field(default=None, description="a column's name", examples=["class"])
    domain: Text | None = Field(default=None, description="a column's name", examples=["site"])
    patient: Text | None = Field(default=None, description="a column's name", examples=["case"])


class DomainSection(Section):
    """One domain under `domains:`."""

    path: PathText = Field(description="the path of a folder or CSV file", examples=["images/a"])
    um_per_px: Positive | None = Field(default=None, description=MICROMETRES, examples=[0.1])
    layout: PathText | None = Field(
        default=None,
        description="the name of a published data set, or the path of a YAML file",
        examples=["matek_19"],
    )
    part: Text | None = Field(
        default=None, description="a part of its layout", examples=["DATA-VAL"]
    )
    mapping: Text | None = Field(
        default=None, description="a label map of its layout", examples=["blast"]
    )
    clean: Literal["rgb"] | None = Field(default=None, description="rgb", examples=["rgb"])
    columns: ColumnsSection = Field(
        default=ColumnsSection(),
        description="a mapping from image, label, domain or patient to a column of the CSV file",
        examples=["{domain: site}"],
    )
    select: Text | None = Field(
        default=None, description="a value of the CSV file's domain column", examples=["site_a"]
    )
    label_map: dict[str, Text | None] = Field(
        default={},
        description="a mapping from labels to class names, or to null to leave images out",
        examples=["{Neutrofil: neutrophil, artefact: null}"],
    )
    ignore: Annotated[list[str] | str, PlainValidator(_one_or_many)] = Field(
        default=[],
        description="a list of patterns, or the path of a text file with one a line",
        examples=['["*_blurred.png"]'],
    )


class ImageSection(Section):
    """How images are cut and scaled."""

    size: int = Field(default=64, ge=32, le=512, description="a whole number of pixels, 32 .. 512")
    field_of_view: Annotated[Positive | None, BeforeValidator(_native_or_number)] = Field(
        default=None, description=f"`native` or {MICROMETRES}", examples=["native"]
    )


class TrainingSection(Section):
    """How long and how often is trained."""

    epochs: int = Field(default=30, ge=1, le=100_000, description="a whole number >= 1")
    folds: int = Field(default=5, ge=2, le=20, description="a whole number 2 .. 20")
    patience: int = Field(
        default=0, ge=0, le=100_000, description="a whole number >= 0 (0: never stop)"
    )
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        default="auto", description="auto, float32 or bfloat16"
    )
    seed: int = Field(default=0, ge=0, lt=2**63, description="a whole number >= 0")


class ProjectFile(Section):
    """The whole of `wbcray.yaml`."""

    version: Literal[1] = Field(default=1, description="1, the only version this wbcray reads")
    classes: Annotated[list[ClassName], BeforeValidator(_classes_of_space)] = Field(
        min_length=1,
        description=f"a list of one or more class names, or {' or '.join(LABEL_SPACES)}",
        examples=["[basophil, neutrophil]"],
    )
    domains: dict[DomainName, DomainSection] = Field(
        min_length=1,
        description="a mapping `name: {path: ...}` with one or more domains",
        examples=["{site_a: {path: images/a}}"],
    )
    allow: list[GuardRail] = Field(
        default=[],
        description="a list of guard rails to lift: leakage, single_class",
        examples=["[single_class]"],
    )
    image: ImageSection = Field(
        default=ImageSection(), description="a mapping", examples=["{size: 64}"]
    )
    training: TrainingSection = Field(
        default=TrainingSection(), description="a mapping", examples=["{epochs: 30}"]
    )
    # the legal values of these three are declared in core.config, beside what they mean
    network: dict[str, Any] = Field(
        default={}, description="a mapping", examples=["{backbone: resnet18}"]
    )
    optimizer: dict[str, Any] = Field(default={}, description="a mapping", examples=["{lr: 3e-4}"])
    augment: dict[str, Any] = Field(default={}, description="a mapping", examples=["{blur: 0.5}"])
    cache: PathText = Field(default=".wbcray", description="the path of a folder")
    runs: PathText = Field(default="runs", description="a folder, or s3://BUCKET/PREFIX")


def parse_project(document: Document, problems: Problems) -> ProjectFile | None:
    """The file's values, or None after noting in `problems` why they cannot be meant."""
    # a section whose lines are all commented out reads as null
    data = {
        key: value
        for key, value in document.data.items()
        if value is not None or key not in _OPTIONAL_SECTIONS
    }
    try:
        return ProjectFile.model_validate(data)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_context=False):
            problems.add(_explain(detail, document))
    return None


_SECTIONS: Mapping[str, type[Section]] = {
    "image": ImageSection,
    "training": TrainingSection,
}
_OPTIONAL_SECTIONS = {*_SECTIONS, "network", "optimizer", "augment"}


def _explain(detail: ErrorDetails, document: Document) -> UsageError:
    """One pydantic error in the words of the file's author."""
    location = tuple(part for part in detail["loc"] if part != "[key]")
    where = document.where(*location)
    if location[0] == "classes" and len(location) > 1:
        return _bad_class(detail["input"], where)
    if location[0] == "domains" and len(location) == 2:  # noqa: PLR2004  # a domain as a whole
        return _bad_domain(str(location[1]), detail["input"], where)
    model, depth = _model_at(location)
    key, dotted = str(location[depth]), ".".join(map(str, location[: depth + 1]))
    if detail["type"] == "extra_forbidden":
        inside = f" in {dotted.rpartition('.')[0]}" if depth else ""
        problem = unknown_name("key", key, model.model_fields, where=where)
        return UsageError(f"unknown key '{key}'{inside}", where=where, fix=problem.fix)
    expected = model.model_fields[key].description
    if detail["type"] == "missing":
        return UsageError(f"'{dotted}' is missing", where=where, fix=f"add it: {expected}")
    return UsageError(
        f"{dotted} must be {expected}, got {show(detail['input'])}",
        where=where,
        fix=_example(model, key),
    )


def _model_at(location: tuple[str | int, ...]) -> tuple[type[Section], int]:
    """The innermost model on the way to an error, and which part of the way is its field."""
    match location:
        case ("domains", _, "columns", _, *_):
            return ColumnsSection, 3
        case ("domains", _, _, *_):
            return DomainSection, 2
        case (section, _, *_) if section in _SECTIONS:
            return _SECTIONS[str(section)], 1
    return ProjectFile, 0


def _example(model: type[Section], key: str) -> str:
    field = model.model_fields[key]
    shown = field.examples[0] if field.examples else field.default
    return f"e.g. `{key}: {shown}`"


def _bad_class(given: Any, where: str) -> UsageError:
    if isinstance(given, str):
        what = f"class name {show(given)} must be one line of 1 .. {_MAX_NAME} characters"
        return UsageError(what, where=where, fix="no spaces at its ends")
    fix = f'quote it: "{show(given)}"' if isinstance(given, bool | int | float) else "write a name"
    return UsageError(f"class names must be text, got {show(given)}", where=where, fix=fix)


def _bad_domain(name: str, given: Any, where: str) -> UsageError:
    if given == name:
        what = f"domain name {show(name)} must be letters, digits, '.', '_' or '-'"
        return UsageError(what, where=where, fix=f"at most {_MAX_NAME} characters, e.g. `site_a`")
    what = f"domains.{name} must be a mapping with `path`, got {show(given)}"
    return UsageError(what, where=where, fix=f"e.g. `{name}: {{path: images/{name}}}`")
