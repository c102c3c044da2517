"""Make archives in memory, of the kinds that nobody should unpack as well."""

import io
import struct
import tarfile
import zipfile

import pytest

from wbcray.core.errors import DataError
from wbcray.data.archive.opening import read_index

IMAGES = {"cells/blast/1.png": b"one", "cells/blast/2.png": b"twofold", "cells/mono/1.png": b""}


def zipped(files, *, method=zipfile.ZIP_DEFLATED):
    """A zip archive; names may be `ZipInfo`s."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive, pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_, **__: None)  # of a name that is there twice
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def zip_entry(name, *, mode=0, flags=0):
    """A member as a hostile program might describe it."""
    info = zipfile.ZipInfo("x")
    info.filename = info.orig_filename = name
    info.external_attr = mode << 16
    info.flag_bits = flags
    return info


def tarred(files, *, mode="w", form=tarfile.PAX_FORMAT):
    """A tar archive; names may be `TarInfo`s."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, format=form) as archive:
        for name, content in files.items():
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = info.size or len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def tar_entry(name, *, kind=tarfile.REGTYPE, link="", headers=None, size=0):
    """A member as a hostile program might describe it."""
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = link
    info.pax_headers = headers or {}
    info.size = size
    return info


def header_of(name, *, kind=b"0", size=0):
    """The 512 bytes of one member, without whatever `tarfile` would refuse to write."""
    buffer = bytearray(512)
    buffer[: len(name)] = name
    buffer[100:108] = b"0000644\0"
    if size < 0:
        buffer[124:136] = b"\xff" * 4 + struct.pack(">q", size)
    else:
        buffer[124:136] = b"%011o\0" % size
    buffer[156:157] = kind
    buffer[257:265] = b"ustar\x0000"
    buffer[148:156] = b" " * 8
    buffer[148:156] = b"%06o\0 " % sum(buffer)
    return bytes(buffer)


def with_name_in_both_headers(archive, old, new):
    """Names of the same length, which a program that writes archives would not write."""
    assert len(old) == len(new)
    assert archive.count(old) == 2
    return archive.replace(old, new)


def write(folder, content, name="archive"):
    path = folder / name
    path.write_bytes(content)
    return path


def refusal(path, *limits):
    """The error for the archive at `path`, which must say where it lies and what helps."""
    with pytest.raises(DataError) as caught:
        read_index(path, *limits)
    assert caught.value.where == str(path)
    assert caught.value.fix
    return caught.value.what
