"""The table of the challenge "Help a hematologist out": labels and mean colours of all images."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from wbcray.data.synthetic.trees.plan import PartPlan
from wbcray.data.synthetic.trees.tables import Row

LAYOUT = "hida"
FILE_NAME = "metadata.csv"

_DATASETS = {"acevedo_20": "Ace_20", "matek_19": "Mat_19", "wbc1": "WBC1", "wbc2": "WBC2"}
_SETS = {"acevedo_20": "train", "matek_19": "train", "wbc1": "val", "wbc2": "test"}


def metadata_rows(plans: Sequence[PartPlan], root: Path) -> list[Row]:
    """A row for every image; those of unlabelled parts have an empty label."""
    return [
        {
            "Image": Path(image.path).name,
            "file": image.path,
            "label": "" if plan.part.label_from == "nowhere" else image.code,
            "dataset": _DATASETS.get(plan.part.name, plan.part.name),
            "set": _SETS.get(plan.part.name, "train"),
            **_colours(root / image.path),
        }
        for plan in plans
        for image in sorted(plan.images, key=lambda image: image.path)
    ]


def _colours(path: Path) -> Row:
    with Image.open(path) as picture:
        means = np.asarray(picture.convert("RGB")).mean(axis=(0, 1)).tolist()
    return {f"mean{channel}": f"{mean:.3f}" for channel, mean in enumerate(means, start=1)}
