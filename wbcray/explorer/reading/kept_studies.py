"""The studies of a run, read again only where something was recorded since the last look."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, final

from wbcray.store.place import Place
from wbcray.store.studies import StudyStore, studies_of
from wbcray.store.study_contents import Asked, StudyContents, Told

Mark = tuple[int, ...]
"""Times at which a study's folders changed last, in nanoseconds; equal where nothing was added."""


@final
class KeptStudy:
    """A study as it was when it was read; a record never changes, so it holds until one is added.

    Raises:
        StoreError: When what the study was begun with is damaged.
    """

    def __init__(self, study: StudyStore, contents: StudyContents | None = None) -> None:
        self.folder: Place = study.folder
        self.method, self.held_out = study.method, study.held_out
        self.objective = study.objective
        self.space: Mapping[str, Any] = study.space
        contents = contents or study.contents()
        self._asked, self._told = contents.asked(), contents.told()

    def asked(self) -> Mapping[int, Asked]:
        """All suggestions by number."""
        return self._asked

    def told(self) -> Mapping[int, Told]:
        """All ended trials by number."""
        return self._told

    def best(self) -> tuple[Asked, Told] | None:
        """The complete trial with the highest value, the earliest of equals."""
        complete = [t for t in self._told.values() if t.state == "COMPLETE" and t.value is not None]
        if not complete:
            return None
        winner = max(complete, key=lambda told: (told.value or 0.0, -told.number))
        return self._asked[winner.number], winner


StudyRecords = StudyStore | KeptStudy
"""What tables are made of."""


@final
class KeptStudies:
    """All studies of a run; each is read again only when its folders have changed."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Mark, KeptStudy]] = {}

    def __call__(self, run: Path) -> Sequence[KeptStudy]:
        """The studies of `run` as they are now, by name."""
        return [self._kept(study) for study in studies_of(run)]

    def _kept(self, study: StudyStore) -> KeptStudy:
        folder = Path(str(study.folder))
        mark = mark_of(folder)  # before reading: what comes meanwhile is read the next time
        before = self._known.get(folder.name)
        if before is not None and before[0] == mark:
            return before[1]
        kept = KeptStudy(study)
        self._known[folder.name] = mark, kept
        return kept


def mark_of(folder: Path) -> Mark:
    """When a study's folders last got a new file."""
    return tuple(
        place.stat().st_mtime_ns if place.is_dir() else 0 for place in (folder, folder / "trials")
    )
