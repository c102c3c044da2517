"""What `wbcray data check --permutation` does and says: training on shuffled labels."""

import time
from typing import TYPE_CHECKING, Any

from wbcray.cli.console import print_table, say

if TYPE_CHECKING:
    from wbcray.core.project import Project
    from wbcray.data.audit.auditing import Audit
    from wbcray.training.permutation import PermutationCheck, Shuffle

_MEANING = {
    "at chance": "validation knows nothing of the labels that it must not know",
    "above chance": "a leak: validation images are in training, or labels get in by another way",
    "below chance": "no leak, but nothing explains it either: run it again with more permutations",
    "cannot tell": "the network hardly learnt the shuffled labels, or only one class is said: "
    "more images or a larger network could tell",
}
_FIX = (
    "fix: look for images on both sides of a split (`wbcray data check --sheet FILE`), for labels "
    "in the pixels, and for changed code between split and network"
)


def run_permutations(project: "Project", found: "Audit", permutations: int) -> "PermutationCheck":
    """Train on shuffled labels, saying how it goes."""
    from wbcray.cli.progress import decoding
    from wbcray.data.audit.duplicates import pairs_of
    from wbcray.training.permutation import EPOCHS, SIDE, permutation_check

    images = len(found.catalog.samples)
    say(
        f"permutation check: {permutations} trainings of a resnet18 on {images} images of at most "
        f"{SIDE} px, {EPOCHS} epochs each, with labels shuffled within each domain"
    )
    started = time.monotonic()
    with decoding() as on_progress:
        check = permutation_check(
            project,
            found.catalog,
            pairs_of(found.links),
            permutations=permutations,
            on_shuffle=_say,
            on_progress=on_progress,
        )
    say(f"permutation check: {time.monotonic() - started:.0f} s")
    return check


def leaks(check: "PermutationCheck") -> bool:
    """Whether validation knows what it must not know."""
    return check.verdict == "above chance"


def permutation_json(check: "PermutationCheck") -> dict[str, Any]:
    """The check as plain values."""
    found = check.against_chance
    return {
        "permutations": len(check.shuffles),
        "images": sum(one.right.images for one in check.shuffles),
        "observed": found.observed,
        "chance": found.chance,
        "standard_error": found.error,
        "z": found.z,
        "loss_left": check.learnt,
        "verdict": check.verdict,
        "seconds": sum(one.seconds for one in check.shuffles),
    }


def show_permutation(check: "PermutationCheck") -> None:
    """What was observed, what chance gives, and what follows."""
    found = check.against_chance
    rows = [
        ("validation accuracy on shuffled labels", f"{found.observed:.3f}"),
        ("by chance", f"{found.chance:.3f} ± {found.error:.3f}"),
        ("standard errors above chance", f"{found.z:+.1f}"),
        ("training loss left", f"{check.learnt:.0%}"),
        ("verdict", check.verdict),
    ]
    title = f"{len(check.shuffles)} trainings on shuffled labels"
    print_table(title, ("", ""), rows, note=_MEANING[check.verdict])
    if leaks(check):
        say(_FIX)


def _say(one: "Shuffle") -> None:
    share = one.right.right / one.right.images if one.right.images else float("nan")
    say(
        f"without {one.held_out}, fold {one.fold}: accuracy {share:.3f}, training loss "
        f"{one.first_loss:.2f} -> {one.last_loss:.2f} ({one.seconds:.0f} s)"
    )
