"""The guard rail: no training on data where one picture is on both sides of a split."""

import csv
import io
import uuid
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

from wbcray.core.errors import RefusedError, ResourceError
from wbcray.core.sample import Catalog, Sample
from wbcray.core.spreadsheet import safe_cell
from wbcray.data.audit.findings import KEEP, ONE_DOMAIN, many
from wbcray.data.audit.leakage import Leakage

LEAKAGE = "leakage"
SINGLE_CLASS = "single_class"
"""What `allow:` in `wbcray.yaml` calls guard rails."""

_HEADER = (
    *("crosses", "first_domain", "first_path", "first_label"),
    *("second_domain", "second_path", "second_label", "likeness"),
)


def refuse_leakage(catalog: Catalog, leaks: Leakage, listing: Path) -> None:
    """Nothing, where nothing leaks; else the pairs are written to the table `listing`.

    Raises:
        RefusedError: Naming how many pairs and patients cross the splits, and the first.
        ResourceError: When the listing cannot be written.
    """
    if not leaks:
        return
    _write(listing, catalog, leaks)
    # lists of images to leave out are no help against patients
    fix = KEEP if leaks.links else ONE_DOMAIN
    raise RefusedError(
        f"leakage: {'; '.join(_counted(catalog, leaks))}", where=str(listing), fix=fix
    )


def lifted(allowed: Collection[str], catalog: Catalog, leaks: Leakage) -> list[str]:
    """Those of the guard rails that a project lifts which would have refused it."""
    labels = {(sample.domain, sample.label) for sample in catalog.samples if sample.label}
    classes = Counter(domain for domain, _ in labels)
    in_the_way = {LEAKAGE: bool(leaks), SINGLE_CLASS: 1 in classes.values()}
    return [name for name, refuses in in_the_way.items() if refuses and name in allowed]


def _counted(catalog: Catalog, leaks: Leakage) -> Iterator[str]:
    if leaks.links:
        link = leaks.links[0]
        yield (
            f"{many(len(leaks.links), 'pair')} of images show one picture on both sides of a split "
            f"({len(leaks.folds)} across folds of a domain, {len(leaks.domains)} across domains), "
            f"e.g. {_name(catalog.samples[link.first])} and {_name(catalog.samples[link.second])}"
        )
    if leaks.patients:
        # their names stand in the listing alone, which stays on this machine
        yield f"{many(len(leaks.patients), 'patient')} on two sides of a split"


def _name(sample: Sample) -> str:
    return f"{sample.domain}/{sample.path}"


def _write(listing: Path, catalog: Catalog, leaks: Leakage) -> None:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_HEADER)
    for what, links in (("folds", leaks.folds), ("domains", leaks.domains)):
        for link in links:
            one, other = catalog.samples[link.first], catalog.samples[link.second]
            names = (one.domain, one.path, one.label, other.domain, other.path, other.label)
            safe = [safe_cell(name or "") for name in names]
            table.writerow((what, *safe, f"{link.likeness:.3f}"))
    for domain, patient in leaks.patients:
        table.writerow(("patient", domain, safe_cell(patient), *("",) * 5))
    unfinished = listing.with_name(f".{listing.name}.{uuid.uuid4().hex}")
    try:
        listing.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(text.getvalue(), encoding="utf-8")
        unfinished.replace(listing)
    except OSError as error:
        raise ResourceError(
            f"cannot write the list of leaking images: {error.strerror or error}",
            where=str(listing),
            fix="free space, or set `cache:` in wbcray.yaml to a folder that can be written",
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
