"""Where search space files lie, and the chain of files that one of them extends."""

import re
from pathlib import Path

import wbcray
from wbcray.core.errors import UsageError, did_you_mean, unknown_name
from wbcray.core.problems import Problems, show
from wbcray.core.yaml_file import Document, load_document

KIND = "search space"
MAX_LAYERS = 10

_METHOD = re.compile(r"[A-Za-z0-9_-]{1,100}")
_EXTENDED = re.compile(r"[A-Za-z0-9_./-]{1,200}")


def space_folders() -> tuple[Path, ...]:
    """Where search spaces lie: the working folder's own, the repository's, the wheel's."""
    package = Path(wbcray.__file__).resolve().parent
    return (
        Path("search_spaces"),
        package.parent / "search_spaces",
        package / "search_spaces",
    )


def find_space(method: str, directory: Path | None = None) -> Path:
    """The search space file of `method`, in `directory` or else in the first of the usual folders.

    Raises:
        UsageError: Where no folder has one.
    """
    folders = (directory,) if directory is not None else space_folders()
    if _METHOD.fullmatch(method):
        for folder in folders:
            if (folder / f"{method}.yaml").is_file():
                return folder / f"{method}.yaml"
    there = {file.stem for folder in folders for file in folder.glob("*.yaml")} - {"base"}
    raise unknown_name(KIND, method, there, where=", ".join(map(str, folders)))


def read_layers(path: Path, problems: Problems | None = None) -> list[Document]:
    """The file at `path` and all that it extends, the most special first.

    `problems`, where given, takes note of keys that are given twice.

    Raises:
        UsageError: For a file that is absent or not YAML, and for a circle of `extends`.
    """
    documents: list[Document] = []
    chain: list[Path] = []
    following: Path | None = path
    while following is not None:
        document = load_document(
            following,
            kind=KIND,
            fix="see search_spaces/base.yaml for the format",
            problems=problems,
        )
        documents.append(document)
        chain.append(following.resolve())
        following = _extended(document)
        if following is not None and following.resolve() in chain:
            names = " -> ".join(item.name for item in (*chain, following))
            raise UsageError(
                f"'extends' runs in a circle: {names}",
                where=document.where("extends"),
                fix="remove one `extends`",
            )
        if len(chain) == MAX_LAYERS:
            what = f"more than {MAX_LAYERS} files extend each other"
            raise UsageError(what, where=document.where("extends"), fix="write fewer layers")
    return documents


def _extended(document: Document) -> Path | None:
    name = document.data.get("extends")
    if name is None:
        return None
    where = document.where("extends")
    if not isinstance(name, str) or not _EXTENDED.fullmatch(name):
        fix = "write e.g. `extends: base.yaml`"
        raise UsageError(f"extends must be a file name, got {show(name)}", where=where, fix=fix)
    folders = (document.path.parent, *space_folders())
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    there = {file.name for file in document.path.parent.glob("*.yaml")}
    raise UsageError(f"there is no file {show(name)}", where=where, fix=did_you_mean(name, there))
