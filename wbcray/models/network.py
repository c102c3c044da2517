"""Backbone -> features [batch, dim] -> logits [batch, classes]."""

from collections.abc import Callable, Mapping
from typing import Literal, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from wbcray.core.config import NetworkConfig
from wbcray.core.errors import UsageError
from wbcray.models.heads import CosineLinear
from wbcray.models.normalization import FrozenBatchNorm, group_norm

_NORM_LAYERS: dict[str, Callable[..., nn.Module]] = {
    "batch": nn.BatchNorm2d,
    "frozen": FrozenBatchNorm,
    "group": group_norm,
}


@final
class Network(nn.Module):
    """A torchvision ResNet of any input size from 32 px, without its ImageNet head.

    Args:
        config: What network it is.
        classes: Width of the logits.
        head: The classifier: `linear`, or `cosine` between feature and class.
        weights: What `models.weights.load` read; None starts at random.

    Attributes:
        backbone: Images [batch, 3, side, side] to pooled features [batch, dim].
        head: The classifier.
        feature_dim: Width of the features.
    """

    def __init__(
        self,
        config: NetworkConfig,
        *,
        classes: int,
        head: Literal["linear", "cosine"] = "linear",
        weights: Mapping[str, Tensor] | None = None,
    ) -> None:
        super().__init__()
        from torchvision import models  # seconds to import, and a driver builds no network

        builder = getattr(models, config.backbone)
        self.backbone = builder(weights=None, norm_layer=_NORM_LAYERS[config.normalization])
        self.feature_dim = int(self.backbone.fc.in_features)
        self.backbone.fc = nn.Identity()
        _load_backbone(self.backbone, config, weights)
        self.dropout = nn.Dropout(config.dropout)
        kind = CosineLinear if head == "cosine" else nn.Linear
        self.head: nn.Linear = kind(self.feature_dim, classes)
        self.to(memory_format=torch.channels_last)

    def forward(
        self, images: Float[Tensor, "batch 3 side side"]
    ) -> tuple[Float[Tensor, "batch dim"], Float[Tensor, "batch classes"]]:
        """Features and logits, in float32 whatever the precision of the backbone."""
        features = self.features(images)
        return features, self.classify(features)

    def features(
        self,
        images: Float[Tensor, "batch 3 side side"],
        *,
        after_stage: Callable[[int, Tensor], Tensor] | None = None,
    ) -> Float[Tensor, "batch dim"]:
        """Pooled features; `after_stage` may change the maps behind residual stages 1 to 4."""
        body = self.backbone
        maps = body.maxpool(body.relu(body.bn1(body.conv1(images))))
        for stage in (1, 2, 3, 4):
            maps = body.get_submodule(f"layer{stage}")(maps)
            if after_stage is not None:
                maps = after_stage(stage, maps)
        pooled: Tensor = self.dropout(body.avgpool(maps).flatten(1))
        return pooled.float()

    def classify(self, features: Float[Tensor, "batch dim"]) -> Float[Tensor, "batch classes"]:
        """Logits of features."""
        logits: Tensor = self.head(features)
        return logits.float()


def _load_backbone(
    backbone: nn.Module, config: NetworkConfig, weights: Mapping[str, Tensor] | None
) -> None:
    if config.normalization == "frozen" and config.weights == "none":
        raise UsageError(
            "frozen batch norm needs trained weights: with `weights: none` its statistics are "
            "constants that mean nothing",
            where="network.normalization",
            fix="use `normalization: batch` or `group`, or give weights",
        )
    if weights is None:
        return
    state = {name: value for name, value in weights.items() if not name.startswith("fc.")}
    if config.normalization == "group":
        state = {name: v for name, v in state.items() if name in backbone.state_dict()}
    try:
        problems = backbone.load_state_dict(state, strict=False)
    except RuntimeError as error:
        raise _misfit(config, str(error).splitlines()[-1].strip()) from error
    if problems.unexpected_keys or problems.missing_keys:
        raise _misfit(config, (problems.unexpected_keys + problems.missing_keys)[0])


def _misfit(config: NetworkConfig, example: str) -> UsageError:
    return UsageError(
        f"the weights do not fit {config.backbone}, e.g. {example}",
        where=config.weights,
        fix=f"give weights of torchvision's {config.backbone}",
    )
