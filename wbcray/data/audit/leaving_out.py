"""Which images to leave out so that the audit finds nothing, as lists that `ignore:` reads."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from wbcray.core.domain import Domain
from wbcray.core.errors import ResourceError
from wbcray.core.sample import Catalog, Sample
from wbcray.data.audit.duplicates import Link, groups
from wbcray.data.audit.reading import Unreadable

Reasons = Mapping[Sample, str]
"""Why each image is to be left out."""


def to_leave_out(
    catalog: Catalog, unreadable: Sequence[Unreadable], links: Sequence[Link]
) -> Reasons:
    """Unreadable images, all copies but the first, and every copy where labels contradict."""
    reasons = {item.sample: item.problem.what for item in unreadable}
    for group in groups(links):
        samples = [catalog.samples[position] for position in group]
        labels = sorted({sample.label for sample in samples if sample.label is not None})
        first = samples[0]
        if len(labels) > 1:
            said = f"one picture with the labels {' and '.join(labels)}"
            reasons |= {
                sample: f"{said}, also {_name(first if sample != first else samples[1])}"
                for sample in samples
            }
        else:
            reasons |= {sample: f"the same picture as {_name(first)}" for sample in samples[1:]}
    return reasons


def write_ignore_files(
    folder: Path, domains: Sequence[Domain], reasons: Reasons
) -> dict[str, Path]:
    """Write `<domain>.ignore` for each domain that loses images; what it ignores already stays.

    Raises:
        ResourceError: When a file cannot be written.
    """
    written = {}
    for domain in domains:
        mine = sorted((s.path, why) for s, why in reasons.items() if s.domain == domain.name)
        if mine:
            path = folder / f"{domain.name}.ignore"
            _write(path, _text(domain, mine))
            written[domain.name] = path
    return written


def _text(domain: Domain, images: Sequence[tuple[str, str]]) -> str:
    lines = [f"# images that domain '{domain.name}' leaves out, after `wbcray data check`"]
    if domain.ignore:
        lines += ["# what wbcray.yaml left out already", *map(_as_line, domain.ignore)]
    for path, why in images:
        lines += [f"# {' '.join(why.split())}", _as_line(path)]
    return "\n".join(lines) + "\n"


def _as_line(pattern: str) -> str:
    """The pattern so that it is not taken for a remark."""
    return f"./{pattern}" if pattern.startswith(("#", " ")) else pattern


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ResourceError(
            f"cannot write the list of images to leave out: {error.strerror or error}",
            where=str(path),
            fix="give a folder that you may write to, with --write-ignore",
        ) from error


def _name(sample: Sample) -> str:
    return f"{sample.domain}/{sample.path}"
