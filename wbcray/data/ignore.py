"""Which images a domain leaves out by their paths."""

import re
from collections.abc import Iterable
from fnmatch import translate
from pathlib import PurePosixPath


class Ignored:
    """Patterns of paths relative to a domain's folder; `*` stands for any text, `/` included.

    A pattern that names a folder leaves out all that is in it. A path that is listed literally
    is left out whatever characters it holds.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        known = [pattern.removesuffix("/").removeprefix("./") for pattern in patterns]
        self._literal = frozenset(known)
        globs = "|".join(translate(pattern) for pattern in known if re.search(r"[*?\[]", pattern))
        self._glob = re.compile(globs) if globs else None

    def __contains__(self, path: str) -> bool:
        places = (path, *map(str, PurePosixPath(path).parents))
        return any(place in self._literal for place in places) or (
            self._glob is not None and any(self._glob.match(place) for place in places)
        )
