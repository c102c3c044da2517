"""Where the Optuna study is kept for others to look at; never with a password in sight."""

import os
from pathlib import Path

import optuna
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from wbcray.core.errors import RefusedError, ResourceError, UsageError

VARIABLE = "WBCRAY_STUDY_STORAGE"


def check_storage(url: str | None) -> None:
    """Look at the URL that `open_storage` would open, before anything is begun.

    Raises:
        RefusedError: For a URL with a password in it.
        UsageError: For what is no URL of a database.
    """
    given = url or os.environ.get(VARIABLE)
    if given:
        _driver(given)


def open_storage(run: Path, url: str | None = None) -> optuna.storages.RDBStorage:
    """The storage at `url`, at `$WBCRAY_STUDY_STORAGE`, or an SQLite file in the run folder.

    Raises:
        RefusedError: For a URL with a password in it.
        ResourceError: When the database cannot be reached.
    """
    url = url or os.environ.get(VARIABLE) or f"sqlite:///{run / 'optuna.db'}"
    options: dict[str, object] = {"pool_pre_ping": True}
    if _driver(url) == "sqlite":
        run.mkdir(parents=True, exist_ok=True)
        options = {"connect_args": {"timeout": 30}}
    try:
        return optuna.storages.RDBStorage(url, engine_kwargs=options)
    except (SQLAlchemyError, ImportError) as error:
        raise ResourceError(
            f"cannot open the Optuna storage: {str(error).splitlines()[0]}",
            where=url,
            fix="check that the database runs; `pip install wbcray[postgres]` for PostgreSQL",
        ) from error


def _driver(url: str) -> str:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise UsageError(
            "the storage is not a database URL",
            where="--storage",
            fix="e.g. postgresql+psycopg2://user@host/database",
        ) from error
    if parsed.password or "password" in parsed.query:
        raise RefusedError(
            "the storage URL holds a password, which would end up in logs and process lists",
            where="--storage",
            fix="leave it out of the URL and put it into ~/.pgpass or $PGPASSWORD",
        )
    return parsed.get_backend_name()
