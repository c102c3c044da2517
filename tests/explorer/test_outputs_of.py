"""What the explorer reads of outputs: names for places, opened cells alone, only what agrees."""

from dataclasses import replace

import numpy as np
import pytest
from image_outputs import make_outputs
from small_records import make_config, make_result

from wbcray.core.image_id import image_ids
from wbcray.core.outputs import SealedOutputs
from wbcray.explorer.reading.outputs import as_frame, image_names, outputs_of
from wbcray.explorer.reading.tables import UNSEEN, VALIDATION
from wbcray.store import commit
from wbcray.store.cell import CellKey, Circumstances, LearntFrom
from wbcray.store.cells import CellStore
from wbcray.store.openings import Openings

FINGERPRINT = "d" * 16
# home has three images, away five: their places in the catalog are 0 .. 2 and 3 .. 7
FILES = {"home": ["a.png", "b.png", "c.png"], "away": ["d.png", "e.png", "f.png", "g.png", "h.png"]}
VALIDATED = make_outputs([0, 0, 2], [0, 1, 2], positions=[0, 1, 2], classes=3)
HELD_OUT = make_outputs([0, 1], [0, 0], domain=1, positions=[4, 6], classes=3)


@pytest.fixture
def kept(tmp_path, builder):
    """A run on disk with two folds of one method, and its tables."""
    cells, config, made = CellStore(tmp_path / "run"), make_config(), builder()
    counts = [[1, 1, 0], [0, 0, 0], [0, 0, 1]]
    for fold in (0, 1):
        key = CellKey(config=config.digest, held_out="away", fold=fold, seed=0)
        keep(cells, config, key)
        made.cell("erm", "away", fold, validation={"home": counts}, config=config.digest)
    listing = {domain: [[name, "hash", "a", None] for name in FILES[domain]] for domain in FILES}
    images = {"data_fingerprint": FINGERPRINT, "view": "32px-native", "domains": listing}
    commit.replace(tmp_path / "run" / "images.json", "images", images)
    commit.replace(tmp_path / "run" / "data.json", "data", {"cache": str(tmp_path / "cache")})
    return replace(made.build(), folder=tmp_path / "run")


def keep(cells, config, key, *, validated=VALIDATED):
    counts = VALIDATED.counts(domains=2)
    result = replace(
        make_result(key.fold),
        counts=counts,
        sealed=type(make_result().sealed)(HELD_OUT.counts(domains=2)),
        outputs=validated,
        sealed_outputs=SealedOutputs(HELD_OUT),
    )
    learnt_from = LearntFrom(fingerprint="", split="", images={})
    about = Circumstances(weights="0" * 64, learnt_from=learnt_from, provenance={})
    cells.begin(key).keep(config, result, about)


def open_all(tables):
    Openings(tables.folder).open(list(CellStore(tables.folder)), "selected")


def test_rows_name_fold_seed_domain_and_classes(kept):
    outputs = outputs_of(kept, "erm", VALIDATION, held_out="away")
    assert outputs.rows.drop(columns="image").to_dict("list") == {
        "fold": [0] * 3 + [1] * 3,
        "seed": [0] * 6,
        "domain": ["home"] * 6,
        "true": ["a", "a", "c"] * 2,
        "predicted": ["a", "b", "c"] * 2,
    }
    assert outputs.probabilities[1].tolist() == [0.125, 0.75, 0.125]


def test_features_say_which_rows_they_are_of(kept):
    outputs = outputs_of(kept, "erm", VALIDATION, held_out="away")
    assert outputs.sampled.tolist() == [0, 3]
    assert outputs.features.tolist() == [[0.5, 2.0]] * 2
    assert outputs.features.dtype == np.float32


def test_an_image_is_called_by_its_id_or_by_its_place_where_the_key_is_gone(kept, tmp_path):
    assert image_names(kept)[4] == "#4"
    ids = image_ids(tmp_path / "cache")
    (kept.folder / "images.json").touch()
    rows = outputs_of(kept, "erm", VALIDATION, held_out="away").rows
    assert rows["image"].tolist()[:2] == [ids.of("home", "a.png"), ids.of("home", "b.png")]


def test_held_out_outputs_are_none_until_their_cells_are_opened(kept):
    assert outputs_of(kept, "erm", UNSEEN, held_out="away") is None
    open_all(kept)
    rows = outputs_of(kept, "erm", UNSEEN, held_out="away").rows
    assert rows["domain"].tolist() == ["away"] * 4
    assert rows["image"].tolist() == ["#4", "#6"] * 2


def test_a_cell_whose_outputs_disagree_with_its_counts_is_left_out(kept):
    config = make_config(lr=0.5)
    key = CellKey(config=config.digest, held_out="away", fold=0, seed=0)
    wrong = make_outputs([0, 0, 2], [0, 0, 2], positions=[0, 1, 2], classes=3)
    keep(CellStore(kept.folder), config, key, validated=wrong)
    cells = kept.cells.copy()
    cells.loc[cells["fold"] == 0, "config"] = config.digest
    outputs = outputs_of(replace(kept, cells=cells), "erm", VALIDATION, held_out="away")
    assert set(outputs.rows["fold"]) == {1}


def test_only_cells_of_the_tables_are_read(kept):
    chosen = replace(kept, cells=kept.cells[kept.cells["fold"] == 1])
    assert set(outputs_of(chosen, "erm", VALIDATION, held_out="away").rows["fold"]) == {1}


@pytest.mark.parametrize(
    ("method", "held_out"), [("boda", "away"), ("erm", "home")], ids=["method", "domain"]
)
def test_what_was_not_trained_has_no_outputs(kept, method, held_out):
    assert outputs_of(kept, method, VALIDATION, held_out=held_out) is None


def test_tables_without_a_run_and_runs_of_other_images_have_none(kept):
    assert outputs_of(replace(kept, folder=None), "erm", VALIDATION, held_out="away") is None
    facts = replace(kept.facts, data_fingerprint="other")
    assert outputs_of(replace(kept, facts=facts), "erm", VALIDATION, held_out="away") is None


def test_a_frame_has_a_column_for_every_class(kept):
    outputs = outputs_of(kept, "erm", VALIDATION, held_out="away")
    frame = as_frame(outputs, kept.facts.classes)
    assert frame.columns.tolist()[-3:] == ["p_a", "p_b", "p_c"]
    assert frame["p_b"].tolist() == [0.125, 0.75, 0.125] * 2
