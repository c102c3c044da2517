"""The contents of a study: each record read once, and said as the single questions say it."""

import pytest
from small_records import make_config

from wbcray.store import studies
from wbcray.store.studies import StudyStore
from wbcray.store.study_contents import Asked, Told


@pytest.fixture
def study(tmp_path):
    """Trial 0 complete, 1 without its suggestion, 2 with a corrupt end, 3 running."""
    study = StudyStore(tmp_path, "boda", "west")
    study.begin({"seed": 0})
    for number in range(4):
        study.ask(Asked(number=number, params={"x": number}, config=make_config(0.1)))
    for number in range(3):
        study.tell(
            Told(
                number=number, state="COMPLETE", value=0.1, values=(0.1,), intermediate=((1, 0.1),),
                budget=1, seconds=1.0,
            )
        )  # fmt: skip
    for name in ("00001-asked.json", "00002-told.json"):
        (study.folder / "trials" / name).write_text("{")
    return study


def test_what_is_damaged_is_in_no_answer_but_its_own(study):
    contents = study.contents()
    assert set(contents.asked()) == {0, 2, 3}
    assert set(contents.told()) == {0}
    assert contents.running() == {2, 3}
    assert (contents.lost(), contents.opened()) == ([1], [2])
    assert contents.best() == (study.asked()[0], study.told()[0])


def test_all_answers_together_read_each_record_once(study, monkeypatch):
    read = []

    def counted(path, kind):
        read.append(path.name)
        return intact(path, kind)

    intact = studies.read_intact
    monkeypatch.setattr(studies, "read_intact", counted)
    contents = study.contents()
    contents.asked(), contents.told(), contents.best(), contents.running()
    assert study.remarks(contents)
    assert sorted(read) == sorted(path.name for path in study.folder.glob("trials/*"))
    assert len(read) == 7
