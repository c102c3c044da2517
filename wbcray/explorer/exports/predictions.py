"""What networks said of each image, as one Parquet file a split that explains itself."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from wbcray.explorer.exports.folder import ExportFolder
from wbcray.explorer.exports.tidy import WATERMARK
from wbcray.explorer.numbers.watermarks import in_short, watermarks
from wbcray.explorer.reading.outputs import as_frame, outputs_of
from wbcray.explorer.reading.tables import UNSEEN, VALIDATION, RunTables

SCHEMA_KEY = b"wbcray"
"""Where the file's metadata has the meaning of its columns, as JSON."""

_PLACE = "predictions"
_MEANINGS = {
    "split": "unseen: images of the held-out domain; validation: of the source domains",
    "method": "what was trained",
    "held_out": "the domain that no image of was seen in training",
    "fold": "which part of the sources was validation",
    "seed": "of the training",
    "image": "keyed id of the image: the same in every export of a project, and no file name",
    "domain": "where the image is from",
    "true": "its label",
    "predicted": "the class with the highest probability",
    WATERMARK: "SYNTHETIC, LEAKAGE, ORACLE, or nothing",
}
_PROBABILITY = "softmax probability that the network gave to this class, not calibrated"


def write_predictions(folder: ExportFolder, tables: RunTables) -> tuple[str, ...]:
    """Write a file for each split that outputs were kept of; names of those that have none.

    Raises:
        ResourceError: If a file cannot be written.
    """
    without = []
    for split in (UNSEEN, VALIDATION):
        name = f"{_PLACE}/{split}.parquet"
        with tempfile.TemporaryDirectory(dir=folder.path, prefix=f".{_PLACE}.") as place:
            part = Path(place) / "part"
            if not _streamed(part, tables, split):
                without.append(split)
                continue
            part.chmod(0o644)
            (folder.path / _PLACE).mkdir(exist_ok=True)
            part.replace(folder.path / name)
        folder.written(name)
    return tuple(without)


def _streamed(part: Path, tables: RunTables, split: str) -> bool:
    """Write frame by frame, for all of them may not fit into memory; False if there is none."""
    schema = _schema(tables)
    frames = _frames(tables, split)
    first = next(frames, None)
    if first is None:
        return False
    with pq.ParquetWriter(part, schema, compression="zstd") as writer:
        for frame in (first, *frames):
            writer.write_table(pa.Table.from_pandas(frame, schema=schema, preserve_index=False))
    return True


def _frames(tables: RunTables, split: str) -> Iterator[pd.DataFrame]:
    mark = in_short(tables.facts)
    for method in tables.methods:
        for held_out in tables.held_out:
            outputs = outputs_of(tables, method, split, held_out=held_out)
            if outputs is not None and len(outputs.rows):
                names = {"split": split, "method": method, "held_out": held_out, WATERMARK: mark}
                yield as_frame(outputs, tables.facts.classes).assign(**names)


def _schema(tables: RunTables) -> pa.Schema:
    kinds = {name: pa.string() for name in _MEANINGS} | {"fold": pa.int64(), "seed": pa.int64()}
    last = kinds.pop(WATERMARK)
    kinds |= {f"p_{name}": pa.float32() for name in tables.facts.classes} | {WATERMARK: last}
    described = {
        "run": tables.facts.run,
        "data_fingerprint": tables.facts.data_fingerprint,
        "classes": list(tables.facts.classes),
        "columns": _MEANINGS | {"p_<class>": _PROBABILITY},
        "watermarks": list(watermarks(tables.facts)),
    }
    return pa.schema(
        list(kinds.items()),
        metadata={SCHEMA_KEY: json.dumps(described, ensure_ascii=False).encode()},
    )
