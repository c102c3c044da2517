import pytest
from small_records import make_config

from wbcray.core.errors import StoreError
from wbcray.store.studies import StudyStore, studies_of
from wbcray.store.study_contents import Asked, Told


@pytest.fixture
def study(tmp_path):
    return StudyStore(tmp_path, "boda", "west")


def ask(study, number, lr=0.01):
    study.ask(Asked(number=number, params={"optimizer.lr": lr}, config=make_config(lr)))


def tell(study, number, value, state="COMPLETE", **fields):
    values = () if value is None else (value - 0.1, value + 0.1)
    told = {"intermediate": ((1, 0.2), (2, 0.3)), "budget": 2, "seconds": 1.5} | fields
    study.tell(Told(number=number, state=state, value=value, values=values, **told))


def test_a_study_is_new_until_it_is_begun(study):
    assert study.identity() is None


def test_a_study_keeps_what_it_was_begun_with(study):
    study.begin({"space": {"lr": [0.1, 1.0]}})
    study.begin({"space": "another"})
    assert study.identity() == {"space": {"lr": [0.1, 1.0]}}


def test_no_trials_are_planned_at_first(study):
    assert study.planned() == 0


def test_a_plan_grows(study):
    study.plan(10)
    study.plan(50)
    assert study.planned() == 50


@pytest.mark.parametrize("fewer", [10, 50, 0])
def test_a_plan_never_shrinks(study, fewer):
    study.plan(50)
    study.plan(fewer)
    assert study.planned() == 50
    assert len(list(study.folder.glob("plan-*.json"))) == 1


def test_a_plan_finds_a_free_number(study):
    study.plan(10)
    (study.folder / "plan-001.json").rename(study.folder / "plan-002.json")
    study.plan(20)
    assert study.planned() == 20


def test_a_suggestion_comes_back(study):
    ask(study, 3, lr=0.5)
    assert study.asked() == {
        3: Asked(number=3, params={"optimizer.lr": 0.5}, config=make_config(0.5))
    }


def test_a_number_keeps_its_first_suggestion_and_another_one_is_refused(study):
    ask(study, 0, lr=0.1)
    with pytest.raises(StoreError, match="trial 0 of study 'boda without west' was asked already"):
        ask(study, 0, lr=0.2)
    assert study.asked()[0].params == {"optimizer.lr": 0.1}


def test_the_same_suggestion_may_be_asked_again(study):
    ask(study, 0, lr=0.1)
    ask(study, 0, lr=0.1)
    assert len(list(study.folder.rglob("*-asked*"))) == 1


def test_a_telling_comes_back_with_its_types(study):
    ask(study, 2)
    tell(study, 2, 0.5, error="")
    (told,) = study.told().values()
    assert told == Told(
        number=2,
        state="COMPLETE",
        value=0.5,
        values=(0.4, 0.6),
        intermediate=((1, 0.2), (2, 0.3)),
        budget=2,
        seconds=1.5,
    )
    assert type(told.intermediate[0][0]) is int


def test_the_first_telling_counts(study):
    ask(study, 0)
    tell(study, 0, 0.5)
    tell(study, 0, 0.9)
    assert study.told()[0].value == 0.5


def test_a_trial_without_an_end_is_asked_and_not_told(study):
    ask(study, 0)
    ask(study, 1)
    tell(study, 0, 0.5)
    assert set(study.asked()) - set(study.told()) == {1}


def test_a_study_without_complete_trials_has_no_best(study):
    ask(study, 0)
    tell(study, 0, None, state="FAILED", error="worker died")
    assert study.best() is None


def test_the_best_is_the_highest_mean(study):
    for number, value in enumerate((0.4, 0.7, 0.6)):
        ask(study, number)
        tell(study, number, value)
    assert study.best()[0].number == 1


def test_of_equals_the_earliest_is_best(study):
    for number in (2, 0, 1):
        ask(study, number)
        tell(study, number, 0.5)
    assert study.best()[0].number == 0


@pytest.mark.parametrize("state", ["PRUNED", "FAILED", "INFEASIBLE"])
def test_a_trial_that_was_not_completed_is_never_best(study, state):
    ask(study, 0)
    ask(study, 1)
    tell(study, 0, 0.9, state=state)
    tell(study, 1, 0.1)
    assert study.best()[1].value == 0.1


def test_a_score_of_zero_is_a_score(study):
    ask(study, 0)
    tell(study, 0, 0.0)
    assert study.best()[0].number == 0


def test_more_than_99999_trials_would_still_be_found(study):
    ask(study, 100_000)
    assert set(study.asked()) == {100_000}


@pytest.mark.parametrize("held_out", ["west", "a--b", "x.y_z-1"])
def test_the_studies_of_a_run_are_found_by_method_and_domain(tmp_path, held_out):
    for method in ("erm", "boda"):
        StudyStore(tmp_path, method, held_out).begin({})
    assert [(study.method, study.held_out) for study in studies_of(tmp_path)] == [
        ("boda", held_out),
        ("erm", held_out),
    ]


def test_a_folder_without_a_record_is_no_study(tmp_path):
    (tmp_path / "studies" / "boda--west").mkdir(parents=True)
    assert studies_of(tmp_path) == []
