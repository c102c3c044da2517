"""Where a run lies: in a folder, or below a prefix of a bucket."""

import shutil
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from wbcray.core.errors import RefusedError, ResourceError, UsageError
from wbcray.store.bucket import BucketPath
from wbcray.store.bucket_connection import OPTIONS, Bucket

Place = Path | BucketPath
"""Where a run lies."""


def listed(folder: Place, pattern: str) -> list[Place]:
    """Names below `folder` that fit, in order."""
    return sorted(folder.glob(pattern), key=str)


def place_of(text: str) -> Place:
    """A folder, or `s3://bucket/prefix?endpoint_override=...&region=...`.

    Raises:
        RefusedError: For a URL that holds a secret.
        UsageError: For what is no such URL.
        ResourceError: When what talks to buckets is not installed.
    """
    if "://" not in text:
        return Path(text)
    parts = urlsplit(text)
    if "@" in parts.netloc:
        raise RefusedError(
            "the bucket's URL holds credentials, which would end up in logs and process lists",
            where=f"{parts.scheme}://...@{parts.netloc.rpartition('@')[2]}",
            fix="leave them out; they are read from the environment or ~/.aws/credentials",
        )
    options = tuple(sorted(parse_qsl(parts.query)))
    unknown = [name for name, _ in options if name not in OPTIONS]
    key = parts.path.strip("/")
    if parts.scheme != "s3" or not parts.netloc or not key or unknown:
        raise UsageError(
            f"'{parts.scheme}://{parts.netloc}{parts.path}' is no place for a run",
            where=f"unknown: {', '.join(unknown)}" if unknown else "",
            fix="s3://BUCKET/PREFIX, with ?endpoint_override=HOST:PORT for other stores than AWS",
        )
    return BucketPath(Bucket(parts.netloc, options), key)


def no_answer(place: Place | str, error: OSError) -> ResourceError:
    """What is said where the system or the bucket does not let a look at a run's files through."""
    return ResourceError(
        f"the run's files cannot be looked at: {error.strerror or error}",
        where=str(place),
        fix="mend the disk, the network or the bucket, then run the same command again; what was "
        "finished is recorded",
    )


def delete_tree(folder: Place) -> None:
    """Delete a cache and all in it; what cannot be deleted does no harm."""
    if isinstance(folder, BucketPath):
        with suppress(OSError):
            folder.delete_tree()
    else:
        shutil.rmtree(folder, ignore_errors=True)


def reached(place: Place) -> Place:
    """The place, once its bucket has answered.

    Raises:
        ResourceError: When the bucket does not answer, is not there, or refuses us.
    """
    try:
        if isinstance(place, BucketPath):
            place.bucket.ask()
    except OSError as error:
        raise ResourceError(
            f"the bucket refuses or does not answer: {error}",
            where=str(place),
            fix="check the bucket's name, ?endpoint_override= and region= of its URL, and the "
            "credentials in the environment or ~/.aws/credentials",
        ) from error
    return place


def url_of(place: Place) -> str:
    """The text that `place_of` turns into this place, on any machine that has it."""
    return place.url if isinstance(place, BucketPath) else str(place)
