"""A store of buckets on loopback for tests, and the credentials it asks for."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from moto.server import ThreadedMotoServer

from wbcray.store.place import place_of

HIDDEN = "never-to-be-written-down"


def bucket_url(server: str, path: str) -> str:
    """The URL of BUCKET/PREFIX on a server."""
    return f"s3://{path}?endpoint_override={server}&scheme=http&region=us-east-1"


@contextmanager
def bucket_server(bucket: str) -> Iterator[str]:
    """Host and port of a server with one bucket; the credentials are in the environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "key")
        patch.setenv("AWS_SECRET_ACCESS_KEY", HIDDEN)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        started = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        started.start()
        try:
            host, port = started.get_host_and_port()
            server = f"{host}:{port}"
            made = place_of(bucket_url(server, f"{bucket}/made"))
            made.bucket.client.create_bucket(Bucket=bucket)
            yield server
        finally:
            started.stop()
