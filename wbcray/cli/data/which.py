"""`wbcray data which`: the file behind an image id of a report."""

from typing import Annotated

import typer

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, print_table
from wbcray.core.errors import UsageError


def which(
    ids: Annotated[list[str], typer.Argument(help="As reports name images: img-...")],
    *,
    project: opt.Project = opt.DEFAULT_PROJECT,
    json: opt.Json = False,
) -> None:
    """Say which files image ids are; needs the key in the project's cache."""
    from wbcray.core.project import load_project
    from wbcray.data.image_files import files_of_project

    # a report says `domain/img-...`
    wanted = dict.fromkeys(given.rpartition("/")[2] for given in ids)
    found = {
        image: (domain, path)
        for (domain, image), path in files_of_project(load_project(project)).items()
        if image in wanted
    }
    unknown = [image for image in wanted if image not in found]
    if unknown:
        raise UsageError(
            f"no image of the project has the id {', '.join(unknown)}",
            where="ID",
            fix="give ids from a report of a run of this project; another one with --project",
        )
    rows = [(image, *found[image]) for image in wanted]
    if json:
        print_json({"images": [dict(zip(("id", "domain", "path"), r, strict=True)) for r in rows]})
    else:
        print_table("images", ("id", "domain", "path"), rows)
