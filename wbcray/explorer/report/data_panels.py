"""Panels about the data themselves: what they are, and what the audit found in them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wbcray.explorer.reading.data_facts import (
    AgreementFacts,
    AuditFacts,
    CaseFacts,
    Colour,
    DomainFacts,
    FindingFacts,
    OverviewFacts,
    Place,
)
from wbcray.explorer.report.markup import table, text
from wbcray.explorer.wording import MISSING, many, number

ABSENT = "no such label"
UNKNOWN = "no labels"
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_MARKS = {"error": "worse", "warning": "warn", "note": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a page that has no figures: its address, its name in the navigation, its HTML."""

    anchor: str
    short: str
    html: str


def data_sections(overview: OverviewFacts | None, audit: AuditFacts | None) -> tuple[Section, ...]:
    """Both, as far as the run has them."""
    found = []
    if overview is not None:
        found.append(Section(anchor="images", short="Images", html=overview_html(overview)))
    if audit is not None:
        found.append(Section(anchor="audit", short="Audit", html=audit_html(audit)))
    return tuple(found)


def overview_html(overview: OverviewFacts) -> str:
    """Sizes, colours and patients of every domain, and an image of every class."""
    header = ("domain", "images", "without label", "left out", "patients")
    rows = [_numbers(domain) for domain in overview.domains]
    return (
        "<h3>What are the data?</h3>"
        '<p class="how"><b>How to read:</b> sizes are of the files, least to largest with the '
        "median between; colours are of whole files: the mean over images of their mean red, green "
        "and blue, ± its standard deviation over images.</p>"
        f"{table((*header, 'width', 'height'), rows)}"
        f"{_colours(overview.domains)}{_agreements(overview.domains)}{_examples(overview)}"
    )


def audit_html(audit: AuditFacts) -> str:
    """The findings, gravest first, each with the images of its first cases side by side."""
    if not audit.findings:
        said = f"<p>{text(many(audit.images, 'image'))}; nothing was found.</p>"
    else:
        said = "".join(_finding(finding, audit) for finding in audit.findings)
    return (
        "<h3>What did the audit find?</h3>"
        '<p class="how"><b>How to read:</b> images are of one picture if they are equal in every '
        "pixel, or if their detail correlates in any of the eight orientations of a square. An "
        f"error keeps from training, unless wbcray.yaml allows it. n: {text(audit.images)} images."
        f"</p>{said}"
    )


def _numbers(domain: DomainFacts) -> tuple[str, ...]:
    left_out = ", ".join(f"{label} {images}" for label, images in domain.left_out.items())
    return (
        domain.name,
        f"{domain.images:,}",
        f"{domain.unlabelled:,}" if domain.unlabelled else MISSING,
        left_out or MISSING,
        MISSING if domain.patients is None else f"{domain.patients:,}",
        _sizes(domain.width),
        _sizes(domain.height),
    )


def _sizes(sizes: tuple[int, int, int]) -> str:
    least, median, most = sizes
    return f"{median} px" if least == most else f"{least} .. {median} .. {most} px"


def _colours(domains: Sequence[DomainFacts]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{_swatch(domain.mean_rgb)}{text(domain.name)}</th>'
        + "".join(
            f"<td>{number(mean, 1)} ± {number(spread, 1)}</td>"
            for mean, spread in zip(domain.mean_rgb, domain.sd_rgb, strict=True)
        )
        + "</tr>"
        for domain in domains
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("mean of", "red", "green", "blue"))
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody>'
        "</table></div>"
    )


def _swatch(colour: Colour) -> str:
    red, green, blue = (round(value) for value in colour)
    return f'<span class="swatch" style="background:rgb({red},{green},{blue})"></span>'


def _agreements(domains: Sequence[DomainFacts]) -> str:
    rows = [_agreement(domain.name, one) for domain in domains for one in domain.agreements]
    header = ("re-annotation", "readings", "images", "agree", "Cohen's kappa")
    return table(header, rows) if rows else ""


def _agreement(domain: str, one: AgreementFacts) -> tuple[str, ...]:
    kappa = MISSING if one.kappa is None else number(one.kappa)
    readings = " and ".join(one.readings)
    return domain, readings, f"{one.images:,}", f"{one.agree / one.images:.1%}", kappa


def _examples(overview: OverviewFacts) -> str:
    head = "".join(f'<th scope="col">{text(domain.name)}</th>' for domain in overview.domains)
    body = "".join(
        f'<tr><th scope="row">{text(name)}</th>{"".join(_example_cells(overview, name))}</tr>'
        for name in overview.classes
    )
    return (
        '<p class="how">A typical image of each class (its mean colour is nearest to the median), '
        f"as the network sees it. <i>{ABSENT}</i>: no label of the data set means the class; "
        f"<i>{UNKNOWN}</i>: no image of the domain has one, so nobody knows.</p>"
        f'<div class="scroll"><table class="pictures"><thead><tr><th></th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _example_cells(overview: OverviewFacts, name: str) -> Iterator[str]:
    for domain in overview.domains:
        images = domain.counts.get(name)
        if not images:
            yield f'<td class="none">{_why_none(domain, images)}</td>'
            continue
        picture = _picture(overview.examples.get((domain.name, name)), f"{name} in {domain.name}")
        yield f"<td>{picture}<small>{text(many(images, 'image'))}</small></td>"


def _why_none(domain: DomainFacts, images: int | None) -> str:
    if domain.unlabelled == domain.images:
        return UNKNOWN
    return ABSENT if images is None else "0 images"


def _finding(finding: FindingFacts, audit: AuditFacts) -> str:
    shown = [
        case for case in finding.cases if any(place in audit.pictures for place in case.places)
    ]
    names = [
        (_place(p), _label(case, k)) for case in finding.cases for k, p in enumerate(case.places)
    ]
    listed = (
        f"<details><summary>{text(many(len(names), 'image'))} listed</summary>"
        f"{table(('image', 'label'), names)}</details>"
        if names
        else ""
    )
    rows = [(label, f"{n:,}", f"{published:,}") for label, n, published in finding.counts]
    counts = table(("label", "found", "published"), rows) if rows else ""
    mark = _MARKS.get(finding.severity, "")
    return (
        f'<div class="finding"><p><b class="mark {mark}">{text(finding.severity)}</b> '
        f"{text(finding.what)}.</p>"
        f'<p class="how">What to do: {text(finding.fix)}.</p>'
        f'<div class="sheet">{"".join(_case(case, audit) for case in shown)}</div>'
        f"{counts}{listed}</div>"
    )


def _case(case: CaseFacts, audit: AuditFacts) -> str:
    pictures = "".join(_picture(audit.pictures.get(place), _place(place)) for place in case.places)
    alike = "" if case.likeness is None else f"likeness {number(case.likeness, 3)}; "
    names = "<br>".join(
        f"{text(_place(place))} ({text(_label(case, k))})" for k, place in enumerate(case.places)
    )
    return f"<figure>{pictures}<figcaption>{text(alike)}{names}</figcaption></figure>"


def _label(case: CaseFacts, place: int) -> str:
    return case.labels[place] or "no label"


def _place(place: Place) -> str:
    return "/".join(place)


def _picture(png: str | None, name: str) -> str:
    if png is None or not _BASE64.fullmatch(png):
        return ""
    return f'<img src="data:image/png;base64,{png}" alt="{text(name)}" title="{text(name)}">'
