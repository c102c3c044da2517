"""Where a network's first weights come from; never a silent random start."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wbcray.core.digest import sha256_hex
from wbcray.core.errors import ResourceError, UsageError

IMAGENET_FILES = {
    "resnet18": "resnet18-f37072fd.pth",
    "resnet50": "resnet50-11ad3fa6.pth",
}
"""File names of torchvision's default ImageNet weights; the digits begin the file's SHA-256."""

_PICKLED_CODE = re.compile(r"(?:GLOBAL|class) (?P<name>[\w.]+) ")
"""How PyTorch's reader names a function that a file would have it call."""

_STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


def hub_folder() -> Path:
    """The folder in which torchvision keeps downloaded weights."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache")
    home = Path(os.environ.get("TORCH_HOME") or caches / "torch")
    return home.expanduser() / "hub" / "checkpoints"


def cached_imagenet(backbone: str) -> Path | None:
    """The ImageNet weights of `backbone` on this machine, or None."""
    path = hub_folder() / IMAGENET_FILES[backbone]
    return path if path.is_file() else None


def resolve(weights: str, backbone: str) -> tuple[str, Path | None]:
    """The name of the weights in a configuration, and the file they are in.

    The name is `none`, `imagenet` or `sha256:<digest>`: a file may move, but not change.

    Raises:
        ResourceError: For ImageNet weights that are not on this machine, or are others.
        UsageError: For a file that does not exist, holds no weights or those of another network.
    """
    if weights == "none":
        return weights, None
    if weights == "imagenet":
        cached = cached_imagenet(backbone)
        if cached is None:
            raise _absent(backbone)
        _check_published(cached)
        return weights, cached
    path = Path(weights)
    if not path.is_file():
        raise UsageError(
            f"weights file does not exist: {weights}",
            where="--weights, or network.weights in wbcray.yaml",
            fix="give `imagenet`, `none`, or the path of a .pth or .safetensors file",
        )
    _refuse_misfit(_read(path), backbone, path)  # now, before a run is begun with them
    return f"sha256:{sha256_hex(path.read_bytes())}", path.resolve()


def load(weights: str, backbone: str, file: Path | None) -> dict[str, Any] | None:
    """The state dictionary that `resolve` named, or None for `none`.

    Raises:
        ResourceError: When the file is absent on this machine or has changed.
    """
    if weights == "none":
        return None
    if weights == "imagenet":
        file = cached_imagenet(backbone)
        if file is None:
            raise _absent(backbone)
        _check_published(file)
        return _read(file)
    expected = weights.removeprefix("sha256:")
    if file is None or not file.is_file() or sha256_hex(file.read_bytes()) != expected:
        raise ResourceError(
            "the weights file is absent or has changed since the run began",
            where=str(file),
            fix="put the original file back, or start a run under another name (--run NAME)",
        )
    return _read(file)


def _check_published(path: Path) -> None:
    """On every machine the name `imagenet` stands for the same bytes."""
    digits, found = path.stem.rpartition("-")[2], sha256_hex(path.read_bytes())
    if not found.startswith(digits):
        raise ResourceError(
            f"the ImageNet weights are not the published ones: their SHA-256 begins with "
            f"{found[: len(digits)]}, not with {digits}",
            where=str(path),
            fix="put the published file there, or name yours with --weights FILE",
        )


def _read(path: Path) -> dict[str, Any]:
    """Tensors only: pickled code is refused by both readers."""
    try:
        state = _load_file(path)
    except Exception as error:  # the readers raise what their parsers happen to
        raise _no_weights(path, _reason(error)) from error
    if not isinstance(state, dict) or not state:
        raise _no_weights(path, "it does not hold named tensors")
    return state


def _reason(error: Exception) -> str:
    said = str(error)
    code = _PICKLED_CODE.search(said)
    if code:
        return f"it contains code ({code['name']}), which is never run"
    said = said.partition("WeightsUnpickler error:")[2].strip() or said
    return f"{type(error).__name__}: {said[:80].splitlines()[0] if said else 'damaged'}"


def _refuse_misfit(state: Mapping[str, Any], backbone: str, path: Path) -> None:
    """Compare names and shapes with the network's; its last layer is made anew in any case."""
    import torch
    from torchvision.models import get_model

    with torch.device("meta"):
        known = get_model(backbone).state_dict()
    ours = {name: tuple(value.shape) for name, value in known.items()}
    theirs = {name: tuple(getattr(value, "shape", ())) for name, value in state.items()}
    for name in [*ours, *theirs]:
        # networks with group norm have no running statistics
        free = name.startswith("fc.") or (name not in theirs and name.endswith(_STATISTICS))
        if not free and ours.get(name) != theirs.get(name):
            shapes = f"{theirs.get(name, 'absent')} in the file, {ours.get(name, 'absent')} in it"
            raise UsageError(
                f"the weights do not fit {backbone}: {name} is {shapes}",
                where=str(path),
                fix=f"give weights of torchvision's {backbone}, or another `network: backbone`",
            )


def _load_file(path: Path) -> Any:
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    import torch

    return torch.load(path, map_location="cpu", weights_only=True)


def _no_weights(path: Path, reason: str) -> UsageError:
    return UsageError(
        f"cannot read the weights file: {reason}",
        where=str(path),
        fix="give the state dictionary of a torchvision network, as .pth or .safetensors",
    )


def _absent(backbone: str) -> ResourceError:
    name = IMAGENET_FILES[backbone]
    return ResourceError(
        f"the configuration asks for ImageNet weights of {backbone}, which are not on this machine",
        where=str(hub_folder() / name),
        fix=(
            f'on a machine with internet run `python -c "import torchvision; '
            f"torchvision.models.{backbone}(weights='DEFAULT')\"` and copy {name} there; "
            "or use --weights FILE, or --weights none to start from random weights"
        ),
    )
