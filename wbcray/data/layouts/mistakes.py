"""What can be wrong with a layout's file, in the words of who wrote it."""

from collections.abc import Iterator

from pydantic_core import ErrorDetails

from wbcray.core.errors import UsageError, did_you_mean, unknown_name
from wbcray.core.label_space import CANONICAL_CLASSES, COARSE_CLASSES
from wbcray.core.problems import show
from wbcray.core.yaml_file import Document
from wbcray.data.layouts.schema import SECTIONS, LayoutFile, Section

PLATELET = "platelet"
"""What an image without a leukocyte may be said to look like."""


def explain(detail: ErrorDetails, document: Document) -> UsageError:
    """One pydantic error in the words of the file's author."""
    location = tuple(part for part in detail["loc"] if part != "[key]")
    where, dotted = document.where(*location), ".".join(map(str, location))
    model, depth = _model_at(location)
    key = str(location[depth]) if depth < len(location) else ""
    if detail["type"] == "extra_forbidden":
        fix = did_you_mean(key, model.model_fields)
        return UsageError(f"unknown key '{dotted}'", where=where, fix=fix)
    if key not in model.model_fields:
        return UsageError(f"{dotted} must be a mapping", where=where, fix="e.g. `all: {}`")
    field = model.model_fields[key]
    example = f"e.g. `{key}: {field.examples[0] if field.examples else show(field.default)}`"
    if detail["type"] == "missing":
        return UsageError(f"'{dotted}' is missing", where=where, fix=f"add it, {example}")
    what = f"{dotted} must be {field.description}, got {show(detail['input'])}"
    if depth < len(location) - 1:
        what = f"{dotted} is refused ({show(detail['input'])}): {key} must be {field.description}"
    return UsageError(what, where=where, fix=example)


def _model_at(location: tuple[str | int, ...]) -> tuple[type[Section], int]:
    """The model that an error's location leads into, and where in it the model's key stands."""
    model: type[Section] = LayoutFile
    depth = 0
    while depth < len(location) - 1:
        key = str(location[depth])
        if key not in SECTIONS or key not in model.model_fields:
            break
        model = SECTIONS[key]
        depth += 2 if key == "parts" else 1
    return model, depth


def contradictions(content: LayoutFile, document: Document) -> Iterator[UsageError]:
    """Where two values that are right by themselves do not fit each other."""
    if content.default_mapping not in content.mappings:
        where = document.where("default_mapping")
        yield unknown_name("mapping", content.default_mapping, content.mappings, where=where)
        return
    codes = content.mappings[content.default_mapping]
    for name, mapping in content.mappings.items():
        for code in sorted(codes.keys() ^ mapping.keys()):
            what = f"mappings.{name} and mappings.{content.default_mapping} differ in '{code}'"
            where = document.where("mappings", name)
            yield UsageError(what, where=where, fix="name every raw label in every mapping")
    for key, code in _mentioned_codes(content):
        if code not in codes:
            yield unknown_name("raw label", code, codes, where=document.where(*key))
    yield from _classes(content, document)
    yield from _tables_out_of_place(content, document)


def _mentioned_codes(content: LayoutFile) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Raw labels outside the mappings, each after its path of keys."""
    for name, part in content.parts.items():
        yield from ((("parts", name, "published", code), code) for code in part.published)
    yield from ((("folders", code), code) for code in content.folders)
    yield from ((("looks_like", code), code) for code in content.looks_like)
    for place, pair in enumerate(content.more_of):
        yield from ((("more_of", place), code) for code in pair)


def _tables_out_of_place(content: LayoutFile, document: Document) -> Iterator[UsageError]:
    for name, part in content.parts.items():
        if (part.label_from == "table") != (part.table is not None):
            what = f"parts.{name} must have `table` exactly where `label_from` is table"
            where = document.where("parts", name)
            yield UsageError(what, where=where, fix="add or remove one of the two")


def _classes(content: LayoutFile, document: Document) -> Iterator[UsageError]:
    """Classes that no label space has, or that nobody can draw."""
    classes = (*CANONICAL_CLASSES, *COARSE_CLASSES)
    for name, mapping in content.mappings.items():
        for code, label in mapping.items():
            if label is not None and label not in classes:
                where = document.where("mappings", name, code)
                yield unknown_name("class", label, classes, where=where)
    for code, look in content.looks_like.items():
        if look not in (*CANONICAL_CLASSES, PLATELET):
            where = document.where("looks_like", code)
            yield unknown_name("class", look, (*CANONICAL_CLASSES, PLATELET), where=where)
