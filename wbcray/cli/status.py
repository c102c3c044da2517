"""`wbcray status`: how far the studies of a run are; reads records, needs no Ray."""

from typing import Any

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, say, warn
from wbcray.cli.runs import find_run


def status(
    run: opt.RunArgument = None,
    *,
    project: opt.Project = opt.DEFAULT_PROJECT,
    json: opt.Json = False,
) -> None:
    """Say how far the studies of a run are, also while they run."""
    from wbcray.cli.results import show_studies, told_of
    from wbcray.store.driver_files import DriverFiles
    from wbcray.store.studies import studies_of

    folder = find_run(run, project)
    studies: list[dict[str, Any]] = []
    remarks: list[str] = []
    for study in studies_of(folder):
        contents = study.contents()
        studies.append(told_of(folder, study, contents))
        remarks += study.remarks(contents)
    if json:
        print_json({"run": str(folder), "studies": studies, "remarks": remarks})
        return
    show_studies(studies)
    if any(study["running"] for study in studies) and not DriverFiles(folder).not_ended():
        say("no command works on this run now: `running` trials go on when `tune` is run again")
    for remark in remarks:
        warn(remark)
