"""The training plan of a run: what every trial of it has in common."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from wbcray.core.config import (
    AXES,
    AugmentConfig,
    NetworkConfig,
    OptimizerConfig,
    Precision,
    TrialConfig,
    augment_json,
    split_dotted,
)
from wbcray.core.errors import UsageError
from wbcray.core.hyper import Scalar, parse_params
from wbcray.core.project import Project
from wbcray.methods.compose import default_composition, override
from wbcray.models.weights import resolve
from wbcray.training.runtime import bfloat16_is_fast


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Fixed for a run; a trial adds a method and its hyper-parameters.

    `patience` of 0 trains every epoch. `weights_file` is where the network's first weights lie on
    this machine; it is no part of any identity.
    """

    network: NetworkConfig
    weights_file: Path | None
    optimizer: OptimizerConfig
    augment: AugmentConfig
    image_size: int
    epochs: int
    folds: int
    patience: int
    precision: Precision
    split_seed: int

    def identity(self) -> dict[str, Any]:
        """The part of a run's identity that training decides."""
        return {
            "network": asdict(self.network),
            "optimizer": asdict(self.optimizer),
            "epochs": self.epochs,
            "folds": self.folds,
            "patience": self.patience,
            "precision": self.precision,
            "split_seed": self.split_seed,
            **augment_json(self.augment),
        }

    def config(self, method: str, params: Mapping[str, Scalar], *, where: str = "") -> TrialConfig:
        """The configuration of `method` with dotted hyper-parameters in place of its defaults.

        Raises:
            UsageError: For an unknown name or a value outside its declared range.
        """
        groups = split_dotted(params, where=where)
        parts = {name: value for name, value in params.items() if name.partition(".")[0] in AXES}
        if groups["network"]:
            raise UsageError(
                "the network is the same for every trial of a run",
                where=where,
                fix="set it in wbcray.yaml under `network:` and begin a new run",
            )
        optimizer = {**asdict(self.optimizer), **groups["optimizer"]}
        augment = {**asdict(self.augment), **groups["augment"]}
        return TrialConfig(
            method=override(default_composition(method), parts, where=where),
            optimizer=parse_params(OptimizerConfig, optimizer, where=where, prefix="optimizer."),
            network=self.network,
            augment=parse_params(AugmentConfig, augment, where=where, prefix="augment."),
            image_size=self.image_size,
            epochs=self.epochs,
            patience=self.patience,
            precision=self.precision,
        )


def settings_of(project: Project, **changes: Any) -> Settings:
    """The settings of a project; `changes` are options that were given, None where not.

    Raises:
        ResourceError: When the network asks for weights that are not on this machine.
    """
    plan = project.training
    given = {name: value for name, value in changes.items() if value is not None}
    weights = given.pop("weights", project.network.weights)
    weights, file = resolve(weights, project.network.backbone)
    fast: Precision = "bfloat16" if bfloat16_is_fast() else "float32"
    settings = Settings(
        network=replace(project.network, weights=weights),
        weights_file=file,
        optimizer=project.optimizer,
        augment=project.augment,
        image_size=project.image_size,
        epochs=plan.epochs,
        folds=plan.folds,
        patience=plan.patience,
        precision=fast if plan.precision == "auto" else plan.precision,
        split_seed=plan.seed,
    )
    if settings.network.normalization == "frozen" and weights == "none":
        raise UsageError(
            "frozen batch norm needs trained weights: from random ones its statistics are "
            "constants that mean nothing",
            where=f"{project.path.name}: network.normalization",
            fix="use `normalization: batch` or `group`, or give weights",
        )
    unknown = set(given) - {item.name for item in fields(Settings)}
    if unknown:
        raise TypeError(f"not a setting: {', '.join(sorted(unknown))}")
    return replace(settings, **given)
