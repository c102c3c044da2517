"""The table of all parts: where each is written. Listing it imports no torch.

A new part is one file and one line here.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from wbcray.core.config import Axis
from wbcray.core.errors import unknown_name

PARTS: Mapping[Axis, Mapping[str, str]] = {
    "classification": {
        "cross_entropy": "wbcray.methods.classification.cross_entropy:CrossEntropy",
    },
    "domain_risk": {
        "mean": "wbcray.methods.domain_risk.mean:Mean",
    },
    "penalty": {
        "none": "wbcray.methods.penalties.none:NoPenalty",
        "coral": "wbcray.methods.penalties.coral:Coral",
        "dann": "wbcray.methods.penalties.dann:Dann",
        "boda": "wbcray.methods.penalties.boda:Boda",
    },
    "sampler": {
        "instance": "wbcray.methods.samplers.instance:Instance",
        "domain": "wbcray.methods.samplers.domain:Domain",
        "balanced": "wbcray.methods.samplers.balanced:Balanced",
        "class_balanced": "wbcray.methods.samplers.class_balanced:ClassBalanced",
    },
    "finish": {
        "none": "wbcray.methods.finish.none:NoFinish",
        "classifier_retraining": (
            "wbcray.methods.finish.classifier_retraining:ClassifierRetraining"
        ),
    },
    "colour": {
        "none": "wbcray.methods.colour.none:NoColour",
        "stain_augmentation": "wbcray.methods.colour.stain_augmentation:StainAugmentation",
    },
}


def part_names(axis: Axis) -> tuple[str, ...]:
    """The names of all parts on `axis`, in the table's order."""
    return tuple(PARTS[axis])


def part_class(axis: Axis, name: str) -> type[Any]:
    """The class of the part `name` on `axis`; imports its module.

    Raises:
        UsageError: For a name that is not in the table.
    """
    known = part_names(axis)
    if name not in known:
        raise unknown_name(axis, name, known)
    module, _, attribute = PARTS[axis][name].partition(":")
    found: type[Any] = getattr(import_module(module), attribute)
    return found
