"""A run in a bucket (S3 and what speaks its language), used by the store like a folder.

Reading and listing go through pyarrow. Creating goes through boto3, whose conditional put
(`If-None-Match: *`) makes the bucket itself decide who was first; pyarrow 26 cannot ask for it.
"""

import functools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any, final
from urllib.parse import parse_qsl, urlsplit

from wbcray.core.errors import RefusedError, ResourceError, UsageError

_OPTIONS = ("endpoint_override", "scheme", "region")
_SECONDS = 5
"""To connect; a bucket that is not there must be said, not waited for."""
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Bucket:
    """A connection; credentials come from the environment or the machine, never from a URL."""

    name: str
    options: tuple[tuple[str, str], ...] = ()

    @property
    def files(self) -> Any:
        """The file system, by pyarrow."""
        return _files(self)

    @property
    def client(self) -> Any:
        """The client, by boto3."""
        return _client(self)


@final
@dataclass(frozen=True, slots=True, order=True)
class BucketPath:
    """A name in a bucket, with the part of pathlib's interface that the store uses."""

    bucket: Bucket = field(compare=False)
    key: str

    def __str__(self) -> str:
        return f"s3://{self._full}"

    def __truediv__(self, name: str) -> "BucketPath":
        return BucketPath(self.bucket, str(PurePosixPath(self.key) / name))

    @property
    def name(self) -> str:
        """The last part."""
        return PurePosixPath(self.key).name

    @property
    def stem(self) -> str:
        """The last part without its ending."""
        return PurePosixPath(self.key).stem

    @property
    def parent(self) -> "BucketPath":
        """All but the last part."""
        return BucketPath(self.bucket, str(PurePosixPath(self.key).parent))

    def with_name(self, name: str) -> "BucketPath":
        """Another name beside this one."""
        return self.parent / name

    def relative_to(self, folder: "BucketPath") -> PurePosixPath:
        """What comes after `folder`."""
        return PurePosixPath(self.key).relative_to(folder.key)

    def exists(self) -> bool:
        """Whether an object or a folder of this name is there."""
        return bool(self._info().type.name != "NotFound")

    def is_dir(self) -> bool:
        """Whether there are names below this one."""
        return bool(self._info().type.name == "Directory")

    def read_bytes(self) -> bytes:
        """The object, whole.

        Raises:
            FileNotFoundError: When there is none.
            OSError: When the bucket does not answer.
        """
        with self.bucket.files.open_input_stream(self._full) as stream:
            data: bytes = stream.read()
        return data

    def read_text(self) -> str:
        """The object as text."""
        return self.read_bytes().decode()

    def write_bytes(self, data: bytes) -> None:
        """Put an object in place of what is there; for caches."""
        with self.bucket.files.open_output_stream(self._full) as stream:
            stream.write(data)

    def write_text(self, text: str) -> None:
        """Put a text in place of what is there; for caches."""
        self.write_bytes(text.encode())

    def create(self, data: bytes) -> bool:
        """Put an object that does not exist yet; False if it does.

        Raises:
            OSError: When the bucket does not take it.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        # A request whose answer was lost is repeated: the mark tells our own object from others.
        writer = uuid.uuid4().hex
        place = {"Bucket": self.bucket.name, "Key": self.key}
        try:
            for _ in range(_TRIES):
                try:
                    self.bucket.client.put_object(
                        **place, Body=data, IfNoneMatch="*", Metadata={"writer": writer}
                    )
                except ClientError as error:
                    code = error.response["Error"]["Code"]
                    if code == "ConditionalRequestConflict":  # another put is under way
                        continue
                    if code != "PreconditionFailed":
                        raise
                    found = self.bucket.client.head_object(**place)
                    return bool(found["Metadata"].get("writer") == writer)
                return True
        except (ClientError, BotoCoreError) as error:
            raise OSError(str(error)) from error
        raise OSError("other writers kept the bucket busy")

    def unlink(self, *, missing_ok: bool = False) -> None:
        """Delete the object."""
        try:
            self.bucket.files.delete_file(self._full)
        except FileNotFoundError:
            if not missing_ok:
                raise

    def delete_tree(self) -> None:
        """Delete everything below this name."""
        if self.is_dir():
            self.bucket.files.delete_dir(self._full)

    def iterdir(self) -> Iterator["BucketPath"]:
        """What lies directly below this name."""
        yield from self.glob("*")

    def glob(self, pattern: str) -> Iterator["BucketPath"]:
        """Names below this one that fit, part by part; `**` is not known."""
        wanted = pattern.split("/")
        seen: set[str] = set()
        for parts in self._below(recursive=len(wanted) > 1):
            found = "/".join(parts[: len(wanted)])
            fits = len(parts) >= len(wanted) and all(map(fnmatchcase, parts, wanted))
            if fits and found not in seen:
                seen.add(found)
                yield self / found

    def _below(self, *, recursive: bool) -> Iterator[tuple[str, ...]]:
        from pyarrow.fs import FileSelector

        chosen = FileSelector(self._full, allow_not_found=True, recursive=recursive)
        for info in sorted(self.bucket.files.get_file_info(chosen), key=lambda found: found.path):
            yield PurePosixPath(info.path).relative_to(self._full).parts

    def _info(self) -> Any:
        return self.bucket.files.get_file_info(self._full)

    @property
    def _full(self) -> str:
        return f"{self.bucket.name}/{self.key}"


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
    unknown = [name for name, _ in options if name not in _OPTIONS]
    key = parts.path.strip("/")
    if parts.scheme != "s3" or not parts.netloc or not key or unknown:
        raise UsageError(
            f"'{parts.scheme}://{parts.netloc}{parts.path}' is no place for a run",
            where=f"unknown: {', '.join(unknown)}" if unknown else "",
            fix="s3://BUCKET/PREFIX, with ?endpoint_override=HOST:PORT for other stores than AWS",
        )
    return BucketPath(Bucket(parts.netloc, options), key)


@functools.cache
def _files(bucket: Bucket) -> Any:
    from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem

    return S3FileSystem(
        **dict(bucket.options),
        connect_timeout=_SECONDS,
        request_timeout=6 * _SECONDS,
        retry_strategy=AwsStandardS3RetryStrategy(max_attempts=_TRIES),
    )


@functools.cache
def _client(bucket: Bucket) -> Any:
    try:
        import boto3
        from botocore.config import Config
    except ImportError as error:
        raise ResourceError(
            "a run in a bucket needs boto3, which is not installed",
            where=f"s3://{bucket.name}",
            fix="pip install 'wbcray[s3]'",
        ) from error
    options = dict(bucket.options)
    endpoint = options.get("endpoint_override")
    return boto3.client(
        "s3",
        region_name=options.get("region"),
        endpoint_url=f"{options.get('scheme', 'https')}://{endpoint}" if endpoint else None,
        config=Config(
            connect_timeout=_SECONDS,
            read_timeout=6 * _SECONDS,
            retries={"max_attempts": _TRIES, "mode": "standard"},
        ),
    )
