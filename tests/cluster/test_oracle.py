"""Choosing by held-out scores: only when asked for, written down first, marked everywhere."""

import json

import numpy as np
import pytest

from wbcray.cluster.comparison import ComparisonPlan, open_selected
from wbcray.cluster.plan import Resources
from wbcray.core.errors import StoreError
from wbcray.core.result import EpochReport, FoldResult, SealedCounts
from wbcray.explorer.numbers.leaderboard import leaderboard
from wbcray.explorer.reading.rebuild import rebuild
from wbcray.store.cell import CellKey, Circumstances, LearntFrom
from wbcray.store.cells import CellStore
from wbcray.store.commit import read
from wbcray.store.openings import KIND, Openings
from wbcray.store.selections import Selections
from wbcray.store.studies import StudyStore
from wbcray.store.study_contents import Asked, Told

MARKED = "coral (ORACLE)"
RIGHT = {0: (6, 5), 1: (9, 4), 2: (5, 9), 3: (8, 10)}
"""Of ten images of each class those that are right, on validation and held out, by trial.
Trial 1 is the best on validation, trial 2 held out; trial 3 was stopped early."""


def counts(right, domain):
    """Ten images of each class in one of three domains."""
    found = np.zeros((3, 3, 3), dtype=np.int64)
    for label in range(3):
        found[domain, label, label] = right
        found[domain, label, (label + 1) % 3] = 10 - right
    return found


def keep(run, config, fold, *, validation, held_out):
    """Record a cell with these right answers."""
    lease = CellStore(run).begin(CellKey(config=config.digest, held_out="west", fold=fold, seed=0))
    seen = counts(validation, 0)
    report = EpochReport(fold=fold, epoch=0, losses={}, counts=seen, learning_rate=0.0, seconds=1.0)
    result = FoldResult(
        fold=fold,
        reports=(report,),
        best_epoch=0,
        counts=seen,
        sealed=SealedCounts(counts(held_out, 2)),
        device="cpu",
        seconds=1.0,
    )
    images = {"train": 30, "validation": 30, "test": 30}
    learnt_from = LearntFrom(fingerprint="data", split="split", images=images)
    provenance = {"versions": {"wbcray": "1"}}
    lease.keep(
        config,
        result,
        Circumstances(weights="0" * 64, learnt_from=learnt_from, provenance=provenance),
    )


@pytest.fixture
def searched(run, settings):
    """A run with a study of coral for `west`, and erm with its defaults."""
    study = StudyStore(run.folder, "coral", "west")
    study.begin({"method": "coral", "space": {"objective": "val/macro_f1"}})
    for number, (validation, held_out) in RIGHT.items():
        config = settings.config("coral", {"optimizer.lr": 10.0 ** -(number + 2)})
        study.ask(Asked(number=number, params={}, config=config))
        pruned = number == 3
        for fold in range(1 if pruned else 2):
            keep(run.folder, config, fold, validation=validation, held_out=held_out)
        study.tell(
            Told(
                number=number,
                state="PRUNED" if pruned else "COMPLETE",
                value=None if pruned else validation / 10,
                values=() if pruned else (validation / 10,) * 2,
                intermediate=(),
                budget=2,
                seconds=1.0,
            )
        )
    for fold in range(2):
        keep(run.folder, settings.config("erm", {}), fold, validation=7, held_out=6)
    return run.folder


@pytest.fixture
def plan(searched, settings):
    """Plans of a comparison of both methods on `west`."""

    def make(selection, **changes):
        fields = {
            "run": searched,
            "settings": settings,
            "methods": ("erm", "coral"),
            "held_out": ("west",),
            "seeds": 1,
            "resources": Resources(),
            "sources": 2,
            "selection": selection,
        }
        return ComparisonPlan(**fields | changes)

    return make


def compare(plan):
    """What `wbcray compare` does when every cell is recorded."""
    selections = plan.select()
    open_selected(selections, plan.run)
    return {item.method: item for item in selections}, rebuild(plan.run)


def openings(run):
    """Reason and cells of each opening, in order."""
    records = [read(path, KIND) for path in sorted((run / "openings").glob("*.json"))]
    return [(record["reason"], len(record["cells"])) for record in records]


