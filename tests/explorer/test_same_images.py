"""Methods on the same draws of images: whose outputs are there, and what the leaderboard says."""

from dataclasses import replace

import numpy as np
import pytest
from image_outputs import make_outputs
from small_records import make_config, make_result

from wbcray.core.outputs import SealedOutputs
from wbcray.core.result import SealedCounts
from wbcray.explorer.numbers.across import across_intervals
from wbcray.explorer.numbers.leaderboard import format_leaderboard, leaderboard
from wbcray.explorer.numbers.same_images import same_images
from wbcray.explorer.reading.answers import answers_of
from wbcray.explorer.reading.selection import selected_cells
from wbcray.store import commit
from wbcray.store.cell import CellKey, Circumstances, LearntFrom
from wbcray.store.cells import CellStore
from wbcray.store.openings import Openings

HOME = {"home": [[10, 0, 0], [0, 10, 0], [0, 0, 10]]}
IMAGES = 40
TRUE = [0] * 20 + [1] * 20


def answers(wrong):
    """The class of every image, but for those called the other one."""
    return [1 - true if n in wrong else true for n, true in enumerate(TRUE)]


WRONG = {  # images each fold gets wrong; what is hard for one is hard for the other
    "erm": [range(16), range(15), range(16)],
    "boda": [range(8), range(8), range(7)],
}


class Kept:
    """A run on disk whose networks' answers are kept, opened."""

    def __init__(self, folder, made, *, patients=None):
        self.folder, self.made = folder, made
        self.records = []
        names = [f"{n}.png" for n in range(IMAGES)]
        patients = patients or [None] * IMAGES
        away = [[name, "hash", "a", who] for name, who in zip(names, patients, strict=True)]
        listed = {"data_fingerprint": "d" * 16, "view": "32px-native"}
        listed["domains"] = {"home": [], "away": away}
        commit.replace(folder / "images.json", "images", listed)

    def cell(self, method, fold, said, *, outputs=True, positions=None):
        """A cell that called the images of `positions` so."""
        config = make_config(lr={"erm": 0.1, "boda": 0.2}[method])
        key = CellKey(config=config.digest, held_out="away", fold=fold, seed=0)
        found = make_outputs(
            TRUE, said, domain=1, positions=positions or list(range(IMAGES)), classes=3
        )
        counts = found.counts(domains=2)
        result = replace(
            make_result(fold),
            counts=np.array([HOME["home"], np.zeros((3, 3), dtype=int)]),
            sealed=SealedCounts(counts),
            sealed_outputs=SealedOutputs(found) if outputs else None,
        )
        about = Circumstances(
            weights="0" * 64,
            learnt_from=LearntFrom(fingerprint="", split="", images={}),
            provenance={},
        )
        CellStore(self.folder).begin(key).keep(config, result, about)
        self.made.cell(
            *(method, "away", fold),
            validation=HOME,
            unseen=counts[1].tolist(),
            config=config.digest,
        )

    def tables(self, *, opened=True):
        if opened:
            Openings(self.folder).open(list(CellStore(self.folder)), "selected")
        return replace(self.made.build(), folder=self.folder)


@pytest.fixture
def kept(tmp_path, builder):
    """Makes a run: `kept(without={...})` keeps no outputs of these (method, fold)."""

    def make(*, without=(), patients=None, shuffled=()):
        run = Kept(tmp_path / "run", builder(folds=3), patients=patients)
        for method, folds in WRONG.items():
            for fold, wrong in enumerate(folds):
                run.cell(
                    method,
                    fold,
                    answers(wrong),
                    outputs=(method, fold) not in without,
                    positions=list(range(1, IMAGES + 1)) if method in shuffled else None,
                )
        return run

    return make


def row(board, method):
    return board[board["method"] == method].iloc[0]


def drawn(tables):
    return same_images(tables, selected_cells(tables), "micro_f1")


def test_methods_whose_outputs_are_kept_share_the_draws(kept):
    found = drawn(kept().tables())
    assert sorted(found.deviations) == ["boda", "erm"]
    assert found.units == IMAGES
    # an image that all folds get right counts 1, image 15 of erm 1/3, image 7 of boda 1/3
    hard = {name: np.mean([answers(w) for w in WRONG[name]], axis=0) for name in WRONG}
    right = {name: np.where(TRUE, hard[name], 1 - hard[name]) for name in WRONG}
    expected = (right["boda"] - right["erm"]).var() / IMAGES
    difference = found.deviations["boda"] - found.deviations["erm"]
    assert difference.var(ddof=1) == pytest.approx(expected, rel=0.15)
    assert found.deviations["erm"].mean() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("shuffled", [(), ("boda",)], ids=["not kept", "of other images"])
def test_a_method_with_a_cell_that_does_not_fit_is_left_out(kept, shuffled):
    without = () if shuffled else {("erm", 1)}
    run = kept(without=without, shuffled=shuffled)
    assert len(drawn(run.tables()).deviations) == 1


def test_sealed_answers_are_not_read(kept):
    tables = kept().tables(opened=False)
    assert drawn(tables).deviations == {}
    assert Openings(tables.folder).opened() == set()


def test_tables_without_a_run_have_no_answers(kept):
    tables = replace(kept().tables(), folder=None)
    assert answers_of(tables, []) == {}
    assert drawn(tables).deviations == {}


def test_images_of_a_patient_are_drawn_together_and_unnamed_ones_alone(kept):
    patients = ["x"] * 10 + ["y"] * 10 + [None] * 20
    tables = kept(patients=patients).tables()
    assert drawn(tables).units == 22
    cell = selected_cells(tables).iloc[0]
    key = CellKey(config=cell["config"], held_out="away", fold=0, seed=0)
    assert answers_of(tables, [key])[key].units.tolist() == [0] * 10 + [1] * 10 + [*range(2, 22)]


def test_the_leaderboard_says_whether_images_were_paired(kept):
    tables = kept().tables()
    board = leaderboard(tables, "unseen", score="micro_f1")
    assert (row(board, "boda")["images_paired"], row(board, "erm")["images_paired"]) == ("yes", "")
    assert "on the same draws of the images" in format_leaderboard(board, openings=1)[0].note
    validation = leaderboard(tables, "validation", score="micro_f1")
    assert set(validation["images_paired"]) == {""}


def test_pairing_finds_a_difference_that_independent_images_hide(kept):
    tables = kept().tables()
    alone = leaderboard(replace(tables, folder=None), "unseen", score="micro_f1")
    together = leaderboard(tables, "unseen", score="micro_f1")
    boards = [row(board, "boda") for board in (alone, together)]
    assert [one["images_paired"] for one in boards] == ["no", "yes"]
    assert [one["verdict"] for one in boards] == ["tie", "better"]
    assert boards[0]["difference"] == boards[1]["difference"]
    assert "draws of its own" in format_leaderboard(alone, openings=1)[0].note
    # without what the networks said all folds and seeds are one sample: 1/40 of p (1 - p)
    share = (24 + 25 + 24) / 3 / IMAGES
    expected = (share * (1 - share) / IMAGES) ** 0.5
    assert row(alone, "erm")["noise_images"] == pytest.approx(expected, rel=0.12)


def test_over_domains_the_same_images_are_taken_as_well(kept, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "wbcray.explorer.numbers.across.across_domains_interval",
        lambda domains: seen.append(domains[0].images.std()) or (0.0, 0.0),
    )
    tables = kept().tables()
    for one in (tables, replace(tables, folder=None)):
        across_intervals(one, "unseen", reference="erm", score="micro_f1")
    assert seen[0] < 0.7 * seen[1]
