"""Tell which published data set a folder is, by what each of them alone would look like.

Class folders with everyday names (`basophil`, `monocyte`) prove nothing: half of all data sets have
them. Proof is a number of images per label exactly as published, the data set's own table, the
named folders of several of its parts, or labels that nobody else uses.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path, PurePosixPath

from wbcray.core.errors import WbcrayError
from wbcray.core.label_space import LABEL_SPACES
from wbcray.data.layouts.codes import codes_of_folders, codes_of_prefixes
from wbcray.data.layouts.layout import Layout, Part, TableRule
from wbcray.data.layouts.load import describe_layouts
from wbcray.data.layouts.table_rule import read_rows
from wbcray.data.layouts.walk import ImageFolder, walk_images

ENOUGH_LABELS = 3
"""How many different labels make a data set, where each could be there by chance."""


class _Proof(IntEnum):
    """What speaks for a data set, the stronger the higher."""

    NONE = 0
    OWN_LABELS = 1
    NAMED_PARTS = 2
    OWN_TABLE = 3
    OWN_COUNTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A part of a published data set that a folder holds.

    Attributes:
        layout: Name of the data set.
        part: Name of the part.
        path: The folder that was looked at, as `path:` in `wbcray.yaml` may give it.
        images: Images of the part.
    """

    layout: str
    part: str
    path: Path
    images: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Match:
    """What a folder holds of one part: images, whether a folder of the part's name does, labels."""

    part: Part
    images: int
    named: bool
    labels: Counter[str]
    by_table: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether there are exactly as many images per label as were published."""
        return bool(self.labels) and self.part.published == self.labels


def recognise(root: Path) -> list[Recognised]:
    """The parts of the one published data set that `root` holds; empty where nobody can say.

    A folder that could as well be another data set, or holds several, is nobody's: look at its
    folders one by one.

    Raises:
        DataError: For a folder that cannot be read.
    """
    layouts = describe_layouts()
    folders = list(walk_images(root, _all_endings(layouts)))
    found: dict[str, tuple[_Proof, list[_Match]]] = {}
    for layout in layouts:
        matches = _matches(layout, root, folders)
        found[layout.name] = (_proof(layout, matches), matches)
    best = max(proof for proof, _ in found.values())
    names = [name for name, (proof, _) in found.items() if proof == best]
    if best is _Proof.NONE or len(names) > 1:
        return []
    matches = found[names[0]][1]
    # beside parts that have folders of their own, one that may lie anywhere would hold theirs too
    sure = [match for match in matches if match.named or match.is_whole] or matches
    return [
        Recognised(layout=names[0], part=match.part.name, path=root, images=match.images)
        for match in sure
    ]


def left_out(root: Path, layout: Layout, parts: Iterable[Part]) -> list[Path]:
    """The folders below `root`, however deep, with images of which these parts explain none.

    Of a folder in another that is left out, the outer one is named.

    Raises:
        DataError: For a folder that cannot be read.
    """
    folders = list(walk_images(root, _all_endings(describe_layouts())))
    wanted = tuple(parts)
    tables = [part.table for part in wanted if part.table]
    homes = [above / rule.folder for rule in tables if (above := _above_table(rule, root, folders))]

    def explains(place: Path, own: Sequence[ImageFolder]) -> bool:
        if any(home.is_relative_to(place) or place.is_relative_to(home) for home in homes):
            return True
        kept = _with_endings(own, layout.suffixes)
        named = (part for part in wanted if part.table is None)
        return any(_match(layout, part, root, kept) is not None for part in named)

    waiting, found = list(_places((), folders)), []
    while waiting:
        parts_of_path, own = waiting.pop()
        place = root.joinpath(*parts_of_path)
        if explains(place, own):
            waiting += _places(parts_of_path, own)
        else:
            found.append(place)
    return sorted(found)


def _places(
    above: tuple[str, ...], folders: Iterable[ImageFolder]
) -> list[tuple[tuple[str, ...], list[ImageFolder]]]:
    """The folders directly in the one at `above`, each with those at or below it."""
    inside: dict[tuple[str, ...], list[ImageFolder]] = defaultdict(list)
    for folder in folders:
        if len(folder.parts) > len(above):
            inside[folder.parts[: len(above) + 1]].append(folder)
    return list(inside.items())


def _all_endings(layouts: Iterable[Layout]) -> list[str]:
    return sorted({suffix for layout in layouts for suffix in layout.suffixes})


def _matches(layout: Layout, root: Path, folders: Sequence[ImageFolder]) -> list[_Match]:
    own = _with_endings(folders, layout.suffixes)
    read = (_match(layout, part, root, own) for part in layout.parts)
    return [match for match in read if match is not None]


def _match(layout: Layout, part: Part, root: Path, folders: Sequence[ImageFolder]) -> _Match | None:
    if part.table is not None:
        return _match_by_table(part, part.table, root, folders)
    below, named = _below(part, root, folders)
    if part.label_from == "nowhere":
        images = sum(len(folder.names) for folder in below)
        labels: Counter[str] = Counter()
        return _Match(part=part, images=images, named=named, labels=labels) if images else None
    by_prefix = part.label_from == "prefix"
    coded = (codes_of_prefixes if by_prefix else codes_of_folders)(layout, below)
    labels = Counter(code for _, code in coded.found)
    # a stray folder is a mistake to be told of; many are another data set
    if len(coded.unknown) + len(coded.misplaced) >= labels.total():
        return None
    return _Match(part=part, images=labels.total(), named=named, labels=labels)


def _match_by_table(
    part: Part, rule: TableRule, root: Path, folders: Sequence[ImageFolder]
) -> _Match | None:
    above = _above_table(rule, root, folders)
    if above is None:
        return None
    try:
        rows = read_rows(above / rule.file, rule)
    except WbcrayError:
        return None
    labels = Counter(row.code for row in rows)
    return _Match(part=part, images=len(rows), named=True, labels=labels, by_table=True)


def _above_table(rule: TableRule, root: Path, folders: Sequence[ImageFolder]) -> Path | None:
    """The folder that the paths of a table rule are relative to: the root, or one in it."""
    for parts in sorted({folder.parts[:1] for folder in folders} | {()}):
        above = root.joinpath(*parts)
        if (above / rule.file).is_file():
            return above
    return None


def _below(
    part: Part, root: Path, folders: Sequence[ImageFolder]
) -> tuple[list[ImageFolder], bool]:
    """The folders of the part, their paths from there, and whether a folder bears its name."""
    for under in part.under:
        names = PurePosixPath(under).parts
        if not names:
            return list(folders), False
        below = list(_after(names, folders))
        if below:
            return below, True
        if root.resolve().name == names[-1]:
            return list(folders), True
    return [], False


def _after(names: tuple[str, ...], folders: Sequence[ImageFolder]) -> Iterator[ImageFolder]:
    for folder in folders:
        for start in range(len(folder.parts) - len(names) + 1):
            end = start + len(names)
            if folder.parts[start:end] == names:
                yield ImageFolder(parts=folder.parts[end:], names=folder.names)
                break


def _proof(layout: Layout, matches: Sequence[_Match]) -> _Proof:
    counted = [match for match in matches if match.labels]
    if any(match.is_whole for match in counted):
        return _Proof.OWN_COUNTS
    if any(match.by_table for match in counted):
        return _Proof.OWN_TABLE
    named = [match for match in counted if match.named and len(match.labels) >= ENOUGH_LABELS]
    # the name of one part alone (`Train`) may be anybody's
    if len(named) >= min(2, len(layout.parts)):
        return _Proof.NAMED_PARTS
    labels = {label for match in counted for label in match.labels}
    own = [label for label in labels if not _everyday(label)]
    return _Proof.OWN_LABELS if len(own) >= ENOUGH_LABELS else _Proof.NONE


def _everyday(label: str) -> bool:
    """Whether a label is a name that any laboratory may give a class."""
    return any(space.resolve(label) is not None for space in LABEL_SPACES.values())


def _with_endings(folders: Sequence[ImageFolder], suffixes: tuple[str, ...]) -> list[ImageFolder]:
    kept = []
    for folder in folders:
        names = tuple(name for name in folder.names if name.lower().endswith(suffixes))
        if names:
            kept.append(ImageFolder(parts=folder.parts, names=names))
    return kept
