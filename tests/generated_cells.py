"""Small generated domains: three sites, three classes, long-tailed."""

import numpy as np
from PIL import Image

CLASSES = ("blast", "eosinophil", "monocyte")
DOMAINS = ("north", "south", "west")
COLOURS = {"blast": (120, 40, 160), "eosinophil": (220, 120, 90), "monocyte": (150, 160, 210)}


def draw(path, label, shift, rng):
    """One noisy 32 px image of a speckled disc, shifted in colour by its domain.

    The specks tell the images of a class apart: without them, discs of one radius would be copies
    of each other, as far as anybody could see through the noise.
    """
    pixels = np.full((32, 32, 3), 230) + rng.normal(0, 6, (32, 32, 3))
    rows, columns = np.ogrid[:32, :32]
    radius = {"blast": 12, "eosinophil": 10, "monocyte": 8}[label] + rng.normal(0, 1)
    disc = (rows - 16) ** 2 + (columns - 16) ** 2 < radius**2
    pixels[disc] = np.array(COLOURS[label]) + rng.normal(0, 12, 3)
    for row, column in rng.spawn(1)[0].integers(0, 32, (8, 2)):
        pixels[(rows - row) ** 2 + (columns - column) ** 2 < 9] -= 25
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.clip(pixels + shift, 0, 255).astype(np.uint8)).save(path)


def write_project(folder, cells, **training):
    """A wbcray.yaml for the generated cells; returns its path."""
    plan = {"epochs": 2, "folds": 2, "precision": "float32"} | training
    lines = "".join(f"  {name}: {value}\n" for name, value in plan.items())
    path = folder / "wbcray.yaml"
    path.write_text(
        "version: 1\n"
        f"classes: [{', '.join(CLASSES)}]\n"
        "domains:\n"
        + "".join(f"  {name}: {{path: {cells / name}}}\n" for name in DOMAINS)
        + "image: {size: 32, field_of_view: native}\n"
        "network: {backbone: resnet18, weights: none}\n"
        f"training:\n{lines}"
        "optimizer: {lr: 1e-3, batch_size: 8}\n"
    )
    return path
