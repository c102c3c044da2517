"""Project files and search spaces: a project or a space, or a refusal with the line."""

from pathlib import Path

from fuzz.target import Target
from wbcray.core.hyper import Declared
from wbcray.core.project import load_project
from wbcray.search.space_file import load_space

_PROJECTS = (
    b"classes: [blast, monocyte]\ndomains:\n  a: {path: x}\n  b: {path: y.csv}\n",
    b"""\
version: 1
classes: coarse5
domains:
  north: {path: a, layout: matek_19, um_per_px: 0.072}
  south:
    path: labels.csv
    columns: {image: file, label: diagnosis}
    select: b
    label_map: {Neutrofil: neutrophil, x: null}
    ignore: ["*.tif", "old/*"]
image: {size: 64, field_of_view: 25}
network: {backbone: resnet18, weights: none, dropout: 1e-1}
training: {epochs: 3, folds: 2, patience: 0, precision: float32, seed: 0}
optimizer: {lr: 1e-3, batch_size: 32, weight_decay: 0.0}
augment: {rotation: 10.0}
allow: [leakage]
cache: .wbcray
runs: runs
""",
    b"domains: &d {a: {path: x}, b: {path: 'y'}}\nclasses: ['NO', \"YES\"]\n# *d\n",
)
_SPACES = (
    b"""\
method: fuzzed
objective: val/macro_f1
params:
  optimizer.lr: {low: 1e-5, high: 1e-2, log: true}
  penalty.weight: {low: 0.0, high: 1.0, step: 0.25, when: {sampler: balanced}}
  optimizer.batch_size: {low: 8, high: 64, step: 8}
  sampler: {choices: [instance, balanced]}
search: {sampler: tpe, seed: 0, scheduler: asha, grace_epochs: 2, reduction_factor: 3}
""",
    b"method: fuzzed\nextends: base.yaml\nparams:\n  sampler: {choices: [balanced]}\n",
)
_DECLARED = (
    Declared(name="optimizer.lr", kind="float", default=1e-3, low=1e-8, high=10.0, help="-"),
    Declared(name="optimizer.weight_decay", kind="float", default=0.0, low=0.0, high=1.0, help="-"),
    Declared(name="optimizer.batch_size", kind="int", default=32, low=1, high=4096, help="-"),
    Declared(name="penalty.weight", kind="float", default=0.1, low=0.0, high=100.0, help="-"),
)


def read(path: Path) -> None:
    """Read a file with `domains` as a project, any other as a search space."""
    if b"domains" in path.read_bytes():
        load_project(path)
        return
    load_space(
        path,
        method="fuzzed",
        declared={one.name: one for one in _DECLARED},
        choices_of_axis={"sampler": ("instance", "balanced")},
        objectives=("val/macro_f1",),
    )


TARGET = Target(name="configurations", seeds=(*_PROJECTS, *_SPACES), read=read)
