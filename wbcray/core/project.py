"""A project: the classes, domains and training plan that `wbcray.yaml` describes."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from wbcray.core.config import NetworkConfig, OptimizerConfig, Precision
from wbcray.core.errors import UsageError, unknown_name
from wbcray.core.hyper import Declared, Scalar
from wbcray.core.problems import Problems, require_scalar, show
from wbcray.core.yaml_file import Document, load_document

if TYPE_CHECKING:
    from wbcray.core.project_schema import ProjectFile

PROJECT_FILE = "wbcray.yaml"
NAMED_WEIGHTS = ("imagenet", "none")

Config = TypeVar("Config", NetworkConfig, OptimizerConfig)


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """One site's images: a folder of class folders, or a CSV file.

    `um_per_px` are micrometres per pixel, None where the file does not say.
    """

    name: str
    path: Path
    um_per_px: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPlan:
    """How long and how often is trained; `auto` precision is settled by the device."""

    epochs: int
    folds: int
    patience: int
    precision: Literal["auto"] | Precision
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Everything in `wbcray.yaml`, checked, with absolute paths.

    Attributes:
        path: The file itself.
        image_size: Width and height of the network's input, pixels.
        field_of_view: Width of the crop in micrometres; None keeps the whole image.
        network: As configured; `weights` may be a path that `models.weights` has yet to resolve.
    """

    path: Path
    classes: tuple[str, ...]
    domains: tuple[Domain, ...]
    image_size: int
    field_of_view: float | None
    network: NetworkConfig
    training: TrainingPlan
    optimizer: OptimizerConfig
    cache: Path
    runs: Path

    @property
    def folders(self) -> dict[str, Path]:
        """The path of every domain by its name, in the file's order."""
        return {domain.name: domain.path for domain in self.domains}


def load_project(path: Path) -> Project:
    """The project in the file at `path`; paths in it are relative to its folder.

    Raises:
        UsageError: Naming up to 20 problems of the file, each with its line.
    """
    # the import of pydantic takes 0.2 s that `wbcray --help` need not wait for
    from wbcray.core.project_schema import parse_project

    create = "create one with `wbcray init DIR...`"
    document = load_document(path, kind="project file", fix=create)
    problems = Problems(str(path))
    parsed = parse_project(document, problems)
    reader = _Reader(document, problems)
    network = reader.config(NetworkConfig, "network")
    optimizer = reader.config(OptimizerConfig, "optimizer")
    project = reader.project(parsed, network, optimizer) if parsed else None
    problems.raise_any()
    if project is None:
        raise AssertionError("a file that is not parsed notes a problem")
    return project


class _Reader:
    """Turns a parsed file into a project; notes what only shows in the light of other values."""

    def __init__(self, document: Document, problems: Problems) -> None:
        self._document = document
        self._problems = problems
        self._folder = document.path.absolute().parent

    def project(
        self, parsed: "ProjectFile", network: NetworkConfig, optimizer: OptimizerConfig
    ) -> Project:
        """The project; not to be used once a problem has been noted."""
        self._refuse_repeats("classes", "class name", dict(enumerate(parsed.classes)))
        found = {
            name: self._path(section.path, "domains", name, "path")
            for name, section in parsed.domains.items()
        }
        self._refuse_repeats("domains", "folder", {k: str(v) for k, v in found.items() if v})
        return Project(
            path=self._document.path.absolute(),
            classes=tuple(parsed.classes),
            domains=tuple(
                Domain(name=k, path=found[k] or self._folder, um_per_px=section.um_per_px)
                for k, section in parsed.domains.items()
            ),
            image_size=parsed.image.size,
            field_of_view=parsed.image.field_of_view,
            network=self._with_weights(network),
            training=TrainingPlan(**parsed.training.model_dump()),
            optimizer=optimizer,
            cache=self._path(parsed.cache, "cache") or self._folder,
            runs=self._path(parsed.runs, "runs") or self._folder,
        )

    def config(self, kind: type[Config], section: str) -> Config:
        """The section as `kind`, its defaults and ranges being those that `kind` declares."""
        given = self._document.data.get(section)
        values: dict[str, Any] = {}
        for key, value in given.items() if isinstance(given, dict) else ():
            try:
                values[key] = self._value(kind, section, key, value)
            except UsageError as problem:
                self._problems.add(problem)
        return kind(**values)

    def _value(self, kind: type[Any], section: str, key: str, value: Any) -> Scalar:
        where = self._document.where(section, key)
        names = [item.name for item in fields(kind)]
        if key not in names:
            fix = unknown_name("key", key, names).fix
            raise UsageError(f"unknown key '{key}' in {section}", where=where, fix=fix)
        found = require_scalar(value, name=f"{section}.{key}", where=where)
        metadata = fields(kind)[names.index(key)].metadata
        if "declared" in metadata:
            default: Any = fields(kind)[names.index(key)].default
            item = Declared(name=f"{section}.{key}", default=default, **metadata["declared"])
            return item.check(found, where=where)
        if not isinstance(found, str) or not found:
            raise UsageError(
                f"{section}.{key} must be text, got {show(found)}",
                where=where,
                fix="write `imagenet`, `none` or the path of a file",
            )
        return found

    def _with_weights(self, network: NetworkConfig) -> NetworkConfig:
        if network.weights in NAMED_WEIGHTS:
            return network
        file = self._path(network.weights, "network", "weights")
        if file is not None and not file.is_file():
            problem = UsageError(
                f"network.weights: there is no file {file}",
                where=self._document.where("network", "weights"),
                fix="write `imagenet`, `none` or the path of a file, relative to this one",
            )
            self._problems.add(problem)
        return replace(network, weights=str(file))

    def _path(self, given: str, *key_path: str) -> Path | None:
        try:
            path = (self._folder / Path(given).expanduser()).resolve()
            path.exists()  # raises for names that no file system takes
        except (OSError, RuntimeError) as error:
            problem = UsageError(
                f"{'.'.join(key_path)}: cannot follow the path {show(given)} ({str(error)[:80]})",
                where=self._document.where(*key_path),
                fix="write a path relative to this file, or an absolute one",
            )
            self._problems.add(problem)
            return None
        return path

    def _refuse_repeats(self, section: str, kind: str, values: Mapping[Any, str]) -> None:
        first: dict[str, Any] = {}
        for key, value in values.items():
            if value not in first:
                first[value] = key
                continue
            problem = UsageError(
                f"{kind} {show(value)} stands twice",
                where=self._document.where(section, key),
                fix=f"it is also at {self._document.where(section, first[value])}; remove one",
            )
            self._problems.add(problem)
