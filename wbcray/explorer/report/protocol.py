"""The protocol card: what a reviewer asks of a comparison, answered from the run's records."""

from collections import Counter

from wbcray.explorer.reading.facts import FailedCell
from wbcray.explorer.reading.selection import selected_cells
from wbcray.explorer.reading.tables import RunTables
from wbcray.explorer.wording import many, openings_note

MOST_FAILURES = 20


def protocol(tables: RunTables) -> tuple[tuple[str, str], ...]:
    """Names and values in reading order; nothing in them is escaped."""
    facts = tables.facts
    drawn = ", ".join(facts.generators)
    kind = f"synthetic images, drawn by {drawn}" if facts.synthetic else "real images"
    opened = many(int(tables.cells["test_opened"].sum()), "cell")
    devices = ", ".join(sorted(set(tables.cells["device"].astype(str)))) or "nothing yet"
    trials = many(len(tables.trials), "trial")
    return (
        ("Domains", ", ".join(facts.domains)),
        ("Held out", ", ".join(tables.held_out)),
        ("Classes", ", ".join(facts.classes)),
        ("Data", f"{kind}, fingerprint {facts.data_fingerprint}"),
        ("Split", f"{many(facts.folds, 'fold')} of the sources, digest {facts.split_digest}"),
        ("Network", f"{facts.network}; images of {facts.image_size} pixels"),
        ("Training", f"at most {many(facts.epochs, 'epoch')} a fold, on {devices}"),
        ("Configurations", origins(tables)),
        ("Seeds", ", ".join(map(str, facts.seeds))),
        ("Selection", facts.selection_rule),
        ("Search", f"{trials}; the budget of each study is listed"),
        ("Audit", _audited(tables)),
        ("Test-time adaptation", ", ".join(facts.adapting) or "none"),
        ("Allowed", ", ".join(facts.allowed) or "nothing that a guard rail refuses"),
        ("Test openings", f"{openings_note(facts.openings)}; shown here: {opened}"),
        ("Macro F1", "mean over the classes that occur; predictions outside them count as errors"),
        ("Failed", _failures(facts.failed_cells)),
        ("Determinism", ", ".join(facts.determinism) or "not recorded"),
        ("Versions", ", ".join(f"{name} {version}" for name, version in facts.versions)),
    )


def origins(tables: RunTables) -> str:
    """Where configurations are from, by held-out domains.

    A tuned method against a default one is no contest.
    """
    cells = selected_cells(tables)
    places: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (origin, method), rows in cells.groupby(["origin", "method"]):
        there = set(rows["held_out"])
        domains = tuple(name for name in tables.held_out if name in there)
        places.setdefault((str(origin), domains), []).append(str(method))
    every = tables.held_out
    return "; ".join(
        f"{origin} for {_of_domains(domains, every)}: {', '.join(names)}"
        for (origin, domains), names in sorted(places.items())
    )


def _of_domains(domains: tuple[str, ...], every: tuple[str, ...]) -> str:
    if domains == every and len(every) > 1:
        return f"all {len(every)} held-out domains"
    return ", ".join(domains)


def _audited(tables: RunTables) -> str:
    """What the audit found, by severity; every leak in full."""
    if tables.audit is None:
        return "not recorded"
    findings = tables.audit.findings
    leaks = [finding.what for finding in findings if finding.kind.startswith("leakage")]
    number = Counter(finding.severity for finding in findings)
    counted = [many(number[name], name) for name in ("error", "warning", "note") if number[name]]
    return "; ".join([", ".join(counted) or "nothing found", *leaks])


def _failures(failed: tuple[FailedCell, ...]) -> str:
    shown = [_failure(cell) for cell in failed[:MOST_FAILURES]]
    if len(failed) > MOST_FAILURES:
        shown.append(f"and {len(failed) - MOST_FAILURES} more; `wbcray export` lists all")
    return "; ".join(shown) or "none"


def _failure(cell: FailedCell) -> str:
    reason = cell.reason or "no reason recorded"
    return f"{cell.method}, {cell.held_out}, fold {cell.fold}, seed {cell.seed}: {reason}"
