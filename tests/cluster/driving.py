"""Drives a recorded search as Tune would, one trial at a time and without Ray."""

import numpy as np

from wbcray.cluster.ending import BUDGET, STATE, VALUE, TaskEnding
from wbcray.cluster.plan import Resources, StudyPlan
from wbcray.cluster.searcher import RecordedSearch
from wbcray.cluster.spaces import load_space
from wbcray.cluster.study import begin_study
from wbcray.cluster.supervisor import Supervisor, Terms


def plan_for(run, settings, **changes):
    """A study plan of ERM on the generated cells, with `west` held out."""
    method = changes.pop("method", "erm")
    fields = {
        "run": run,
        "method": method,
        "held_out": "west",
        "space": load_space(method, None),
        "settings": settings,
        "trials": 6,
        "resources": Resources(),
        "fixed": {},
        "sources": 2,
    }
    return StudyPlan(**fields | changes)


def searcher_for(plan, *, stopped=None, told=None, storage=None, supervisor=None):
    """The study's records and a searcher on them."""
    records = begin_study(plan)
    return records, resumed(plan, records, stopped, told, storage, supervisor)


def resumed(plan, records, stopped=None, told=None, storage=None, supervisor=None):
    """A searcher on a study that was begun: what a new sitting makes."""
    return RecordedSearch(
        plan,
        records,
        storage=storage,
        stopped=stopped if stopped is not None else set(),
        on_told=(told if told is not None else []).append,
        supervisor=supervisor or Supervisor(plan.run, Terms()),
    )


def toy_score(task):
    """A smooth function of a task's learning rate, best at 1e-3."""
    rate = task["config"]["optimizer"]["lr"]
    return float(1 / (1 + (np.log10(rate) + 3) ** 2))


def train_toy(searcher, trial_id, *, epochs=4, score=toy_score):
    """Suggest a task and report it to the end."""
    task = searcher.suggest(trial_id)["task"]
    value = score(task)
    for epoch in range(1, epochs + 1):
        report = {VALUE: value * epoch / epochs, BUDGET: epoch, STATE: "", "time_total_s": epoch}
        searcher.on_trial_result(trial_id, report)
    last = last_report(value, value, budget=epochs + 1) | {"time_total_s": 5.0}
    searcher.on_trial_complete(trial_id, last)
    return task


def last_report(*values, error=None, budget=5):
    """The last report of a task, as Ray hands it on; of one that an error ended, with that."""
    if error is None:
        return TaskEnding(values=values, budget=budget).as_metrics()
    return TaskEnding.failed(error, values=values, budget=budget).as_metrics()
