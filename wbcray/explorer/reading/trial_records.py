"""Records of trials, kept as they are hashed, so that a verification reads each of them once."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, final

from wbcray.store.record_kinds import Parts
from wbcray.store.study_contents import StudyContents


@final
class TrialRecords:
    """The unchanged records of trials that were shown, by study."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)

    def keep(self, parts: Parts, payload: Mapping[str, Any]) -> None:
        """Keep the record with this path below the run, if it is of a trial."""
        match parts:
            case ("studies", study, "trials", name):
                self._found[study][name] = payload
            case _:
                pass

    def contents(self, study: str) -> StudyContents:
        """What the records of a study say, which lies in this folder."""
        return StudyContents(sorted(self._found[study].items()))
