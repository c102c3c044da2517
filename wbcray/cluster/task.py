"""What a worker is told to do: one configuration on one held-out domain, some folds."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from wbcray.core.config import TrialConfig
from wbcray.search.space import DEFAULT_OBJECTIVE
from wbcray.store.cell import CellKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One trial, or one cell of a grid, as it travels to a worker.

    Attributes:
        run: The run's folder, seen alike by all workers.
        label: How progress displays call it.
        folds: Trained in this order.
        seed: Of the cells.
        threads: CPU threads of each worker.
        workers: Workers that train each network together.
        gpus: GPUs of each worker, 0 for none; may be a fraction for a single worker.
        prunable: Whether a scheduler may stop it early.
        objective: What it reports, one of `training.objective.OBJECTIVES`.
        deterministic: Whether the same task must give the same bits, at the price of speed.
    """

    run: str
    label: str
    config: TrialConfig
    held_out: str
    folds: tuple[int, ...]
    seed: int
    threads: int
    workers: int = 1
    gpus: float = 0.0
    prunable: bool = True
    objective: str = DEFAULT_OBJECTIVE
    deterministic: bool = False

    @property
    def cells(self) -> tuple[CellKey, ...]:
        """The cells that it trains, in order."""
        return tuple(
            CellKey(config=self.config.digest, held_out=self.held_out, fold=fold, seed=self.seed)
            for fold in self.folds
        )

    @property
    def budget(self) -> int:
        """Epochs over all folds."""
        return len(self.folds) * self.config.epochs

    def as_json(self) -> dict[str, Any]:
        """Plain values; `from_json` is the inverse."""
        plain = [item.name for item in fields(self) if item.name not in ("config", "folds")]
        return {
            **{name: getattr(self, name) for name in plain},
            "config": self.config.as_json(),
            "folds": list(self.folds),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Task":
        """The task that `as_json` wrote."""
        config = TrialConfig.from_json(data["config"])
        return cls(**{**data, "config": config, "folds": tuple(data["folds"])})
