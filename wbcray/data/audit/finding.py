"""What a finding of the audit is."""

from dataclasses import dataclass
from typing import Any, Literal

from wbcray.core.sample import Sample

Kind = Literal[
    "unreadable",
    "folds",
    "leakage_folds",
    "leakage_domains",
    "leakage_patients",
    "two_labels",
    "exact_duplicates",
    "near_duplicates",
    "patients_domains",
    "thin_class",
    "published_counts",
]
Severity = Literal["error", "warning", "note"]
"""An error keeps from training; a warning should be looked at; a note is only to be known."""

LEAKAGE: tuple[Kind, ...] = ("leakage_folds", "leakage_domains", "leakage_patients")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found.

    Attributes:
        what: A sentence.
        count: How many there are of it: images, pairs or patients, as the sentence says.
        cases: The images concerned, those of one case together; empty where it is about numbers.
        likeness: Of each case that is a pair alike, else empty.
        counts: Raw label, images found, images published; where it is about these, else empty.
        fix: What to do.
    """

    kind: Kind
    severity: Severity
    what: str
    count: int
    fix: str
    cases: tuple[tuple[Sample, ...], ...] = ()
    likeness: tuple[float, ...] = ()
    counts: tuple[tuple[str, int, int], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values, with all cases."""
        return {
            "kind": self.kind,
            "severity": self.severity,
            "what": self.what,
            "count": self.count,
            "fix": self.fix,
            "cases": [
                [{"domain": s.domain, "path": s.path, "label": s.label} for s in case]
                for case in self.cases
            ],
            "likeness": [round(value, 3) for value in self.likeness],
            "counts": [
                {"label": label, "found": found, "published": published}
                for label, found, published in self.counts
            ],
        }
