"""Which file an image id is: of a project's images, or of a run's."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from wbcray.core.errors import StoreError
from wbcray.core.image_id import ImageIds, image_ids
from wbcray.core.project import Project
from wbcray.data.catalog import read_catalog
from wbcray.store.commit import read

Files = Mapping[tuple[str, str], str]
"""Domain and id of an image -> its path within the domain."""


def files_of_project(project: Project) -> Files:
    """The files of all images that the project has now.

    Raises:
        DataError: For images that make no catalog.
        StoreError: When no image has been named by an id yet.
    """
    ids = image_ids(project.cache, make=False)
    samples = read_catalog(project).samples
    return _files(ids, ((sample.domain, sample.path) for sample in samples))


def files_of_run(run: Path) -> Files:
    """The files of all images that the run was begun with; needs the project's key.

    Raises:
        StoreError: When the run's list of images or the key cannot be read.
    """
    data = read(run / "data.json", "data")
    try:
        ids = image_ids(Path(data["cache"]), make=False)
        return _files(
            ids, ((domain, row[0]) for domain, rows in data["samples"].items() for row in rows)
        )
    except (KeyError, TypeError, IndexError) as error:
        raise StoreError(
            "the run's list of images cannot be read",
            where=str(run / "data.json"),
            fix="any training command on the run writes it anew",
        ) from error


def _files(ids: ImageIds, places: Iterable[tuple[str, str]]) -> Files:
    return {(domain, ids.of(domain, path)): path for domain, path in places}