def test_validation_and_oracle_choose_by_different_scores(plan):
    by_validation, _ = compare(plan("validation"))
    by_oracle, _ = compare(plan("oracle"))
    assert (by_validation["coral"].trial, by_validation["coral"].origin) == (1, "tuned")
    assert (by_oracle["coral"].trial, by_oracle["coral"].origin) == (2, "oracle")
    assert by_validation["erm"].origin == by_oracle["erm"].origin == "default"


def test_selecting_on_validation_opens_what_was_selected_and_no_more(plan, searched):
    compare(plan("validation"))
    assert openings(searched) == [("selected", 4)]
    assert Openings(searched).count() == 2


def test_whatever_an_oracle_looks_at_is_written_down_with_its_reason(plan, searched):
    assert plan("oracle").to_open() == 3
    compare(plan("oracle"))
    # two folds of three complete trials; then erm, which nothing was chosen for
    assert openings(searched) == [("oracle", 6), ("selected", 2)]
    assert Openings(searched).count() == 4
    assert plan("oracle").to_open() == 0


def test_what_was_opened_as_a_result_is_written_down_again_when_it_is_chosen_by(plan, searched):
    compare(plan("validation"))
    compare(plan("oracle"))
    assert openings(searched) == [("selected", 4), ("oracle", 6)]
    assert Openings(searched).count() == 4


def test_an_oracle_reads_nothing_that_it_could_not_write_down(plan, monkeypatch):
    def refuse(*_):
        raise StoreError("the disk is full")

    monkeypatch.setattr("wbcray.store.openings.commit", refuse)
    monkeypatch.setattr(SealedCounts, "reveal", lambda _: pytest.fail("read before written down"))
    with pytest.raises(StoreError, match="the disk is full"):
        plan("oracle").select()


def test_checking_and_planning_open_nothing(plan, searched):
    peeking = plan("oracle")
    peeking.check()
    peeking.to_open()
    peeking.by_validation()
    assert openings(searched) == []


def test_a_later_comparison_goes_back_to_validation_and_the_openings_stay(plan, searched):
    compare(plan("oracle"))
    _, tables = compare(plan("validation"))
    current = {item.method: item.origin for item in Selections(searched).current()}
    assert current == {"coral": "tuned", "erm": "default"}
    assert tables.facts.openings == 4
    assert not tables.oracle
    assert not tables.facts.oracle
    assert "ORACLE" not in tables.facts.selection_rule


def test_an_oracle_stands_under_another_name_wherever_scores_are(plan, searched):
    _, tables = compare(plan("oracle"))
    for name in ("cells", "confusion", "curves"):
        assert set(getattr(tables, name)["method"]) == {"erm", MARKED}
    assert tables.judged == (MARKED, "erm")
    facts = json.loads((searched / "facts.json").read_text())
    assert facts["oracle"] is True
    assert (
        "ORACLE, chosen by held-out macro F1, not a result: coral on west"
        in (facts["selection_rule"])
    )


def test_an_oracle_is_compared_with_nothing_and_comes_last(plan):
    _, tables = compare(plan("oracle"))
    board = leaderboard(tables, "unseen")
    assert list(board["method"]) == ["erm", MARKED]  # although the oracle's score is higher
    row = board.iloc[1]
    assert row["macro_mean"] > board.iloc[0]["macro_mean"]
    assert (row["verdict"], row["tie_group"], bool(row["oracle"])) == ("none (oracle)", 0, True)
    assert board[["difference", "low", "high", "p", "p_holm"]].iloc[1].isna().all()
    assert board.iloc[0]["tie_group"] == 1


def test_nothing_is_compared_with_a_reference_that_an_oracle_chose(plan):
    _, tables = compare(plan("oracle"))
    board = leaderboard(tables, "unseen", reference="coral").set_index("method")
    assert board.loc["erm", "verdict"] == "cannot tell (0 folds)"
    marked = leaderboard(tables, "unseen", reference=MARKED).set_index("method")
    assert set(marked["verdict"]) == {"cannot tell (0 folds)", "none (oracle)"}
