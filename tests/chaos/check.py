"""What must hold in a run folder after any fault; reads files itself and trusts no code of wbcray.

Messages begin with the invariant they are about: I1 no cell missing, I2 exactly one accepted result
a cell, I3 nothing acknowledged lost or changed, I5 everything whole, I6 nothing left behind.
"""

import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path

RECORDS = (
    "run.json",
    "splits.json",
    "cells/*/*/begun-*.json",
    "cells/*/*/attempt-*.json",
    "cells/*/*/late-*.json",
    "sealed/*/*/attempt-*.json",
    "openings/*.json",
    "selections/*.json",
    "studies/*/study.json",
    "studies/*/plan-*.json",
    "studies/*/trials/*-asked.json",
    "studies/*/trials/*-told.json",
)
"""Final names of records: written once, never changed."""

_UNFINISHED = re.compile(r"\..+\.[0-9a-f]{32}|\..+\.\d+")


@lru_cache(maxsize=4096)
def payload_of(data, kind=None):
    """The payload of a whole, unchanged record of this kind, else None."""
    try:
        envelope = json.loads(data)
        payload = envelope["payload"]
        text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        same = envelope["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    except (ValueError, KeyError, TypeError):
        return None
    return payload if same and kind in (None, envelope["kind"]) else None


def records(run):
    """The bytes of every file with the name of a record, by path relative to the run."""
    run = Path(run)
    found = {path for pattern in RECORDS for path in run.glob(pattern)}
    return {path.relative_to(run).as_posix(): path.read_bytes() for path in sorted(found)}


def accepted(run):
    """Of every cell its accepted result: folder -> (attempt, digest of the record's bytes)."""
    run, found = Path(run), {}
    for path in sorted(run.glob("cells/*/*/attempt-*.json")):
        folder = path.parent.relative_to(run / "cells").as_posix()
        half = run / "sealed" / folder / path.name
        if folder in found or not half.exists():
            continue
        data, sealed = path.read_bytes(), half.read_bytes()
        if payload_of(data, "cell") is not None and payload_of(sealed, "sealed") is not None:
            found[folder] = (path.name, hashlib.sha256(data).hexdigest())
    return found


def none_lost_or_changed(before, run):
    """I3: records that were acknowledged are there, byte for byte."""
    now = records(run)
    return [
        f"I3 {'changed' if name in now else 'lost'}: {name}"
        for name, data in before.items()
        if now.get(name) != data
    ]


def all_whole(run):
    """I5: what has the name of a record is one, and a result has its sealed half."""
    run, found = Path(run), []
    for name, data in records(run).items():
        payload = payload_of(data)
        if payload is None:
            found.append(f"I5 not whole: {name}")
        elif name.startswith("cells/") and payload_of(data, "cell") is not None:
            half = run / "sealed" / Path(name).relative_to("cells")
            if Path(name).name.startswith("attempt-") and not half.exists():
                found.append(f"I5 without its sealed half: {name}")
    return found


def one_accepted(run, cells):
    """I1 and I2: each of `cells` has an accepted result, and no other valid slot holds one."""
    run, found = Path(run), []
    have = accepted(run)
    found += [f"I1 no result: {cell}" for cell in cells if cell not in have]
    for cell in have:
        results = [
            path.name
            for path in sorted((run / "cells" / cell).glob("attempt-*.json"))
            if payload_of(path.read_bytes(), "cell") is not None
            and payload_of(_bytes(run / "sealed" / cell / path.name), "sealed") is not None
        ]
        if len(results) != 1:
            found.append(f"I2 counted {len(results)} times: {cell}: {', '.join(results)}")
    return found


def left_behind(run):
    """I6: unfinished files, states of cells that are done, beats of attempts that are decided."""
    run = Path(run)
    paths = [
        path for path in run.rglob(".*") if path.is_file() and _UNFINISHED.fullmatch(path.name)
    ]
    paths += [run / "cells" / cell / "progress" for cell in accepted(run)]
    paths += [
        beat
        for beat in run.glob("cells/*/*/beat-*")
        if beat.with_name(f"attempt-{beat.name.removeprefix('beat-')}.json").exists()
    ]
    return [
        f"I6 left behind: {path.relative_to(run).as_posix()}"
        for path in sorted(paths)
        if path.exists()
    ]


def _bytes(path):
    return path.read_bytes() if path.exists() else b""
