import pytest
from small_records import make_config

from wbcray.core.errors import StoreError
from wbcray.store.studies import StudyStore, remarks_of, studies_of
from wbcray.store.study_contents import Asked, Told


@pytest.fixture
def study(tmp_path):
    """Three trials that ended, of four that are planned."""
    study = StudyStore(tmp_path, "boda", "west")
    study.begin({"seed": 0})
    study.plan(4)
    for number in range(3):
        ask(study, number)
        tell(study, number, 0.1 * number)
    return study


def ask(study, number):
    config = make_config(0.01 + number)
    study.ask(Asked(number=number, params={"optimizer.lr": 0.01 + number}, config=config))


def tell(study, number, value):
    study.tell(
        Told(
            number=number, state="COMPLETE", value=value, values=(value,), intermediate=(),
            budget=1, seconds=1.0,
        )
    )  # fmt: skip


def spoil(study, name):
    path = study.folder / name
    path.write_bytes(path.read_bytes()[:-1])


def test_an_intact_study_has_nothing_to_remark(tmp_path, study):
    assert study.remarks(study.contents()) == ()
    assert remarks_of(tmp_path) == []


def test_a_trial_whose_end_is_corrupt_is_open_again(tmp_path, study):
    spoil(study, "trials/00002-told.json")
    assert set(study.asked()) - set(study.told()) == {2}
    assert study.remaining() == 2
    (remark,) = remarks_of(tmp_path)
    assert "trial 2 of study 'boda without west': its end is corrupt; it is open again" in remark


def test_its_new_end_lies_beside_the_corrupt_one_and_counts(study):
    for name in ("00002-told.json", "00002-told-002.json"):
        spoil(study, f"trials/{name}")
        tell(study, 2, 0.7)
        assert study.told()[2].value == 0.7
    assert study.remarks(study.contents()) == ()
    assert study.best()[0].number == 2


@pytest.mark.parametrize("lose", [spoil, lambda study, name: (study.folder / name).unlink()])
def test_a_trial_whose_suggestion_is_lost_is_left_out_with_a_remark(study, lose):
    lose(study, "trials/00002-asked.json")
    assert set(study.asked()) == set(study.told()) == {0, 1}
    assert study.best()[0].number == 1
    assert study.remaining() == 2
    (remark,) = study.remarks(study.contents())
    assert "trial 2" in remark
    assert "left out" in remark


def test_the_number_of_a_lost_trial_is_not_given_again(study):
    for name in ("asked", "told"):
        spoil(study, f"trials/00002-{name}.json")
    assert study.next_number() == 3


def test_a_number_with_a_corrupt_suggestion_cannot_be_asked(study):
    spoil(study, "trials/00002-asked.json")
    with pytest.raises(StoreError, match="trial 2"):
        ask(study, 2)


def test_a_corrupt_plan_is_ignored_beside_others_and_remarked(study):
    study.plan(9)
    spoil(study, "plan-002.json")
    assert study.planned() == 4
    (remark,) = study.remarks(study.contents())
    assert "plan-002.json" in remark
    study.plan(9)
    assert study.planned() == 9


@pytest.mark.parametrize("what", ["corrupt", "gone"])
def test_a_study_that_lost_what_it_was_begun_with_is_refused_with_advice(tmp_path, study, what):
    if what == "corrupt":
        spoil(study, "study.json")
    else:
        (study.folder / "study.json").unlink()
    with pytest.raises(StoreError, match=f"begun with is {what}") as caught:
        study.identity()
    assert "backup" in caught.value.fix
    assert "3 trials" in caught.value.fix
    assert [one.held_out for one in studies_of(tmp_path)] == ["west"]


def test_a_record_of_a_newer_wbcray_is_no_damage(study):
    path = study.folder / "trials" / "00001-told.json"
    path.write_text(path.read_text().replace('"schema":2', '"schema":3'))
    with pytest.raises(StoreError) as caught:
        study.told()
    assert caught.value.fix == "upgrade wbcray"


def test_who_may_not_write_any_more_records_nothing(tmp_path, study):
    def fenced():
        raise StoreError("another driver took over")

    late = StudyStore(tmp_path, "boda", "west", check=fenced)
    before = sorted(study.folder.rglob("*.json"))
    with pytest.raises(StoreError, match="took over"):
        ask(late, 3)
    with pytest.raises(StoreError, match="took over"):
        tell(late, 3, 0.5)
    assert sorted(study.folder.rglob("*.json")) == before
