"""A large comparison planned on paper, every number derived from measured and assumed ones."""

import argparse
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from benchmarks.scale.halving import halving
from benchmarks.scale.paper import Given, Plan


def lines(plan: Plan) -> Iterator[str]:
    """The plan, each number with what it was made from."""
    given = plan.given
    wall = plan.hours / given.gpus
    yield f"studies: {given.methods} methods x {given.domains} domains = {plan.studies}"
    yield f"trials: {plan.studies} x {given.trials} = {plan.all_trials:,}"
    yield (
        f"epochs of a trial: at most {given.folds} folds x {given.epochs} = {plan.budget}; "
        f"with ASHA {halving(plan.budget):.2f} x {given.more_epochs:g}, and the first of a study "
        f"in full: {plan.epochs_per_trial:.2f} on average"
    )
    yield (
        f"an epoch: {given.images:,} images x {given.domains - 1}/{given.domains} x "
        f"{given.folds - 1}/{given.folds} = {plan.epoch_images:,.0f}; at "
        f"{given.images_per_second:,.0f} images/s of one GPU (assumed) "
        f"{plan.epoch_seconds:.1f} s"
    )
    yield (
        f"search: {plan.all_trials:,} x {plan.epochs_per_trial:.2f} epochs x "
        f"{plan.epoch_seconds:.1f} s, and {given.overhead:g} s of overhead a trial = "
        f"{plan.search_hours:,.0f} GPU-hours (unpruned {plan.unpruned_hours:,.0f})"
    )
    yield (
        f"comparison: {plan.studies} winners x {given.folds} folds x {given.seeds - 1} more "
        f"seeds x {given.epochs} epochs = {plan.comparison_hours:,.0f} GPU-hours"
    )
    yield (
        f"cost: {plan.hours:,.0f} GPU-hours x {given.price:g} (assumed) = "
        f"{plan.hours * given.price:,.0f}"
    )
    yield f"time, all {given.gpus} GPUs busy: {wall:,.1f} h = {wall / 24:.1f} days"
    yield (
        f"time, one `wbcray tune`: at most {plan.search_hours / given.gpus:.1f} h of busy GPUs and "
        f"the longest trial ({plan.trial_hours:.2f} h) = {plan.tune_hours:.1f} h; at least "
        f"{plan.busy:.0f} GPUs busy on average"
    )
    yield (
        f"cells recorded: {plan.cells:,.0f} x {plan.record_bytes / 1e3:.0f} kB = "
        f"{plan.cells * plan.record_bytes / 1e9:.1f} GB"
    )
    yield (
        f"files: {plan.all_trials:,} x {given.files:g} = {plan.all_trials * given.files:,.0f}; "
        f"checkpoints of the winners {plan.checkpoint_bytes / 1e9:,.0f} GB"
    )
    yield (
        f"driver: {given.gpus} / {plan.epoch_seconds:.1f} s = {plan.reports_per_second:.1f} "
        f"reports/s x {1e3 * given.report:.1f} ms of its processor"
    )
    yield "what breaks first (load over limit):"
    yield from map(str, plan.loads)


def options(parser: argparse.ArgumentParser) -> None:
    """An option for each number."""
    for item in fields(Given):
        kind = type(item.default)
        name = f"--{item.name.replace('_', '-')}"
        parser.add_argument(name, type=kind, default=item.default, help=f"default {item.default}")


def main(given: argparse.Namespace, folder: Path) -> None:
    """Print the plan."""
    del folder
    chosen = Given(**{item.name: getattr(given, item.name) for item in fields(Given)})
    print("\n".join(lines(Plan(given=chosen))))
