"""A PostgreSQL server of a test's own: as an unprivileged user, on loopback, in a folder."""

import os
import secrets
import shutil
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from programs import absent

OWNER = "nobody"
"""Who runs it where the test is root, which PostgreSQL refuses to be."""


@dataclass(frozen=True)
class Database:
    """A database that asks for a password.

    Attributes:
        url: As `--storage` takes it, without the password.
        passfile: The file that holds it, in libpq's form, for this user alone.
    """

    url: str
    passfile: Path
    password: str = field(repr=False)


@contextmanager
def database(folder):
    """Serve until the block ends."""
    programs = _programs()
    root = os.getuid() == 0
    data, password = folder / "data", secrets.token_hex(16)
    data.mkdir(mode=0o700)
    given = folder / "password"
    given.write_text(password)
    if root:
        for path in (data, given):
            shutil.chown(path, OWNER)
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]

    def run(program, *words):
        done = subprocess.run(
            [programs / program, "-D", data, *words],
            user=OWNER if root else None,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()

    asking = ("-U", "lab", "--auth=scram-sha-256", "--pwfile", given)
    run("initdb", *asking, "--no-sync", "--no-locale", "-E", "UTF8")
    given.unlink()
    options = f"-c listen_addresses=127.0.0.1 -p {port} -k {data} -F"
    run("pg_ctl", "start", "-w", "-l", data / "log", "-o", options)
    passfile = folder / "pgpass"
    passfile.write_text(f"127.0.0.1:{port}:*:lab:{password}\n")
    passfile.chmod(0o600)
    try:
        url = f"postgresql+psycopg2://lab@127.0.0.1:{port}/postgres"
        yield Database(url=url, passfile=passfile, password=password)
    finally:
        run("pg_ctl", "stop", "-m", "immediate")


def _programs():
    """Where PostgreSQL's programs are; without them tests skip, and fail in CI."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        absent("NO POSTGRESQL, so nobody tried a cluster's storage: apt-get install postgresql")
    return found[-1]
