"""Synthetic white blood cells for whoever has no images at hand."""

import os
import shutil
from pathlib import Path

from benchmarks.peers.case import domains_in
from wbcray.data.synthetic.domains import DOMAINS
from wbcray.data.synthetic.write import scale_for, write_dataset

SOURCES = ("acevedo_like", "matek_like")
HELD_OUT = "int_like"
_FEW = 60
"""Images of the held-out domain, which nobody trains on."""


def draw(folder: Path, *, images: int, side: int) -> None:
    """So many images of each source domain, `side` pixels each, as `wbcray data synth` draws them.

    Classes that a domain lacks are left out everywhere, because the peers number the classes of
    each domain by its own folders.
    """
    wanted = {name: _FEW if name == HELD_OUT else images for name in (*SOURCES, HELD_OUT)}
    write_dataset(
        folder,
        domains=tuple(wanted),
        seed=0,
        scale={name: scale_for(DOMAINS[name], images=number) for name, number in wanted.items()},
        floor=6,
        size=side,
        workers=os.cpu_count() or 1,
    )
    leave_out_rare(folder)


def leave_out_rare(folder: Path) -> None:
    """Remove the folders of classes that some domain lacks."""
    classes = {
        domain: {one.name for one in (folder / domain).iterdir() if one.is_dir()}
        for domain in domains_in(folder)
    }
    common = set.intersection(*classes.values())
    for domain, names in classes.items():
        for name in names - common:
            shutil.rmtree(folder / domain / name)
