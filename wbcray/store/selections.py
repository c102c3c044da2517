"""Which configuration stands for a method on a held-out domain, and where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, final

from wbcray.core.config import TrialConfig
from wbcray.store.cell import CellKey
from wbcray.store.commit import commit, read
from wbcray.store.place import Place, listed

KIND = "selection"
Origin = Literal["tuned", "default", "oracle"]
ORACLE_MARK = "(ORACLE)"
"""Part of the name under which a configuration is shown that was chosen by held-out scores."""


def oracle_name(method: str) -> str:
    """The name of a method in tables and figures where held-out scores chose its configuration.

    It is another name, and no method can have it, so that no place where scores are shown can
    leave the mark out, and no mean or comparison takes such a row for the method.
    """
    return f"{method} {ORACLE_MARK}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """A row of the comparison: fixed before any held-out count is opened, but for an oracle's."""

    method: str
    held_out: str
    config: TrialConfig
    origin: Origin
    trial: int
    folds: tuple[int, ...]
    seeds: tuple[int, ...]

    @property
    def shown_as(self) -> str:
        """The method's name in tables and figures."""
        return oracle_name(self.method) if self.origin == "oracle" else self.method

    def cells(self) -> list[CellKey]:
        """The keys of the cells that the row stands on."""
        return [
            CellKey(config=self.config.digest, held_out=self.held_out, fold=fold, seed=seed)
            for seed in self.seeds
            for fold in self.folds
        ]


@final
class Selections:
    """The selections of a run; the newest of a method and held-out domain counts."""

    def __init__(self, run: Place) -> None:
        self._folder = run / "selections"

    def choose(self, selection: Selection) -> None:
        """Record a selection unless it already is the one that counts."""
        if selection in self.current():
            return
        name = f"{selection.method}--{selection.held_out}"
        number = len(listed(self._folder, f"{name}--*.json")) + 1
        while not commit(self._folder / f"{name}--{number:04d}.json", KIND, _to_json(selection)):
            number += 1

    def current(self) -> list[Selection]:
        """The newest selection of every method and held-out domain."""
        newest: dict[tuple[str, str], Selection] = {}
        for path in listed(self._folder, "*.json"):
            selection = _from_json(read(path, KIND))
            newest[selection.method, selection.held_out] = selection
        return [newest[name] for name in sorted(newest)]


def _to_json(selection: Selection) -> dict[str, Any]:
    return {
        "method": selection.method,
        "held_out": selection.held_out,
        "config": selection.config.as_json(),
        "origin": selection.origin,
        "trial": selection.trial,
        "folds": list(selection.folds),
        "seeds": list(selection.seeds),
    }


def _from_json(data: Mapping[str, Any]) -> Selection:
    return Selection(
        method=data["method"],
        held_out=data["held_out"],
        config=TrialConfig.from_json(data["config"]),
        origin=data["origin"],
        trial=data["trial"],
        folds=tuple(data["folds"]),
        seeds=tuple(data["seeds"]),
    )
