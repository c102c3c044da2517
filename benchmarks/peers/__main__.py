"""Whole training steps against DomainBed and MDLT: `python -m benchmarks.peers [domainbed] [mdlt]`.

domainbed  images/s of ERM, CORAL and DANN: DomainBed's `update` fed by its loaders over its image
           folders, against our training loop on decoded pixels, in float32 and by default (`auto`).
mdlt       the same for BoDA, whole intervals with MDLT's pass over all training images.

WBCRAY_DOMAINBED and WBCRAY_MDLT name checkouts of the two (see `benchmarks/peers/checkouts.py`);
what is not there is not measured. `--images` is a folder of domains with folders of classes;
without it, synthetic images are drawn. Nobody loads trained weights, nobody evaluates.
"""

import argparse
import os
import tempfile
from pathlib import Path

from benchmarks.peers.case import CHECKOUTS, Case, domains_in
from benchmarks.peers.drawn import HELD_OUT, draw
from benchmarks.peers.table import HEAD, rows
from benchmarks.peers.turns import measured, prepare

METHODS = {"domainbed": ("erm", "coral", "dann"), "mdlt": ("boda",)}
PER_DOMAIN = {"domainbed": 32, "mdlt": 24}
"""Images of a domain in a step: the peer's default for large images."""


def main() -> None:
    """The peers that were asked for, or both."""
    given = _parser().parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        images = given.images
        if images is None:
            images = work / "cells"
            draw(images, images=given.drawn, side=given.side)
        held_out = given.held_out or (HELD_OUT if given.images is None else domains_in(images)[0])
        for peer in given.peers or METHODS:
            if not os.environ.get(CHECKOUTS[peer]):
                print(f"{CHECKOUTS[peer]} names no checkout: {peer} is not measured")
                continue
            case = Case(
                peer=peer,
                method=METHODS[peer][0],
                network=given.network,
                size=given.size,
                per_domain=given.per_domain or PER_DOMAIN[peer],
                steps=given.steps,
                threads=given.threads,
                images=images.resolve(),
                held_out=held_out,
                work=work,
            )
            compare(case, given)


def compare(case: Case, given: argparse.Namespace) -> None:
    """The table of one peer, printed row by row."""
    number, seconds = prepare(case)
    print(
        f"{case.peer}: sources {', '.join(case.sources)} ({case.images.name}, {number} images with "
        f"{case.held_out}), {case.per_domain} a domain and step, {case.steps} steps a turn, "
        f"{given.repeats} turns, {case.threads} threads, load {os.getloadavg()[0]:.1f}"
    )
    print(f"our pixels were decoded once, in {seconds:.1f} s of processor time", flush=True)
    print(HEAD)
    for method in given.methods or METHODS[case.peer]:
        mine = case.with_method(method)
        for line in rows(mine, measured(mine, given.repeats)):
            print(line, flush=True)
    print(f"load {os.getloadavg()[0]:.1f} in the end\n", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers")
    parser.add_argument(
        "peers", nargs="*", choices=[*METHODS, []], metavar="peer", help="both, if none is named"
    )
    parser.add_argument("--images", type=Path, help="folder of domains; else images are drawn")
    parser.add_argument("--held-out", help="domain nobody trains on; else the first by name")
    parser.add_argument("--drawn", type=int, default=400, help="images of a drawn domain")
    parser.add_argument("--side", type=int, default=128, help="pixels of a drawn image")
    parser.add_argument("--network", default="resnet18", choices=["resnet18", "resnet50"])
    parser.add_argument("--size", type=int, default=64, help="pixels of a training image")
    parser.add_argument("--per-domain", type=int, help="images of a domain in a step")
    parser.add_argument("--steps", type=int, default=4, help="training steps of a turn")
    parser.add_argument("--repeats", type=int, default=7, help="turns of each side")
    parser.add_argument("--threads", type=int, default=1, help="of each side")
    parser.add_argument("--methods", nargs="*", help="only these, by our names")
    return parser


if __name__ == "__main__":
    main()
