"""What an audit finds, as one list: what, how grave, which images, what to do."""

from collections.abc import Iterator, Mapping, Sequence

from wbcray.core.errors import DataError
from wbcray.core.sample import Catalog, Sample
from wbcray.data.audit.duplicates import Link
from wbcray.data.audit.finding import Finding, Kind, Severity
from wbcray.data.audit.leakage import Leakage, patients_in_two_domains
from wbcray.data.audit.reading import Unreadable
from wbcray.data.catalog import DomainReading
from wbcray.data.folds import thin_classes
from wbcray.data.layouts.counts import CountReport, count_report
from wbcray.data.layouts.load import load_layout

LEAVE_OUT = "`wbcray data check --write-ignore DIR` writes lists of what `ignore:` may leave out"
KEEP = f"{LEAVE_OUT}; or lift the guard rail with `allow: [leakage]`"
ONE_DOMAIN = (
    "keep each patient in one domain; give different people different names; or lift the guard "
    "rail with `allow: [leakage]`"
)
SAME_FOLD = f"none: within a domain they stay in one fold. To count each picture once, {LEAVE_OUT}"

_COPIES: tuple[tuple[bool, Kind, str], ...] = (
    (True, "exact_duplicates", "equal in every pixel"),
    (False, "near_duplicates", "alike: copies, or one white blood cell seen twice"),
)

_FIXES: Mapping[Kind, str] = {
    "leakage_folds": KEEP,
    "leakage_domains": KEEP,
    "two_labels": f"one label is wrong: correct it; {LEAVE_OUT}",
    "exact_duplicates": SAME_FOLD,
    "near_duplicates": SAME_FOLD,
}


def findings_on_images(
    catalog: Catalog, unreadable: Sequence[Unreadable], links: Sequence[Link], leaks: Leakage
) -> list[Finding]:
    """What is wrong with images, alone or in company; the gravest first."""
    found = [
        *_unreadable(unreadable),
        *_leaking(catalog, leaks),
        *_two_labels(catalog, links),
        *_duplicates(catalog, links),
    ]
    names = patients_in_two_domains(catalog)
    if names:
        found.append(
            Finding(
                kind="patients_domains",
                severity="warning",
                what=f"{many(len(names), 'patient name')} in more than one domain",
                count=len(names),
                fix="nothing, if they are different people; else keep each of them in one domain",
            )
        )
    return found


def findings_on_numbers(
    catalog: Catalog, readings: Sequence[DomainReading], folds: int
) -> list[Finding]:
    """Classes too thin for the folds, and numbers other than the published ones."""
    thin = thin_classes(catalog, folds)
    found = [
        Finding(
            kind="thin_class",
            severity="note",
            what=f"'{label}' has {many(number, 'image')} in '{domain}', fewer than {folds} folds",
            count=number,
            fix="some folds cannot measure it: use fewer folds, or read its score with care",
        )
        for domain, label, number in thin
    ]
    for reading in readings:
        if reading.domain.layout is not None:
            layout = load_layout(reading.domain.layout)
            report = count_report(layout, reading.domain.part, reading.codes)
            found += _published(reading.domain.name, report)
    return found


def finding_on_folds(problem: DataError) -> Finding:
    """That the images cannot be divided into folds."""
    return Finding(kind="folds", severity="error", what=problem.what, count=1, fix=problem.fix)


def many(number: int, noun: str) -> str:
    """`1 image`, `2 images`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _unreadable(unreadable: Sequence[Unreadable]) -> Iterator[Finding]:
    if unreadable:
        first = unreadable[0]
        yield Finding(
            kind="unreadable",
            severity="error",
            what=f"{many(len(unreadable), 'image')} cannot be used, e.g. "
            f"{_name(first.sample)}: {first.problem.what}",
            count=len(unreadable),
            cases=tuple((item.sample,) for item in unreadable),
            fix=f"{first.problem.fix}; {LEAVE_OUT}",
        )


def _leaking(catalog: Catalog, leaks: Leakage) -> Iterator[Finding]:
    if leaks.folds:
        yield _of_links(
            "leakage_folds",
            "error",
            f"{many(len(leaks.folds), 'pair')} of images of one picture, one in training and one "
            "in validation of the same fold",
            catalog,
            leaks.folds,
        )
    if leaks.domains:
        yield _of_links(
            "leakage_domains",
            "error",
            f"{many(len(leaks.domains), 'pair')} of images of one picture in two domains: holding "
            "one out hides nothing",
            catalog,
            leaks.domains,
        )
    if leaks.patients:
        yield Finding(
            kind="leakage_patients",
            severity="error",
            what=f"{many(len(leaks.patients), 'patient')} on two sides of a split: in two domains "
            "of one table or data set",
            count=len(leaks.patients),
            fix=ONE_DOMAIN,
        )


def _two_labels(catalog: Catalog, links: Sequence[Link]) -> Iterator[Finding]:
    torn = [link for link in links if _labels_differ(catalog, link)]
    if torn:
        yield _of_links(
            "two_labels",
            "warning",
            f"{many(len(torn), 'pair')} of images of one picture with two labels",
            catalog,
            torn,
        )


def _duplicates(catalog: Catalog, links: Sequence[Link]) -> Iterator[Finding]:
    for exact, kind, how in _COPIES:
        some = [link for link in links if link.exact is exact]
        if some:
            what = f"{many(len(some), 'pair')} of images {how}"
            yield _of_links(kind, "warning", what, catalog, some)


def _of_links(
    kind: Kind, severity: Severity, what: str, catalog: Catalog, links: Sequence[Link]
) -> Finding:
    samples = catalog.samples
    return Finding(
        kind=kind,
        severity=severity,
        what=what,
        count=len(links),
        cases=tuple((samples[link.first], samples[link.second]) for link in links),
        likeness=tuple(link.likeness for link in links),
        fix=_FIXES[kind],
    )


def _labels_differ(catalog: Catalog, link: Link) -> bool:
    labels = {catalog.samples[link.first].label, catalog.samples[link.second].label}
    return len(labels - {None}) > 1


def _published(domain: str, report: CountReport) -> Iterator[Finding]:
    if report.is_known and report.differs:
        counts = tuple(
            (row.code, row.found, row.expected)
            for row in report.rows
            if row.expected is not None and row.difference
        )
        yield Finding(
            kind="published_counts",
            severity="note",
            what=f"'{domain}' has other numbers of images than {report.layout} was published "
            f"with, for {many(len(counts), 'label')}",
            count=len(counts),
            counts=counts,
            fix="complete the download, if it was meant to be complete",
        )
    for more, less in report.swapped:
        yield Finding(
            kind="published_counts",
            severity="warning",
            what=f"'{domain}' has fewer images of {more} than of {less}, where {report.layout} "
            "has more: the two may have been swapped",
            count=1,
            fix="compare both folders with the published ones",
        )


def _name(sample: Sample) -> str:
    return f"{sample.domain}/{sample.path}"
