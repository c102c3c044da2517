"""What an audit says to pages: findings as plain values, with pictures of the first cases."""

from collections.abc import Callable
from typing import Any

from wbcray.core.sample import Sample
from wbcray.data.audit.auditing import Audit
from wbcray.data.audit.finding import Finding

KIND = "audit"
"""Of the record that holds such a payload."""
MOST_CASES = 200
"""Cases of a finding that are listed; `wbcray data check --json` lists all."""
SHOWN_CASES = 12
"""Cases of a finding that are shown as pictures."""


def audit_payload(
    found: Audit, pictures: Callable[[tuple[Sample, ...]], dict[Sample, str]]
) -> dict[str, Any]:
    """Findings, and base64 PNGs of the images of the first cases of each.

    Args:
        found: The audit.
        pictures: Gives the pictures of some images, as far as there are any.
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
        "findings": [_shortened(finding) for finding in found.findings],
        "pictures": [
            {"domain": sample.domain, "path": sample.path, "png": png}
            for sample, png in shown.items()
        ],
    }


def _shortened(finding: Finding) -> dict[str, Any]:
    whole = finding.as_json()
    return whole | {name: whole[name][:MOST_CASES] for name in ("cases", "likeness")}
