"""Where the Optuna study is kept for others to look at; never with a password in sight."""

import os
import re
from pathlib import Path

import optuna
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from wbcray.core.errors import RefusedError, ResourceError, UsageError
from wbcray.core.file_system import network_file_system

VARIABLE = "WBCRAY_STUDY_STORAGE"
ON_NETWORK = (
    "the run folder lies on a network file system, where SQLite is not safe: no Optuna study is "
    "kept on disk; --storage with the URL of a PostgreSQL database keeps one"
)

_OPTION = "--storage"
_SQLITE = "sqlite"
_SECRET = re.compile(r"pass(word|wd)?$|pwd|secret|token", re.IGNORECASE)
"""Parameters of a URL whose value nobody should see; `passfile` names a file."""
_SECRET_VARIABLES = ("PGPASSWORD", "MYSQL_PWD")


def check_storage(url: str | None) -> None:
    """Look at the URL that `open_storage` would open, before anything is begun.

    Raises:
        RefusedError: For a URL with a password in it, and for SQLite on a network file system.
        UsageError: For what is no URL of a database.
    """
    given = url or os.environ.get(VARIABLE)
    if given:
        _checked(given)


def open_storage(run: Path, url: str | None = None) -> optuna.storages.RDBStorage | None:
    """The storage at `url`, at `$WBCRAY_STUDY_STORAGE`, or an SQLite file in the run folder.

    None where nothing was given and the run folder lies on a network file system, on which SQLite
    loses and damages data: the study is a cache of the records, and memory will do.

    Raises:
        RefusedError: For a URL with a password in it, and for SQLite on a network file system.
        ResourceError: When the database cannot be reached.
    """
    given = url or os.environ.get(VARIABLE)
    if not given and network_file_system(run):
        return None
    found = _checked(given or f"sqlite:///{run / 'optuna.db'}")
    options: dict[str, object] = {"pool_pre_ping": True}
    if found.get_backend_name() == _SQLITE:
        run.mkdir(parents=True, exist_ok=True)
        options = {"connect_args": {"timeout": 30}}
    try:
        return optuna.storages.RDBStorage(_shown(found), engine_kwargs=options)
    except (SQLAlchemyError, ImportError) as error:
        raise ResourceError(
            f"cannot open the Optuna storage: {_first_line(error)}",
            where=_shown(found),
            fix="check that the database runs; `pip install wbcray[postgres]` for PostgreSQL",
        ) from None  # drivers repeat what they were given, and --debug would print it


def _checked(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError:
        url = None
    if url is None:  # outside `except`: the parser's error may repeat the text
        raise UsageError(
            "the storage is not a database URL",
            where=_OPTION,
            fix="e.g. postgresql+psycopg2://user@host/database",
        )
    if url.password is not None or any(_SECRET.search(name) for name in url.query):
        raise RefusedError(
            "the storage URL holds a password, which would end up in logs and process lists",
            where=_OPTION,
            fix="leave it out of the URL and put it into ~/.pgpass or $PGPASSWORD",
        )
    if url.get_backend_name() == _SQLITE and url.database:
        kind = network_file_system(Path(url.database))
        if kind:
            raise RefusedError(
                f"SQLite on a network file system ({kind}) loses and damages data",
                where=_OPTION,
                fix="give a file on a local disk, or a PostgreSQL database; the records in the run "
                "folder are safe either way",
            )
    return url


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=True)


def _first_line(error: Exception) -> str:
    """What went wrong, without passwords that the driver took from the environment."""
    line = (str(error).strip() or type(error).__name__).splitlines()[0]
    for name in _SECRET_VARIABLES:
        secret = os.environ.get(name)
        line = line.replace(secret, "***") if secret else line
    return line
