"""A project: the classes, domains and training plan that `wbcray.yaml` describes."""

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from wbcray.core.config import AugmentConfig, NetworkConfig, OptimizerConfig, Precision
from wbcray.core.domain import Domain
from wbcray.core.domain_sections import domains_of
from wbcray.core.errors import UsageError, unknown_name
from wbcray.core.examined_file import ExaminedFile
from wbcray.core.hyper import Declared, Scalar
from wbcray.core.problems import Problems, require_scalar, show
from wbcray.core.yaml_file import Document, load_document

if TYPE_CHECKING:
    from wbcray.core.project_schema import ProjectFile

PROJECT_FILE = "wbcray.yaml"
NAMED_WEIGHTS = ("imagenet", "none")

Config = TypeVar("Config", NetworkConfig, OptimizerConfig, AugmentConfig)


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
        classes: Class names; the place is the class id.
        label_space: Name of the label space whose classes these are, None for a list of names.
        allow: Guard rails that the file lifts.
        image_size: Width and height of the network's input, pixels.
        field_of_view: Width of the crop in micrometres; None keeps the whole image.
        runs: Where runs are kept: a folder, or the URL of a place in a bucket.
        network: As configured; `weights` may be a path that `models.weights` has yet to resolve.
    """

    path: Path
    classes: tuple[str, ...]
    label_space: str | None
    domains: tuple[Domain, ...]
    allow: tuple[str, ...]
    image_size: int
    field_of_view: float | None
    network: NetworkConfig
    training: TrainingPlan
    optimizer: OptimizerConfig
    augment: AugmentConfig
    cache: Path
    runs: str

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
    problems = Problems(str(path))
    document = load_document(path, kind="project file", fix=create, problems=problems)
    parsed = parse_project(document, problems)
    reader = _Reader(document, problems)
    network = reader.config(NetworkConfig, "network")
    optimizer = reader.config(OptimizerConfig, "optimizer")
    augment = reader.config(AugmentConfig, "augment")
    project = reader.project(parsed, network, optimizer, augment) if parsed else None
    problems.raise_any()
    if project is None:
        raise AssertionError("a file that is not parsed notes a problem")
    return project


class _Reader:
    """Turns a parsed file into a project; notes what only shows in the light of other values."""

    def __init__(self, document: Document, problems: Problems) -> None:
        self._document = document
        self._problems = problems
        self._file = ExaminedFile(document, problems)

    def project(
        self,
        parsed: "ProjectFile",
        network: NetworkConfig,
        optimizer: OptimizerConfig,
        augment: AugmentConfig,
    ) -> Project:
        """The project; not to be used once a problem has been noted."""
        given = self._document.data["classes"]
        label_space = given if isinstance(given, str) else None
        self._file.refuse_repeats("classes", "class name", dict(enumerate(parsed.classes)))
        return Project(
            path=self._document.path.absolute(),
            classes=tuple(parsed.classes),
            label_space=label_space,
            domains=domains_of(parsed, self._file, label_space),
            allow=tuple(dict.fromkeys(parsed.allow)),
            image_size=parsed.image.size,
            field_of_view=parsed.image.field_of_view,
            network=self._with_weights(network),
            training=TrainingPlan(**parsed.training.model_dump()),
            optimizer=optimizer,
            augment=augment,
            cache=self._file.path(parsed.cache, "cache") or self._file.folder,
            runs=self._runs(parsed.runs),
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

    def _runs(self, given: str) -> str:
        # A bucket is asked by what opens it; here it only has to stay as it was written.
        return given if "://" in given else str(self._file.path(given, "runs"))

    def _with_weights(self, network: NetworkConfig) -> NetworkConfig:
        if network.weights in NAMED_WEIGHTS:
            return network
        file = self._file.path(network.weights, "network", "weights")
        if file is not None and not file.is_file():
            self._file.note(
                f"network.weights: there is no file {file}",
                "network",
                "weights",
                fix="write `imagenet`, `none` or the path of a file, relative to this one",
            )
        return replace(network, weights=str(file))
