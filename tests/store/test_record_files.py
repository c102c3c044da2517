"""One walk finds what the patterns of all kinds of records would find one by one."""

import pytest

from wbcray.store.record_files import record_files
from wbcray.store.record_kinds import RECORD_KINDS

NAMES = (
    "run.json",
    "facts.json",
    "cells/aa/west--fold0--seed0/attempt-001.json",
    "cells/aa/west--fold0--seed0/attempt-002.json",
    "cells/aa/west--fold0--seed0/begun-001.json",
    "cells/aa/west--fold0--seed0/late-001.json",
    "cells/aa/west--fold0--seed0/beat-001",
    "cells/aa/west--fold0--seed0/weights-001/attempt-001.json",
    "cells/aa/attempt-001.json",
    "sealed/aa/west--fold0--seed0/attempt-001.json",
    "studies/erm--west/study.json",
    "studies/erm--west/plan-001.json",
    "studies/erm--west/trials/00001-told.json",
    "studies/erm--west/trials/00000-told-002.json",
    "studies/erm--west/trials/00000-asked.json",
    "drivers/driver-00001.json",
    "drivers/driver-00001-end.json",
    "selections/erm--west--0001.json",
    "ray/cells/aa/x/attempt-001.json",
)


@pytest.fixture
def run(tmp_path):
    for name in NAMES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def test_a_walk_finds_what_each_pattern_finds_in_the_order_of_paths(run):
    (run / "cells" / "aa" / "west--fold1--seed0").symlink_to(
        run / "cells" / "aa" / "west--fold0--seed0"
    )
    (run / "openings" / "00001.json").mkdir(parents=True)  # a folder, where a record should be
    found = {
        kind.pattern: [run.joinpath(*one) for one in paths] for kind, paths in record_files(run)
    }
    assert found == {kind.pattern: sorted(run.glob(kind.pattern)) for kind in RECORD_KINDS}
    assert sum(map(len, found.values())) == 19  # 14 above, 4 by the link, and the folder


def test_a_folder_that_is_gone_has_no_records(tmp_path):
    assert not any(paths for _, paths in record_files(tmp_path / "gone"))
