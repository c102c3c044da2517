"""What an audit says to pages: findings as plain values, with pictures of the first cases."""

from collections.abc import Callable
from typing import Any

from wbcray.core.image_id import ImageIds
from wbcray.core.sample import Sample
from wbcray.data.audit.auditing import Audit
from wbcray.data.audit.finding import Finding
from wbcray.data.audit.findings import many

KIND = "audit"
"""Of the record that holds such a payload."""
MOST_CASES = 200
"""Cases of a finding that are listed; `wbcray data check --json` lists all."""
SHOWN_CASES = 12
"""Cases of a finding that are shown as pictures."""

Pictures = Callable[[tuple[Sample, ...]], dict[Sample, str]]
"""Base64 PNGs of some images, as far as there are any."""


def audit_payload(found: Audit, pictures: Pictures, *, ids: ImageIds | None) -> dict[str, Any]:
    """Findings, and pictures of the images of the first cases of each.

    Args:
        found: The audit.
        pictures: Gives the pictures of some images.
        ids: What images are called; None calls them by their files, for whoever must mend these.
    """
    wanted = dict.fromkeys(
        sample
        for finding in found.findings
        for case in finding.cases[:SHOWN_CASES]
        for sample in case
    )
    shown = pictures(tuple(wanted))
    return {
        "images": len(found.catalog.samples),
        "named_by": "file" if ids is None else "id",
        "findings": [_shortened(finding, ids) for finding in found.findings],
        "pictures": [
            {"domain": sample.domain, "image": _name(sample, ids), "png": png}
            for sample, png in shown.items()
        ],
    }


def _shortened(finding: Finding, ids: ImageIds | None) -> dict[str, Any]:
    named = ids is not None and finding.kind == "unreadable"  # its sentence names the first file
    return finding.as_json() | {
        "what": f"{many(finding.count, 'image')} cannot be used" if named else finding.what,
        "cases": [
            [{"domain": s.domain, "image": _name(s, ids), "label": s.label} for s in case]
            for case in finding.cases[:MOST_CASES]
        ],
        "likeness": [round(value, 3) for value in finding.likeness[:MOST_CASES]],
    }


def _name(sample: Sample, ids: ImageIds | None) -> str:
    return sample.path if ids is None else ids.of(sample.domain, sample.path)
