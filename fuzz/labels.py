"""Tables of labels: rows in order, or a refusal with the line."""

from pathlib import Path

from fuzz.target import Target
from wbcray.data.table import guess_columns, read_table

_SEEDS = (
    b"image,label\na/1.png,blast\na/2.png,monocyte\n",
    b"\xef\xbb\xbfimage,label,domain,patient\r\n1.png,blast,north,p1\r\n2.png,,north,\r\n",
    b'image,label\n"a,1.png",blast\n"a\n2.png","mono""cyte"\n\n ,\n',
    b"image;label\n1.png;blast\n",
    b"file\tdiagnosis\n1.png\tblast\n",
    "image,label\nü/1.png,Übergang\n".encode("cp1252"),
)


def read(path: Path) -> None:
    """Read the header and all rows."""
    guess_columns(path)
    rows = read_table(path, {})
    lines = [row.line for row in rows]
    if lines != sorted(set(lines)):
        raise AssertionError(f"rows in lines {lines}")
    if len(rows) > path.read_bytes().count(b"\n") + path.read_bytes().count(b"\r") + 1:
        raise AssertionError("more rows than lines")


TARGET = Target(name="labels", seeds=_SEEDS, read=read)
