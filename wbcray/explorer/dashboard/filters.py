"""The filter bar: controls for what a reader chooses, and the choice from what they hold."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import dash_mantine_components as dmc  # type: ignore[import-untyped]  # ships no types
from dash import html

from wbcray.explorer.choice import Choice
from wbcray.explorer.reading.tables import RunTables
from wbcray.metrics.scores import SCORES

SEVERAL = {
    "methods": "Methods",
    "held_out": "Held-out domains",
    "folds": "Folds",
    "classes": "Classes",
    "states": "States of trials",
}
ONE = {"reference": "Compare with", "rival": "Other method", "score": "Score"}
NAMES = (*SEVERAL, *ONE)
ALWAYS_OFFERED = "score"
"""The control that has options for every run."""
PLACEHOLDERS = {"rival": "the best"}

Option = dict[str, str]
Value = str | list[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """What the filter bar shows: the query it stands for, and options and value of each control."""

    query: str
    options: Mapping[str, list[Option]]
    values: Mapping[str, Value]


def control_id(name: str) -> str:
    """The id of the control of one filter."""
    return f"filter-{name}"


def filter_bar() -> html.Div:
    """One control a filter, empty until the run was read."""
    several = [
        dmc.MultiSelect(
            id=control_id(name),
            label=label,
            placeholder="all",
            data=[],
            value=[],
            searchable=True,
            clearable=True,
            size="xs",
            className="filter",
        )
        for name, label in SEVERAL.items()
    ]
    one = [
        dmc.Select(
            id=control_id(name),
            label=label,
            placeholder=PLACEHOLDERS.get(name, ""),
            data=[],
            searchable=True,
            clearable=name in PLACEHOLDERS,
            allowDeselect=name in PLACEHOLDERS,
            size="xs",
            className="filter",
        )
        for name, label in ONE.items()
    ]
    return html.Div([*one, *several], id="filters", className="filters", role="search")


def controls(tables: RunTables, choice: Choice) -> Controls:
    """The filter bar for a choice, as far as the run knows what is chosen."""
    known = choice.within(tables)
    return Controls(
        query=_query(choice),
        options={name: options_of(tables, name) for name in NAMES},
        values={
            **{name: [str(item) for item in getattr(known, name)] for name in SEVERAL},
            **{name: getattr(known, name) or None for name in ONE},
        },
    )


def chosen(before: Choice, values: Mapping[str, Value]) -> Choice:
    """The choice that the controls hold; what has no control stays as before."""
    several = {name: tuple(values.get(name) or ()) for name in SEVERAL}
    folds = tuple(int(fold) for fold in several.pop("folds") if str(fold).isdigit())
    found: dict[str, Any] = {name: tuple(map(str, items)) for name, items in several.items()}
    found |= {name: str(values.get(name) or "") for name in ONE}
    return replace(before, folds=folds, **found)


def options_of(tables: RunTables, name: str) -> list[Option]:
    """What one control offers."""
    match name:
        case "score":
            return [{"value": key, "label": key.replace("_", " ")} for key in SCORES]
        case "held_out":
            found = tables.held_out
        case "folds":
            found = tuple(map(str, range(tables.facts.folds)))
        case "classes":
            found = tables.facts.classes
        case "states":
            found = tables.states
        case _:
            found = tables.methods
    return [{"value": item, "label": item} for item in found]


def _query(choice: Choice) -> str:
    query = choice.as_query()
    return f"?{query}" if query else ""
