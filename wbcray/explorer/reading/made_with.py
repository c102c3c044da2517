"""What the shown cells were made with: versions, and what is promised of their bits."""

from collections.abc import Iterable

from wbcray.core.provenance import versions
from wbcray.store.cell import CellRecord


def versions_of(records: Iterable[CellRecord]) -> dict[str, str]:
    """The versions that cells were trained with; several of one package are all named."""
    found: dict[str, set[str]] = {}
    for record in records:
        for package, number in record.provenance["versions"].items():
            found.setdefault(package, set()).add(number)
    return {name: ", ".join(sorted(numbers)) for name, numbers in found.items()} or versions()


def determinism_of(records: Iterable[CellRecord]) -> list[str]:
    """The classes of determinism that occur; records of schema 1 do not say theirs."""
    return sorted({record.provenance.get("determinism") or "not recorded" for record in records})
