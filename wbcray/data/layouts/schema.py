"""The shape of a layout's YAML file: which keys there are, of which type, in which range.

Every field's description completes the sentence "<key> must be ..." in an error.
"""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _relative(text: str) -> str:
    if not text or PurePosixPath(text).is_absolute() or ".." in PurePosixPath(text).parts:
        raise ValueError(text)
    return text


def _suffix(text: str) -> str:
    if not re.fullmatch(r"\.[a-z0-9]+", text):
        raise ValueError(text)
    return text


def _pattern(text: str) -> str:
    # a field of another name, or a format that a number does not have, raises here
    try:
        text.format(code="BAS", folder="basophil", number=1)
    except (KeyError, IndexError) as error:
        raise ValueError(text) from error
    return _relative(text)


def _row_name(text: str) -> str:
    try:
        text.format(image="1")
    except (KeyError, IndexError) as error:
        raise ValueError(text) from error
    return text


def _patient(text: str) -> str:
    try:
        groups = re.compile(text).groupindex
    except re.error as error:
        raise ValueError(text) from error
    if text and "patient" not in groups:
        raise ValueError(text)
    return text


RelativePath = Annotated[str, AfterValidator(_relative)]
Text = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=0)]
Pixels = Annotated[int, Field(ge=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Codes = dict[Text, str | None]

_PATH = "a path below the data set's root"


class Section(BaseModel):
    """A mapping with fixed keys, whose values keep the types that YAML gave them."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class TableSection(Section):
    """`table:` of a part."""

    file: RelativePath = Field(description=_PATH, examples=["labels.csv"])
    image: Text = Field(description="the name of a column", examples=["image"])
    label: Text = Field(description="the name of a column", examples=["label"])
    patient: Text | None = Field(
        default=None, description="the name of a column", examples=["patient"]
    )
    folder: RelativePath = Field(default=".", description=_PATH)
    name: Annotated[str, AfterValidator(_row_name)] = Field(
        default="{image}",
        description="a file name with no other field than {image}",
        examples=['"{image:0>3}.bmp"'],
    )
    rows: dict[Text, str] = Field(
        default={}, description="a mapping of column to value", examples=["{split: train}"]
    )


class FilesSection(Section):
    """`files:`, how the files look."""

    pattern: Annotated[str, AfterValidator(_pattern)] = Field(
        description="a path with no other fields than {code}, {folder} and {number}",
        examples=['"{code}/{code}_{number:04d}.png"'],
    )
    width: Pixels = Field(description="a whole number of pixels", examples=[360])
    height: Pixels = Field(description="a whole number of pixels", examples=[360])
    mode: Literal["RGB", "RGBA", "CMYK"] = Field(default="RGB", description="RGB, RGBA or CMYK")
    transparent_border: Count = Field(default=0, description="a whole number of pixels")


class PartSection(Section):
    """One part under `parts:`."""

    under: list[RelativePath] = Field(
        default=["."],
        min_length=1,
        description="a list of folders below the data set's root",
        examples=["[Train]"],
    )
    label_from: Literal["folder", "prefix", "table", "nowhere"] = Field(
        default="folder", description="folder, prefix, table or nowhere"
    )
    table: TableSection | None = Field(
        default=None,
        description="a mapping",
        examples=["{file: labels.csv, image: image, label: label}"],
    )
    px_per_um: Positive | None = Field(
        default=None, description="a number of pixels per micrometre > 0", examples=[10]
    )
    published: dict[Text, Count] = Field(
        default={},
        description="a mapping of raw label to number of images",
        examples=["{BAS: 79}"],
    )
    files: FilesSection | None = Field(
        default=None,
        description="a mapping",
        examples=['{pattern: "{number}.png", width: 360, height: 360}'],
    )


class LayoutFile(Section):
    """The whole of a layout's file."""

    title: Text = Field(description="a text", examples=["Our laboratory, 2024"])
    licence: str = Field(default="", description="a text")
    citation: str = Field(default="", description="a text")
    obtain: str = Field(default="", description="a text")
    notes: str = Field(default="", description="a text")
    parts: dict[Text, PartSection] = Field(
        min_length=1,
        description="a mapping `name: {...}` with one or more parts",
        examples=["{all: {px_per_um: 10}}"],
    )
    suffixes: list[Annotated[str, AfterValidator(_suffix)]] = Field(
        default=[".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"],
        min_length=1,
        description="a list of file name endings in lower case",
        examples=["[.png, .tif]"],
    )
    folders: dict[Text, list[Text]] = Field(
        default={},
        description="a mapping of raw label to a list of folder names",
        examples=["{IG: [ig]}"],
    )
    separator: Text = Field(default="_", description="a text")
    mappings: dict[Text, Codes] = Field(
        min_length=1,
        description="a mapping `name: {raw label: class or null}`",
        examples=["{default: {BAS: basophil}}"],
    )
    default_mapping: Text = Field(description="the name of a mapping", examples=["default"])
    looks_like: dict[Text, Text] = Field(
        default={},
        description="a mapping of raw label to class",
        examples=["{PLATELET: platelet}"],
    )
    more_of: list[Annotated[list[Text], Field(min_length=2, max_length=2)]] = Field(
        default=[], description="a list of pairs of raw labels", examples=["[[MYO, MYB]]"]
    )
    reannotations: list[Text] = Field(
        default=[], description="a list of file names", examples=["[annotations.dat]"]
    )
    patient: Annotated[str, AfterValidator(_patient)] = Field(
        default="",
        description="a regular expression with a group named `patient`",
        examples=["'(?P<patient>P[0-9]+)'"],
    )
    cleaning: dict[Literal["rgb"], Positive] = Field(
        default={}, description="a mapping of `rgb` to a mean value", examples=["{rgb: 180}"]
    )
    files: FilesSection = Field(
        description="a mapping",
        examples=['{pattern: "{code}/{number}.png", width: 360, height: 360}'],
    )


SECTIONS: Mapping[str, type[Section]] = {
    "table": TableSection,
    "files": FilesSection,
    "parts": PartSection,
}
