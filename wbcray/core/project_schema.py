"""The shape of `wbcray.yaml`: which keys there are, of which type, in which range.

The pydantic models live apart from `core.project` so that only reading a project pays for the
import. Every field's description completes the sentence "<key> must be ..." in an error.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from wbcray.core.errors import UsageError, unknown_name
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


ClassName = Annotated[str, AfterValidator(_name)]
DomainName = Annotated[str, AfterValidator(_folder_name)]
PathText = Annotated[str, Field(min_length=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Section(BaseModel):
    """A mapping with fixed keys, whose values keep the types that YAML gave them."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DomainSection(Section):
    """One domain under `domains:`."""

    path: PathText = Field(description="the path of a folder or CSV file", examples=["images/a"])
    um_per_px: Positive | None = Field(default=None, description=MICROMETRES, examples=[0.1])


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
    classes: list[ClassName] = Field(
        min_length=1,
        description="a list of one or more class names",
        examples=["[basophil, neutrophil]"],
    )
    domains: dict[DomainName, DomainSection] = Field(
        min_length=1,
        description="a mapping `name: {path: ...}` with one or more domains",
        examples=["{site_a: {path: images/a}}"],
    )
    image: ImageSection = Field(
        default=ImageSection(), description="a mapping", examples=["{size: 64}"]
    )
    training: TrainingSection = Field(
        default=TrainingSection(), description="a mapping", examples=["{epochs: 30}"]
    )
    # the legal values of these two are declared in core.config, beside what they mean
    network: dict[str, Any] = Field(
        default={}, description="a mapping", examples=["{backbone: resnet18}"]
    )
    optimizer: dict[str, Any] = Field(default={}, description="a mapping", examples=["{lr: 3e-4}"])
    cache: PathText = Field(default=".wbcray", description="the path of a folder")
    runs: PathText = Field(default="runs", description="the path of a folder")


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
_OPTIONAL_SECTIONS = {*_SECTIONS, "network", "optimizer"}


def _explain(detail: ErrorDetails, document: Document) -> UsageError:
    """One pydantic error in the words of the file's author."""
    location = tuple(part for part in detail["loc"] if part != "[key]")
    where = document.where(*location)
    model, key = _model_at(location[:-1]), str(location[-1])
    dotted = ".".join(map(str, location))
    if detail["type"] == "extra_forbidden":
        inside = f" in {dotted.rpartition('.')[0]}" if len(location) > 1 else ""
        problem = unknown_name("key", key, model.model_fields, where=where)
        return UsageError(f"unknown key '{key}'{inside}", where=where, fix=problem.fix)
    if location[0] == "classes" and len(location) > 1:
        return _bad_class(detail["input"], where)
    if model is ProjectFile and len(location) > 1:
        return _bad_domain(key, detail["input"], where)
    expected = model.model_fields[key].description
    if detail["type"] == "missing":
        return UsageError(f"'{dotted}' is missing", where=where, fix=f"add it: {expected}")
    return UsageError(
        f"{dotted} must be {expected}, got {show(detail['input'])}",
        where=where,
        fix=_example(model, key),
    )


def _model_at(location: tuple[str | int, ...]) -> type[Section]:
    """The model whose field the last part of an error's location names."""
    if len(location) > 1 and location[0] == "domains":
        return DomainSection
    return _SECTIONS.get(str(location[0]), ProjectFile) if location else ProjectFile


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
