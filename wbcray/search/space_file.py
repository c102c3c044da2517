"""Search spaces from `search_spaces/<method>.yaml`, checked against what is legal.

What is legal comes from outside as declarations, so that this package knows no method. In a chain
of files the one that extends wins: per parameter (whole entries, never merged), per key of
`search:`, and for `objective`.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from wbcray.core.errors import RefusedError, UsageError, did_you_mean, unknown_name
from wbcray.core.hyper import Declared
from wbcray.core.problems import Problems, show
from wbcray.core.yaml_file import Document
from wbcray.search.dimension_file import Entry, read_conditions, read_dimension, read_entry
from wbcray.search.layers import read_layers
from wbcray.search.settings_file import read_settings
from wbcray.search.space import DEFAULT_OBJECTIVE, Dimension, SearchSpace

KEYS = ("method", "extends", "objective", "params", "search")

_HELD_OUT = re.compile(
    r"(?<![a-z])(test|tgt|target|unseen|held[-_ ]?out|ood|oracle|sealed)(?![a-z])", re.IGNORECASE
)
_VALIDATION = "val/"


def load_space(
    path: Path,
    *,
    method: str,
    declared: Mapping[str, Declared],
    choices_of_axis: Mapping[str, Sequence[str]],
    objectives: Collection[str],
) -> SearchSpace:
    """The search space in the file at `path`.

    Args:
        path: The file; what it `extends` is sought beside it, then among the shipped spaces.
        method: The method that is to be searched.
        declared: What is legal, by dotted name (`penalty.weight`, `optimizer.lr`).
        choices_of_axis: The parts that an axis (`sampler`) may be set to.
        objectives: The scores of validation counts that may be maximised (`val/macro_f1`).

    Raises:
        UsageError: Naming up to 20 problems of the files, each with its line.
        RefusedError: For an objective that reads the held-out domain, or may.
    """
    problems = Problems(str(path))
    layers = read_layers(path, problems)
    _check_method(layers[0], method, problems)
    for document in layers:
        _check_keys(document, problems)
    objective = _objective(layers, objectives, problems)
    settings = read_settings(layers, problems)
    legal = dict(declared) | {axis: _axis(axis, names) for axis, names in choices_of_axis.items()}
    dimensions = _dimensions(_entries(layers, legal, problems), problems)
    problems.raise_any()
    return SearchSpace(
        method=method,
        dimensions=_in_order(dimensions, path),
        settings=settings,
        objective=objective,
    )


def _check_method(document: Document, method: str, problems: Problems) -> None:
    given = document.data.get("method")
    if given == method:
        return
    what = f"the file is for method {show(given)}, not '{method}'"
    if "method" not in document.data:
        what = "'method' is missing"
    fix = f"write `method: {method}`, or give the file of that method"
    problems.add(UsageError(what, where=document.where("method"), fix=fix))


def _check_keys(document: Document, problems: Problems) -> None:
    for key in document.data:
        if key not in KEYS:
            where = document.where(key)
            _refuse_held_out(key, document.data[key], where)
            fix = did_you_mean(key, KEYS)
            problems.add(UsageError(f"unknown key '{key}'", where=where, fix=fix))
    for section in ("params", "search"):
        given = document.data.get(section)
        if given is not None and not isinstance(given, dict):
            what = f"{section} must be a mapping, got {show(given)}"
            fix = f"write `{section}:` and indented `key: value` lines"
            problems.add(UsageError(what, where=document.where(section), fix=fix))


def _objective(layers: Sequence[Document], objectives: Collection[str], problems: Problems) -> str:
    wanted = ""
    for document in layers:
        search = document.data.get("search")
        if isinstance(search, dict) and "objective" in search:
            # `read_settings` says that it stands in the wrong place
            _refuse_unproven(search["objective"], document.where("search", "objective"))
        if "objective" in document.data:
            given, where = document.data["objective"], document.where("objective")
            _refuse_unproven(given, where)
            if given in objectives:
                wanted = wanted or given
            elif isinstance(given, str):
                problems.add(unknown_name("objective", given[:80], objectives, where=where))
            else:
                what = f"objective must be a score of the validation folds, got {show(given)}"
                problems.add(UsageError(what, where=where, fix=f"e.g. `{DEFAULT_OBJECTIVE}`"))
    return wanted or DEFAULT_OBJECTIVE


def _refuse_unproven(given: object, where: str) -> None:
    """Refuse an objective that does not say that it reads validation images alone."""
    if isinstance(given, str):
        _refuse_held_out("objective", given, where)
        if not given.startswith(_VALIDATION):
            raise _refusal(f"objective '{given[:80]}' is no score of validation images", where)


def _refuse_held_out(key: str, given: object, where: str) -> None:
    """Refuse `objective: test/macro_f1` and the like, under whatever key it is asked for."""
    if isinstance(given, str) and _HELD_OUT.search(given):
        raise _refusal(f"{key} '{given[:80]}' reads the held-out domain", where)


def _refusal(what: str, where: str) -> RefusedError:
    return RefusedError(
        what,
        where=where,
        fix=f"write `objective: {DEFAULT_OBJECTIVE}`, or choose afterwards by "
        "`wbcray compare --selection oracle`, which says so in every table",
    )


def _axis(axis: str, names: Sequence[str]) -> Declared:
    return Declared(name=axis, kind="choice", default=names[0], choices=tuple(names), help="part")


def _entries(
    layers: Sequence[Document], legal: Mapping[str, Declared], problems: Problems
) -> list[Entry]:
    owners: dict[str, Document] = {}
    for document in reversed(layers):
        owners |= dict.fromkeys(_params(document), document)
    entries = []
    for name, document in owners.items():
        try:
            if name not in legal:
                where = document.where("params", name)
                raise unknown_name("hyper-parameter", name, legal, where=where)
            entries.append(read_entry(document, legal[name]))
        except UsageError as problem:
            problems.add(problem)
    return entries


def _params(document: Document) -> dict[str, Any]:
    given = document.data.get("params")
    return given if isinstance(given, dict) else {}


def _dimensions(entries: Sequence[Entry], problems: Problems) -> list[Dimension]:
    bare: dict[str, Dimension] = {}
    for entry in entries:
        try:
            bare[entry.name] = read_dimension(entry)
        except UsageError as problem:
            problems.add(problem)
    dimensions = []
    for entry in entries:
        try:
            # conditions on an entry that is itself wrong would only repeat its problem
            if len(bare) == len(entries):
                conditions = read_conditions(entry, bare)
                dimensions.append(replace(bare[entry.name], when=conditions))
        except UsageError as problem:
            problems.add(problem)
    return dimensions


def _in_order(dimensions: Sequence[Dimension], path: Path) -> tuple[Dimension, ...]:
    """The dimensions, those that rule others first."""
    placed: dict[str, Dimension] = {}
    waiting = list(dimensions)
    while waiting:
        ready = [item for item in waiting if all(name in placed for name, _ in item.when)]
        if not ready:
            names = ", ".join(item.name for item in waiting)
            raise UsageError(
                f"the conditions of {names} wait for each other",
                where=str(path),
                fix="remove one 'when'",
            )
        placed[ready[0].name] = ready[0]
        waiting.remove(ready[0])
    return tuple(placed.values())
