"""What is sealed can be carried, and gives nothing away but to `reveal`."""

import copy
import pickle
from dataclasses import asdict

import numpy as np
import pytest

from wbcray.core.result import FoldResult, SealedCounts

COUNTS = np.array([[[31, 7], [5, 97]]])


@pytest.fixture
def sealed():
    return SealedCounts(COUNTS)


def test_reveal_gives_the_counts(sealed):
    assert sealed.reveal().tolist() == COUNTS.tolist()


@pytest.mark.parametrize("show", [repr, str, "{}".format], ids=["repr", "str", "format"])
def test_no_text_of_it_holds_a_count(sealed, show):
    assert show(sealed) == "SealedCounts(...)"


@pytest.mark.parametrize(
    "peek",
    [
        lambda sealed: sealed == SealedCounts(COUNTS),
        lambda sealed: sealed != SealedCounts(COUNTS),
        lambda sealed: sealed == COUNTS.tolist(),
        hash,
        len,
        iter,
        sum,
        int,
        float,
        lambda sealed: sealed[0],
        lambda sealed: 7 in sealed,
        lambda sealed: sealed + 0,
        lambda sealed: sealed < COUNTS,
        vars,
        pickle.dumps,
        copy.copy,
        copy.deepcopy,
        lambda sealed: np.asarray(sealed, dtype=np.int64),
        memoryview,
    ],
)
def test_it_refuses_to_be(sealed, peek):
    with pytest.raises(TypeError):
        peek(sealed)


def test_numpy_sees_one_opaque_object_and_no_numbers(sealed):
    array = np.asarray(sealed)
    assert (array.shape, array.dtype) == ((), np.dtype(object))


def test_it_has_no_attribute_that_a_curious_reader_would_find(sealed):
    assert [name for name in dir(sealed) if not name.startswith("_")] == ["reveal"]


def test_a_result_does_not_print_what_it_carries_sealed(sealed):
    assert "SealedCounts(...)" in repr(_result(sealed))
    assert "97" not in repr(_result(sealed))


def test_a_result_cannot_be_turned_into_a_dictionary_of_plain_values(sealed):
    with pytest.raises(TypeError, match="sealed"):
        asdict(_result(sealed))


def _result(sealed):
    return FoldResult(
        fold=0,
        reports=(),
        best_epoch=0,
        counts=np.zeros((1, 2, 2), dtype=np.int64),
        sealed=sealed,
        device="cpu",
        seconds=1.0,
    )
