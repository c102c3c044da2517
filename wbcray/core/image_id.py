"""What an image is called where its file name must not be: a keyed hash of domain and path.

File names often hold names, dates of birth or record numbers. Without the key, which stays in the
project's cache folder, nobody can tell which file an id is, not even by trying likely names.
"""

import hmac
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

from wbcray.core.errors import ResourceError, StoreError

KEY_FILE = "image_ids.key"
_PREFIX = "img-"
_DIGITS = 12
"""48 bits: of a million images, two share an id once in 560 projects."""
_KEY_BYTES = 32
_ID = re.compile(rf"{_PREFIX}[0-9a-f]{{{_DIGITS}}}")


@final
@dataclass(frozen=True, slots=True)
class ImageIds:
    """Names images by the key of a project, which is never printed."""

    key: bytes = field(repr=False)

    def of(self, domain: str, path: str) -> str:
        """E.g. `img-3f9a2c81d0e4`, for the image at `path` in `domain`."""
        named = f"{domain}\0{path}".encode("utf-8", "surrogateescape")
        return _PREFIX + hmac.digest(self.key, named, "sha256").hex()[:_DIGITS]


def is_image_id(text: str) -> bool:
    """Whether `text` looks like an id."""
    return _ID.fullmatch(text) is not None


def image_ids(cache: Path, *, make: bool = True) -> ImageIds:
    """The ids of the project whose cache folder this is; its key is made once, with mode 0600.

    Args:
        cache: The folder.
        make: Make the key if there is none.

    Raises:
        ResourceError: When the key cannot be written or read.
        StoreError: For a file that holds no key; for no file, unless one is to be made.
    """
    path = cache / KEY_FILE
    try:
        if make and not path.exists():
            _make(path)
        text = path.read_text(encoding="ascii").strip()
        key = bytes.fromhex(text)
    except FileNotFoundError as error:
        raise StoreError(
            "this project has named no image by an id yet",
            where=str(path),
            fix="give the project of the run with --project; ids come with its first run",
        ) from error
    except OSError as error:
        raise ResourceError(
            f"cannot keep the key of the image ids: {error.strerror or error}",
            where=str(path),
            fix="set `cache:` in wbcray.yaml to a folder that you may write to",
        ) from error
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise StoreError(
            "the key of the image ids is damaged",
            where=str(path),
            fix="restore it, or delete it: images then get other ids than in earlier reports",
        )
    return ImageIds(key)


def _make(path: Path) -> None:
    """Written under another name and linked, so that two processes agree on one whole key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_KEY_BYTES))
    try:
        os.link(unfinished, path)
    except FileExistsError:
        pass  # another process was first, and its key counts
    except OSError:  # a file system without links
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
