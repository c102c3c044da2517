"""The connection to a bucket: by pyarrow for folders, by boto3 for objects."""

import functools
from dataclasses import dataclass
from typing import Any

from wbcray.core.errors import ResourceError

OPTIONS = ("endpoint_override", "scheme", "region")
"""What a URL may say of a bucket besides its name."""
_SECONDS = 3
"""To connect; a bucket that is not there must be said, not waited for."""
_TRIES = 3


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
        return _client(self, tries=_TRIES, answer_s=6 * _SECONDS)

    def ask(self) -> None:
        """Have it answer a small question, within 15 s.

        Raises:
            OSError: When it refuses us, is not there, or does not answer in that time.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            client = _client(self, tries=2, answer_s=_SECONDS)
            client.list_objects_v2(Bucket=self.name, MaxKeys=1)
        except (ClientError, BotoCoreError) as error:
            raise OSError(str(error)) from error


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
def _client(bucket: Bucket, *, tries: int, answer_s: int) -> Any:
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
            read_timeout=answer_s,
            retries={"total_max_attempts": tries, "mode": "standard"},
        ),
    )
