"""The `search:` section of a search space file: who proposes trials, and who stops them early."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, get_args

from wbcray.core.errors import UsageError, did_you_mean, unknown_name
from wbcray.core.problems import Problems, show
from wbcray.core.yaml_file import Document
from wbcray.search.space import SamplerName, SchedulerName, SearchSettings

KEYS = tuple(item.name for item in fields(SearchSettings))


def read_settings(layers: Sequence[Document], problems: Problems) -> SearchSettings:
    """The settings of all `layers`, of which the first has the last word on every key."""
    values: dict[str, Any] = {}
    for document in reversed(layers):
        section = document.data.get("search")
        for key, value in section.items() if isinstance(section, dict) else ():
            where = document.where("search", key)
            try:
                values[key] = _setting(key, value, where=where)
            except UsageError as problem:
                problems.add(problem)
    return SearchSettings(**values)


def _setting(key: str, value: Any, *, where: str) -> Any:
    if key not in _CHECKS:
        fix = did_you_mean(key, KEYS)
        if key == "objective":
            fix = "write `objective:` beside `search:`, not in it"
        raise UsageError(f"unknown key '{key}' in search", where=where, fix=fix)
    return _CHECKS[key](key, value, where)


def _named(known: Sequence[str]) -> Callable[[str, Any, str], str]:
    """The check of a name in a table."""

    def check(key: str, value: Any, where: str) -> str:
        if isinstance(value, str) and value in known:
            return value
        given = value if isinstance(value, str) else show(value)
        raise unknown_name(key, given[:80], known, where=where)

    return check


def _whole(low: int, high: int, example: int) -> Callable[[str, Any, str], int]:
    """The check of a whole number in low .. high."""

    def check(key: str, value: Any, where: str) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        what = f"search.{key} must be a whole number >= {low}, got {show(value)}"
        raise UsageError(what, where=where, fix=f"e.g. `{key}: {example}`")

    return check


_CHECKS: Mapping[str, Callable[[str, Any, str], Any]] = {
    "sampler": _named(get_args(SamplerName)),
    "scheduler": _named(get_args(SchedulerName)),
    "seed": _whole(0, 2**63 - 1, 0),
    "grace_epochs": _whole(1, 100_000, 2),
    "reduction_factor": _whole(2, 100, 3),
}
