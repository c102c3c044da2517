"""What `wbcray init` proposes for a kind of machine: network, size, epochs, and why."""

import os
import shutil
from dataclasses import dataclass

from wbcray.core.errors import unknown_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Settings that fit a kind of machine."""

    name: str
    backbone: str
    size: int
    epochs: int
    folds: int
    batch_size: int
    lr: float
    why: str


PROFILES = {
    "laptop": Profile(
        name="laptop",
        backbone="resnet18",
        size=64,
        epochs=15,
        folds=5,
        batch_size=32,
        lr=1e-3,
        why="trains in minutes on a CPU; scores are well below what ResNet50 at 224 px reaches",
    ),
    "paper": Profile(
        name="paper",
        backbone="resnet50",
        size=224,
        epochs=30,
        folds=5,
        batch_size=64,
        lr=1e-4,
        why="ResNet50 from ImageNet weights and five folds, as on the poster; 224 px",
    ),
}


def choose_profile(name: str | None) -> tuple[Profile, str]:
    """The profile called `name`, or the one that fits this machine; and why it was chosen.

    Raises:
        UsageError: For another name.
    """
    if name is not None:
        if name not in PROFILES:
            raise unknown_name("profile", name, PROFILES, where="--profile")
        return PROFILES[name], "as asked for"
    if shutil.which("nvidia-smi"):
        return PROFILES["paper"], "a GPU was found"
    return PROFILES["laptop"], f"no GPU was found, {os.cpu_count()} CPU cores"


def first_weights(profile: Profile) -> str:
    """ImageNet weights where the profile wants them or they are here, else none."""
    from wbcray.models.weights import cached_imagenet

    if profile.name == "paper" or cached_imagenet(profile.backbone):
        return "imagenet"
    return "none"
