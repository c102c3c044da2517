"""Every record of a run, read again and hashed again."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wbcray.store.cells import KIND as CELL
from wbcray.store.cells import SEALED_KIND
from wbcray.store.commit import is_valid
from wbcray.store.openings import KIND as OPENING
from wbcray.store.selections import KIND as SELECTION

_PATTERNS = (
    ("run.json", "run"),
    ("data.json", "data"),
    ("splits.json", "splits"),
    ("cells/*/*/attempt-*.json", CELL),
    ("sealed/*/*/attempt-*.json", SEALED_KIND),
    ("openings/*.json", OPENING),
    ("selections/*.json", SELECTION),
    ("studies/*/study.json", "study"),
    ("studies/*/plan-*.json", "plan"),
    ("studies/*/trials/*-asked.json", "asked"),
    ("studies/*/trials/*-told.json", "told"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What was found; `superseded` are valid attempts of a cell after its first."""

    records: int
    valid: int
    superseded: int
    corrupt_paths: tuple[str, ...]

    @property
    def corrupt(self) -> int:
        """Records that cannot be read or have changed."""
        return len(self.corrupt_paths)

    def as_json(self) -> dict[str, Any]:
        """The contract's four numbers."""
        return {
            "records": self.records,
            "valid": self.valid,
            "corrupt": self.corrupt,
            "superseded": self.superseded,
        }


def audit(run: Path) -> Audit:
    """Check every record of `run`."""
    valid: list[Path] = []
    corrupt: list[str] = []
    for pattern, kind in _PATTERNS:
        for path in sorted(run.glob(pattern)):
            if is_valid(path, kind) and (kind != CELL or _other_half(run, path).exists()):
                valid.append(path)
            else:
                corrupt.append(path.relative_to(run).as_posix())
    cells = [path.parent for path in valid if path.relative_to(run).parts[0] == "cells"]
    return Audit(
        records=len(valid) + len(corrupt),
        valid=len(valid),
        superseded=len(cells) - len(set(cells)),
        corrupt_paths=tuple(corrupt),
    )


def _other_half(run: Path, cell: Path) -> Path:
    """The sealed file of a cell record; a record that lost it counts for nothing."""
    return run / "sealed" / cell.relative_to(run / "cells")
