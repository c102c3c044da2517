"""A run in a bucket (S3 and what speaks its language), used by the store like a folder.

Folders are pyarrow's. Objects are boto3's: its conditional put (`If-None-Match: *`) makes the
bucket itself decide who was first, which pyarrow 26 cannot ask for, and to read takes one request.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any, final
from urllib.parse import urlencode

from wbcray.store.bucket_connection import Bucket

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a listing shows it.

    Attributes:
        tag: Changes with the contents.
        changed: When it was put, seconds since 1970 by the bucket's clock.
    """

    key: str
    tag: str
    changed: float


@final
@dataclass(frozen=True, slots=True, order=True)
class BucketPath:
    """A name in a bucket, with the part of pathlib's interface that the store uses."""

    bucket: Bucket = field(compare=False)
    key: str

    def __str__(self) -> str:
        return f"s3://{self._full}"

    @property
    def url(self) -> str:
        """As `place.place_of` reads it, connection and all; `str` is for people."""
        options = urlencode(self.bucket.options, safe=":/")
        return f"{self}?{options}" if options else str(self)

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
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            found = self.bucket.client.get_object(Bucket=self.bucket.name, Key=self.key)
            data: bytes = found["Body"].read()
        except ClientError as error:
            absent = error.response["Error"]["Code"] in ("NoSuchKey", "NoSuchBucket", "404")
            raise (FileNotFoundError if absent else OSError)(str(error)) from error
        except BotoCoreError as error:
            raise OSError(str(error)) from error
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

    def listing(self) -> Iterator["Listed"]:
        """Every object below this name, by name.

        Raises:
            OSError: When the bucket does not answer.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        pages = self.bucket.client.get_paginator("list_objects_v2")
        try:
            for page in pages.paginate(Bucket=self.bucket.name, Prefix=f"{self.key}/"):
                for found in page.get("Contents", ()):
                    if not found["Key"].endswith("/"):  # what some tools leave for a folder
                        yield Listed(found["Key"], found["ETag"], found["LastModified"].timestamp())
        except (ClientError, BotoCoreError) as error:
            raise OSError(str(error)) from error

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
