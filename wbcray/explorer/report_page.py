"""The report's page: header, protocol, tables, panels and limits put into one template."""

import json
from collections import Counter
from importlib import resources
from string import Template

import pandas as pd
import plotly.io
from plotly.offline import get_plotlyjs

from wbcray.explorer.coverage import could_not_measure
from wbcray.explorer.drawing import DrawnView
from wbcray.explorer.facts import FailedCell, RunFacts
from wbcray.explorer.findings import findings, findings_across
from wbcray.explorer.leaderboard import leaderboard
from wbcray.explorer.markup import bullets, facts_list, frame_table, text
from wbcray.explorer.panels_data import Section, data_sections
from wbcray.explorer.report_tables import score_table
from wbcray.explorer.selection import selected_cells
from wbcray.explorer.style import looks
from wbcray.explorer.tables import UNSEEN, VALIDATION, RunTables
from wbcray.explorer.trials import studies
from wbcray.explorer.view import View
from wbcray.explorer.wording import ORACLE_NOTE, many, openings_note

FEW_VARIANTS = 6
SYNTHETIC = "SYNTHETIC IMAGES: made by a program. Nothing here says anything about patients."
LEAKAGE = "LEAKAGE ALLOWED: one picture is on both sides of a split. Scores flatter every method."


def page(tables: RunTables, views: tuple[DrawnView, ...], *, reference: str) -> str:
    """The whole report as one HTML text without any outside reference."""
    assets = resources.files("wbcray.explorer") / "assets"
    away, home = (leaderboard(tables, s, reference=reference) for s in (UNSEEN, VALIDATION))
    look = looks(tables.methods, reference=reference)
    sections = data_sections(tables.overview, tables.audit)
    template = Template((assets / "report.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=text(tables.facts.run),
        style=(assets / "report.css").read_text(encoding="utf-8"),
        script=(assets / "report.js").read_text(encoding="utf-8"),
        plotly=get_plotlyjs(),
        figures=_figures_json(views),
        banners=_banners(tables.facts),
        findings=bullets(
            [*findings(away, reference=reference), *findings_across(away, reference=reference)]
        ),
        protocol=facts_list(_protocol(tables)),
        studies=frame_table(studies(tables)),
        reference=text(reference),
        validation=score_table(tables, home, look, split=VALIDATION),
        unseen=score_table(tables, away, look, split=UNSEEN),
        navigation=_links(*(drawn.view for drawn in views), *sections),
        data="".join(f'<section id="{s.anchor}">{s.html}</section>' for s in sections),
        panels="".join(map(_panel, views)),
        limits=bullets(could_not_measure(tables)),
    )


def _links(*parts: Section | View) -> str:
    return "".join(f'<a href="#{part.anchor}">{text(part.short)}</a>' for part in parts)


def _banners(facts: RunFacts) -> str:
    shown = [
        (facts.synthetic, SYNTHETIC),
        ("leakage" in facts.allowed, LEAKAGE),
        (facts.oracle, f"{ORACLE_NOTE}."),
    ]
    return "".join(f'<div class="banner" role="alert">{line}</div>' for on, line in shown if on)


def _protocol(tables: RunTables) -> list[tuple[str, str]]:
    facts = tables.facts
    drawn = ", ".join(facts.generators)
    kind = f"synthetic images, drawn by {drawn}" if facts.synthetic else "real images"
    opened = many(int(tables.cells["test_opened"].sum()), "cell")
    devices = ", ".join(sorted(set(tables.cells["device"].astype(str)))) or "nothing yet"
    trials = many(len(tables.trials), "trial")
    return [
        ("Domains", ", ".join(facts.domains)),
        ("Held out", ", ".join(tables.held_out)),
        ("Classes", ", ".join(facts.classes)),
        ("Data", f"{kind}, fingerprint {facts.data_fingerprint}"),
        ("Split", f"{many(facts.folds, 'fold')} of the sources, digest {facts.split_digest}"),
        ("Network", f"{facts.network}; images of {facts.image_size} pixels"),
        ("Training", f"at most {many(facts.epochs, 'epoch')} a fold, on {devices}"),
        ("Configurations", _origins(tables)),
        ("Seeds", ", ".join(map(str, facts.seeds))),
        ("Selection", facts.selection_rule),
        ("Search", f"{trials}; budgets per method below"),
        ("Audit", _audited(tables)),
        ("Test-time adaptation", ", ".join(facts.adapting) or "none"),
        ("Allowed", ", ".join(facts.allowed) or "nothing that a guard rail refuses"),
        ("Test openings", f"{openings_note(facts.openings)}; shown here: {opened}"),
        ("Macro F1", "mean over the classes that occur; predictions outside them count as errors"),
        ("Failed", "; ".join(map(_failure, facts.failed_cells)) or "none"),
        ("Determinism", ", ".join(facts.determinism) or "not recorded"),
        ("Versions", ", ".join(f"{name} {version}" for name, version in facts.versions)),
    ]


def _audited(tables: RunTables) -> str:
    """What the audit found, by severity; every leak in full."""
    if tables.audit is None:
        return "not recorded"
    findings = tables.audit.findings
    leaks = [finding.what for finding in findings if finding.kind.startswith("leakage")]
    number = Counter(finding.severity for finding in findings)
    counted = [many(number[name], name) for name in ("error", "warning", "note") if number[name]]
    return "; ".join([", ".join(counted) or "nothing found", *leaks])


def _origins(tables: RunTables) -> str:
    """Where configurations are from: a tuned method against a default one is no contest."""
    cells = selected_cells(tables)
    found = cells.groupby("origin")["method"].unique()
    return "; ".join(f"{origin}: {', '.join(names)}" for origin, names in found.items())


def _failure(cell: FailedCell) -> str:
    reason = cell.reason or "no reason recorded"
    return f"{cell.method}, {cell.held_out}, fold {cell.fold}, seed {cell.seed}: {reason}"


def _panel(drawn: DrawnView) -> str:
    anchor, panel = drawn.view.anchor, drawn.panel
    keys = [f"{anchor}-{number}" for number in range(len(drawn.figures))]
    shown = list(zip(keys, drawn.figures, strict=True))
    numbers = "".join(_numbers(key, figure.numbers) for key, (_, figure) in shown)
    chooser = _chooser(drawn.view.short, [(key, label) for key, (label, _) in shown])
    return (
        f'<section class="panel" id="{anchor}" data-first="{keys[0]}">'
        f"<h3>{text(panel.question)}</h3>"
        f'<p class="how"><b>How to read:</b> {text(panel.how_to_read)}</p>'
        f'<p class="n">n: {text(panel.n)}</p>{chooser}'
        f'<div class="scroll"><div class="figure"></div></div>{numbers}</section>'
    )


def _chooser(name: str, pairs: list[tuple[str, str]]) -> str:
    """A row of buttons, or a list to choose from when there are many; nothing for one variant."""
    if len(pairs) == 1:
        return ""
    if len(pairs) <= FEW_VARIANTS:
        buttons = "".join(
            f'<button type="button" value="{key}" aria-pressed="false">{text(label)}</button>'
            for key, label in pairs
        )
        return f'<div class="chooser" role="group">{buttons}</div>'
    options = "".join(f'<option value="{key}">{text(label)}</option>' for key, label in pairs)
    return f'<div class="chooser"><select aria-label="{text(name)}">{options}</select></div>'


def _numbers(key: str, numbers: pd.DataFrame) -> str:
    return (
        f'<details class="numbers" data-variant="{key}"><summary>The numbers behind it</summary>'
        f"{frame_table(numbers)}</details>"
    )


def _figures_json(views: tuple[DrawnView, ...]) -> str:
    """All figures by key, as JSON that cannot end its script element."""
    figures = {
        f"{drawn.view.anchor}-{number}": json.loads(
            plotly.io.to_json(figure.figure, validate=False)
        )
        for drawn in views
        for number, (_, figure) in enumerate(drawn.figures)
    }
    raw = json.dumps(figures, separators=(",", ":"))
    return raw.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
