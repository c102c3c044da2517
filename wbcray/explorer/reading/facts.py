"""What is known about a run as a whole: `facts.json`, read once and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from wbcray.core.errors import StoreError
from wbcray.core.hyper import Scalar
from wbcray.search.space import SearchSpace

Settings = tuple[tuple[str, Scalar], ...]
"""Every tunable value of a configuration, by its dotted name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedCell:
    """A cell (method x held-out x fold x seed) that ended without a result, and why."""

    method: str
    held_out: str
    fold: int
    seed: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """The protocol of a run.

    Attributes:
        classes: In the order that tables and figures keep.
        synthetic: Whether the images were made by a program; then every page says so.
        openings: How many configurations' held-out counts were opened, domains counted apart.
        selection_rule: How a configuration was chosen, in a sentence.
        oracle: Whether held-out data took part in the choice; then every page says so.
        allowed: Guard rails that were lifted and would have refused the run.
        generators: What drew synthetic images, with version and digest.
        adapting: Methods that look at the unlabelled images of the domain they are judged on.
        determinism: What is promised when a cell is trained again; each class that occurs.
        objectives: What each study maximised, by its name `<method>--<held-out>`.
        spaces: What each study searched, by its name; empty in facts of older versions.
        configurations: What the shown cells were trained with, by digest; likewise.
    """

    run: str
    classes: tuple[str, ...]
    domains: tuple[str, ...]
    folds: int
    synthetic: bool
    data_fingerprint: str
    split_digest: str
    network: str
    image_size: int
    epochs: int
    seeds: tuple[int, ...]
    versions: tuple[tuple[str, str], ...]
    openings: int
    selection_rule: str
    failed_cells: tuple[FailedCell, ...]
    oracle: bool = False
    allowed: tuple[str, ...] = ()
    generators: tuple[str, ...] = ()
    adapting: tuple[str, ...] = ()
    objectives: tuple[tuple[str, str], ...] = ()
    determinism: tuple[str, ...] = ()
    spaces: tuple[tuple[str, SearchSpace], ...] = ()
    configurations: tuple[tuple[str, Settings], ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any], *, where: str = "") -> "RunFacts":
        """The facts from plain JSON values.

        Raises:
            StoreError: For keys that are missing or values of the wrong kind.
        """
        optional = {"oracle", "allowed", "generators", "adapting", "objectives", "determinism"}
        optional |= {"spaces", "configurations"}
        missing = [item.name for item in fields(cls) if item.name not in {*data, *optional}]
        if missing:
            raise _damaged(f"the run's facts lack {', '.join(missing)}", where)
        try:
            return cls(
                run=str(data["run"]),
                data_fingerprint=str(data["data_fingerprint"]),
                split_digest=str(data["split_digest"]),
                selection_rule=str(data["selection_rule"]),
                folds=int(data["folds"]),
                image_size=int(data["image_size"]),
                epochs=int(data["epochs"]),
                openings=int(data["openings"]),
                classes=tuple(map(str, data["classes"])),
                domains=tuple(map(str, data["domains"])),
                seeds=tuple(map(int, data["seeds"])),
                versions=tuple((str(k), str(v)) for k, v in data["versions"].items()),
                network=_network(data["network"]),
                synthetic=bool(data["synthetic"]),
                oracle=bool(data.get("oracle", False)),
                allowed=tuple(map(str, data.get("allowed", ()))),
                generators=tuple(map(str, data.get("generators", ()))),
                adapting=tuple(map(str, data.get("adapting", ()))),
                objectives=tuple((str(k), str(v)) for k, v in data.get("objectives", {}).items()),
                determinism=tuple(map(str, data.get("determinism", ()))),
                spaces=tuple(
                    (str(k), SearchSpace.from_json(v)) for k, v in data.get("spaces", {}).items()
                ),
                configurations=tuple(
                    (str(k), tuple(v.items())) for k, v in data.get("configurations", {}).items()
                ),
                failed_cells=tuple(FailedCell(**cell) for cell in data["failed_cells"]),
            )
        except (TypeError, ValueError, AttributeError, KeyError) as error:
            raise _damaged(f"the run's facts cannot be read: {error}", where) from error


def _network(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {setting}" for name, setting in value.items())
    return str(value)


def _damaged(what: str, where: str) -> StoreError:
    return StoreError(
        what, where=where, fix="make the tables again from the records: wbcray store rebuild RUN"
    )
