"""`wbcray predict`: class, calibrated probability and an out-of-distribution flag of new images."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, print_table, say, shown_path, warn
from wbcray.cli.prediction_table import row_of, write_table
from wbcray.cli.runs import find_run
from wbcray.core.errors import DataError, StoreError

if TYPE_CHECKING:
    from wbcray.store.cell import CellRecord
    from wbcray.training.kept_network import KeptNetwork
    from wbcray.training.predicting import Prediction


def predict(
    images: Annotated[list[Path], typer.Argument(help="Image files, and folders that hold some.")],
    *,
    model: Annotated[
        str | None,
        typer.Option(help="RUN, or RUN/CELL; else the newest run.", show_default=False),
    ] = None,
    method: Annotated[
        str | None, typer.Option(help="Only networks of this method.", show_default=False)
    ] = None,
    held_out: Annotated[
        str | None,
        typer.Option(help="Only networks that held out this domain.", show_default=False),
    ] = None,
    ensemble: Annotated[
        bool,
        typer.Option("--ensemble", help="All folds and seeds of the chosen configuration."),
    ] = False,
    um_per_pixel: Annotated[
        float | None,
        typer.Option(
            min=1e-4, max=10, help="Size of a pixel; else that of the domain the images are in."
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The table to write.")] = Path(
        "predictions.csv"
    ),
    sheet: Annotated[
        Path | None,
        typer.Option(help="A page with the images, the doubtful first.", show_default=False),
    ] = None,
    project: opt.Project = opt.DEFAULT_PROJECT,
    json: opt.Json = False,
) -> None:
    """Predict new images with the best network that a run keeps, by validation scores."""
    from wbcray.data.new_images import find_images, with_scales
    from wbcray.training.kept_network import kept_cells, load_network, sources_of_run
    from wbcray.training.predicting import Predictor
    from wbcray.training.runtime import default_device

    paths = find_images(images)
    run, cell = _model(model, project)
    chosen = opt.method_of(method) if method else None
    kept = kept_cells(run, method=chosen, held_out=held_out)
    records = _chosen(kept, cell, run, ensemble=ensemble)
    device = default_device()
    networks = [load_network(run, record, device) for record in records]
    field = networks[0].view.field_of_view_um
    given = with_scales(paths, sources_of_run(run), um_per_px=um_per_pixel, field_of_view_um=field)
    said = list(Predictor(networks, device).predict(given, done=_progress(len(given), json=json)))
    classes = networks[0].classes
    write_table(out, said, classes)
    remarks = _remarks(run, networks, len(kept))
    if sheet is not None:
        _write_sheet(sheet, said, classes, remarks)
    _show(said, networks, remarks, run=run, out=out, sheet=sheet, json=json)
    if all(one.error for one in said):
        raise DataError(
            f"none of {len(said)} images can be read: {said[0].error}",
            where=str(said[0].image.path),
            fix=f"{shown_path(out)} says of each why",
        )


def _model(given: str | None, project: Path) -> tuple[Path, str | None]:
    """The run's folder, and the cell if one is named."""
    if given is None:
        return find_run(None, project, networks=True), None
    try:
        return find_run(given, project, networks=True), None
    except StoreError:
        parts = given.rstrip("/").split("/")
        if len(parts) < 3:  # noqa: PLR2004  # run, configuration, cell
            raise
    return find_run("/".join(parts[:-2]), project, networks=True), "/".join(parts[-2:])


def _chosen(
    kept: "Sequence[CellRecord]", cell: str | None, run: Path, *, ensemble: bool
) -> "list[CellRecord]":
    """The cell that is named or the best, and its fellows where an ensemble is asked for."""
    named = [record for record in kept if cell in (None, record.key.folder)]
    if not named:
        shown = ", ".join(record.key.folder for record in kept[:3])
        raise StoreError(
            f"the run keeps no network of the cell '{cell}'",
            where=str(run),
            fix=f"it keeps {len(kept)}, the best first: {shown}",
        )
    best = named[0]
    if not ensemble:
        return [best]
    same = (best.key.config, best.key.held_out)
    return [record for record in kept if (record.key.config, record.key.held_out) == same]


