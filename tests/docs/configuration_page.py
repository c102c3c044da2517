"""The tables of `docs/configuration.md`, made from what the code declares.

Run as a program, it puts the tables of today into the page; the text around them is written there.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from wbcray.core.config import AugmentConfig, NetworkConfig, OptimizerConfig
from wbcray.core.hyper import Declared
from wbcray.core.label_space import LABEL_SPACES
from wbcray.core.project_schema import (
    ColumnsSection,
    DomainSection,
    ImageSection,
    ProjectFile,
    TrainingSection,
)
from wbcray.metrics.scores import SCORES
from wbcray.search.space import (
    DEFAULT_OBJECTIVE,
    SamplerName,
    SchedulerName,
    SearchSettings,
)
from wbcray.training.objective import OBJECTIVES, PREFIX

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "configuration.md"
NEEDED = "*needed*"
HEADER = ("key", "what may stand there", "default", "meaning")
END = "<!-- end of the table -->"
_TABLE = re.compile(
    rf"(?P<begin><!-- (?P<name>[\w ]+): made by \S+ -->\n\n)(?:(?!<!--).)*(?P<end>{END})", re.DOTALL
)

MEANINGS: Mapping[str, str] = {
    "version": "The form of this file.",
    "classes": "The classes, in the order of their ids; or the name of a [label space](#classes).",
    "domains": "One entry a [domain](#domains).",
    "allow": "[Guard rails](#allow) to lift.",
    "image": "How images are cut and scaled ([keys](#image)).",
    "training": "How long and how often is trained ([keys](#training)).",
    "network": "The network before any training ([keys](#network)).",
    "optimizer": "AdamW and its schedule ([keys](#optimizer)).",
    "augment": "Random changes of training images ([keys](#augment)).",
    "cache": (
        "Decoded pixels, the key of image ids, lists of leaking images; on a cluster a folder on "
        "each node's own disk. May be deleted; image ids are others then."
    ),
    "runs": "Where runs are kept, each under its name (`--run NAME`); see [places](#places).",
    "domains.NAME.path": "A folder of class folders, a CSV file, or the folder of a `layout`.",
    "domains.NAME.um_per_px": "Micrometres per pixel; needed for a field of view in micrometres.",
    "domains.NAME.layout": "What reads the folder; a path ends in `.yaml` or `.yml`.",
    "domains.NAME.part": "Which piece of the data set. Only beside `layout`.",
    "domains.NAME.mapping": "How raw labels are read as classes. Only beside `layout`.",
    "domains.NAME.clean": (
        "Leaves out images that are darker in red than the layout says. Only beside a `layout` "
        "that has this rule."
    ),
    "domains.NAME.columns": "What the CSV file calls its columns. Only for a CSV file.",
    "domains.NAME.columns.image": "The column of image paths, which are relative to the file.",
    "domains.NAME.columns.label": "The column of labels.",
    "domains.NAME.columns.domain": "The column that says which domain a row belongs to.",
    "domains.NAME.columns.patient": "The column of patients, who never lie on two sides of a fold.",
    "domains.NAME.select": (
        "Rows with this value in the domain column are the domain's; a file without that column "
        "belongs to it whole. Only for a CSV file."
    ),
    "domains.NAME.label_map": (
        "A raw label's class, before a layout's mapping; `null` leaves its images out."
    ),
    "domains.NAME.ignore": (
        "Images to leave out, by paths relative to the domain's folder. `*` stands for any text, "
        "`/` included; a folder's name leaves out all that is in it. In a file `#` begins a remark."
    ),
    "image.size": "Width and height of the network's input.",
    "image.field_of_view": (
        "Width of the square that is cut around the centre; `native` takes the largest one."
    ),
    "training.epochs": "Epochs of each fold.",
    "training.folds": "Folds of the source domains; the held-out domain has none.",
    "training.patience": "A fold ends after so many epochs without a better validation macro F1.",
    "training.precision": (
        "Of the network's forward pass. `auto` is bfloat16 where the device that runs the command "
        "is fast with it, else float32."
    ),
    "training.seed": "Of the split into folds. The seeds of cells are an option (`--seeds`).",
    "network.weights": (
        "The first weights: ImageNet's, random ones, or a `.pth` or `.safetensors` file."
    ),
    "search.sampler": "Who proposes the next configuration ([samplers](#samplers-and-scheduler)).",
    "search.seed": "Starts the sampler's random stream.",
    "search.scheduler": "Who stops trials early ([scheduler](#samplers-and-scheduler)).",
    "search.grace_epochs": "Epochs, summed over folds, before a trial may be stopped.",
    "search.reduction_factor": "One in so many trials passes each rung.",
}
"""What the code does not say in words; every other meaning is declared beside its key."""

WITHOUT: Mapping[str, str] = {
    "domains.NAME.um_per_px": "the layout's, or unknown",
    "domains.NAME.layout": "a folder of class folders or a CSV file",
    "domains.NAME.part": "the only one",
    "domains.NAME.mapping": "the layout's default",
    "domains.NAME.clean": "all images are kept",
    "domains.NAME.columns": "the names below",
    "domains.NAME.columns.image": "`image`",
    "domains.NAME.columns.label": "`label`",
    "domains.NAME.columns.domain": "`domain`",
    "domains.NAME.columns.patient": "`patient`",
    "domains.NAME.select": "the domain's name",
    "image.field_of_view": "`native`",
}
"""What holds without a key whose default is null or a whole section."""

SPECIAL: Mapping[str, str] = {
    "network.weights": "`imagenet`, `none` or the path of a file",
    "search.seed": "a whole number >= 0",
    "search.grace_epochs": "a whole number 1 .. 100,000",
    "search.reduction_factor": "a whole number 2 .. 100",
}
"""What may stand there, where only a function of the code knows."""


def make_tables() -> dict[str, str]:
    """Every table of the page by its name there."""
    schemas: dict[str, tuple[type[BaseModel], str]] = {
        "top": (ProjectFile, ""),
        "image": (ImageSection, "image."),
        "training": (TrainingSection, "training."),
    }
    tables = {name: _table(HEADER, list(_of_schema(*item))) for name, item in schemas.items()}
    tables["domains"] = _table(HEADER, list(_of_domain()))
    sections = {"network": NetworkConfig, "optimizer": OptimizerConfig, "augment": AugmentConfig}
    for name, kind in sections.items():
        tables[name] = _table(HEADER, list(_of_section(kind, f"{name}.")))
    tables["search"] = _table(HEADER, list(_of_search()))
    spaces = [
        [f"`{s.name}`", ", ".join(f"`{c}`" for c in s.classes)] for s in LABEL_SPACES.values()
    ]
    tables["label spaces"] = _table(("name", "classes, in the order of their ids"), spaces)
    tables["objectives"] = _table(("objective", "meaning"), [*_objectives()])
    return tables


def with_tables(page: str) -> str:
    """The page with the tables of today."""
    tables = make_tables()
    return _TABLE.sub(lambda at: f"{at['begin']}{tables[at['name']]}\n{at['end']}", page)


def table_names(page: str) -> list[str]:
    """The tables that the page has a place for."""
    return [found["name"] for found in _TABLE.finditer(page)]


def _of_schema(model: type[BaseModel], prefix: str) -> Iterator[list[str]]:
    for name, field in model.model_fields.items():
        key = prefix + name
        yield [f"`{key}`", _allowed(field), _default(key, field), MEANINGS[key]]


def _of_domain() -> Iterator[list[str]]:
    for row in _of_schema(DomainSection, "domains.NAME."):
        yield row
        if row[0] == "`domains.NAME.columns`":
            yield from _of_schema(ColumnsSection, "domains.NAME.columns.")


def _of_section(kind: type[Any], prefix: str) -> Iterator[list[str]]:
    for item in fields(kind):
        key, default = prefix + item.name, f"`{_shown(item.default)}`"
        if key in SPECIAL:
            yield [f"`{key}`", SPECIAL[key], default, MEANINGS[key]]
            continue
        declared = Declared(name=key, default=item.default, **item.metadata["declared"])
        yield [
            f"`{key}`",
            _range(declared),
            default,
            f"{declared.help[0].upper()}{declared.help[1:]}.",
        ]


def _of_search() -> Iterator[list[str]]:
    names = {"search.sampler": SamplerName, "search.scheduler": SchedulerName}
    for item in fields(SearchSettings):
        key = f"search.{item.name}"
        allowed = SPECIAL.get(key) or _either(get_args(names[key]))
        yield [f"`{key}`", allowed, f"`{item.default}`", MEANINGS[key]]


def _objectives() -> Iterator[list[str]]:
    for name in OBJECTIVES:
        mark = " (default)" if name == DEFAULT_OBJECTIVE else ""
        yield [f"`{name}`{mark}", SCORES[name.removeprefix(PREFIX)].meaning]


def _allowed(field: FieldInfo) -> str:
    """The field's own words, and an upper limit that they leave out."""
    text = field.description or ""
    for item in field.metadata:
        most = getattr(item, "le", None)
        if most is not None and str(most) not in text:
            text += f", at most {most:,}"
    return text


def _range(declared: Declared) -> str:
    if declared.kind == "choice":
        return _either(declared.choices)
    number = "a whole number" if declared.kind == "int" else "a number"
    return f"{number} {_shown(declared.low)} .. {_shown(declared.high)}"


def _either(values: Sequence[Any]) -> str:
    *some, last = (f"`{value}`" for value in values)
    return f"{', '.join(some)} or {last}"


def _default(key: str, field: FieldInfo) -> str:
    if field.is_required():
        return NEEDED
    if key in WITHOUT:
        return WITHOUT[key]
    if isinstance(field.default, BaseModel) or field.default == {}:
        return "empty" if key.startswith("domains.") else "the defaults below"
    return "empty" if field.default == [] else f"`{field.default}`"


def _shown(value: Any) -> str:
    """A number as it is typed: `0.0003`, `1000000`."""
    return f"{value:.10f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = (header, ["---"] * len(header), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text()))