def _progress(images: int, *, json: bool) -> Any:
    def done(number: int) -> None:
        if not json and images > _TOLD_ABOVE and number % _TOLD_EVERY < _BATCH_OF_IMAGES:
            say(f"{number} of {images} images")

    return done


_TOLD_ABOVE, _TOLD_EVERY, _BATCH_OF_IMAGES = 1000, 1024, 64


def _remarks(run: Path, networks: "Sequence[KeptNetwork]", kept: int) -> list[str]:
    """Which networks these are, and what is known of their probabilities and flags."""
    from wbcray.metrics.scores import macro_f1

    best = networks[0]
    record = best.record
    others = f" and {len(networks) - 1} of other folds and seeds" if len(networks) > 1 else ""
    which = (
        f"network: {record.config.method.name} without {record.key.held_out}, fold "
        f"{record.key.fold}, seed {record.key.seed}{others}, of {kept} kept in run {run.name}; "
        f"validation macro F1 {macro_f1(record.counts):.2f}"
    )
    remarks = [which]
    known = best.calibration
    if known is None:
        remarks.append("probabilities are not calibrated: the cell kept no outputs for validation")
    else:
        remarks.append(
            f"temperature {known.temperature:.2f}, fitted on {known.images} validation images; "
            f"expected calibration error on the same {known.before:.3f} before, {known.after:.3f} "
            "after. On images of a new site it can be larger"
        )
    usual = best.familiarity
    if usual is None:
        remarks.append("nothing is flagged: the cell kept too few features for validation")
    else:
        remarks.append(
            f"out of distribution: farther from {usual.images} validation images than they are "
            "from each other, by features or by colour, contrast and detail; false alarms measured "
            f"on halves of them: {usual.false_alarms:.1%}"
        )
    if best.normalization.adapts:
        remarks.append("the network adapted to all these images together, as to one domain")
    return remarks


def _write_sheet(
    sheet: Path, said: "Sequence[Prediction]", classes: Sequence[str], remarks: Sequence[str]
) -> None:
    from wbcray.data.audit import thumbnails
    from wbcray.explorer.report.prediction_sheet import PredictedImage, write_prediction_sheet

    shown = [
        PredictedImage(
            name=str(one.image.path),
            png="" if one.pixels is None else thumbnails.of_pixels(one.pixels),
            side_um=one.side_um,
            said=tuple((classes[number], one.probabilities[number]) for number in one.ranking),
            strangeness=one.strangeness,
            error=one.error,
        )
        for one in said
    ]
    write_prediction_sheet(shown, sheet, title="Predicted images", remarks=remarks)


def _show(  # what a result is made of
    said: "Sequence[Prediction]",
    networks: "Sequence[KeptNetwork]",
    remarks: Sequence[str],
    *,
    run: Path,
    out: Path,
    sheet: Path | None,
    json: bool,
) -> None:
    classes = networks[0].classes
    unread = sum(bool(one.error) for one in said)
    if json:
        known, usual = networks[0].calibration, networks[0].familiarity
        print_json(
            {
                "run": str(run),
                "cells": [kept.record.key.folder for kept in networks],
                "temperature": networks[0].temperature if known else None,
                "calibration_error": [known.before, known.after] if known else None,
                "false_alarms": usual.false_alarms if usual else None,
                "table": str(out),
                "sheet": None if sheet is None else str(sheet),
                "predictions": [row_of(one, classes) for one in said],
            }
        )
        return
    for remark in remarks:
        say(remark)
    found = Counter(classes[one.ranking[0]] for one in said if not one.error)
    flagged = Counter(classes[o.ranking[0]] for o in said if not o.error and o.out_of_distribution)
    rows = [(name, str(found[name]), str(flagged[name])) for name in classes if found[name]]
    print_table("predicted", ("class", "images", "out of distribution"), rows)
    for path in filter(None, (out, sheet)):
        say(f"wrote {path}")
    if unread:
        warn(f"{unread} of {len(said)} images cannot be read: see the column `note`")
