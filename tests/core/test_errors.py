import copy
import pickle

import pytest

from wbcray.core.errors import (
    DataError,
    InfeasibleError,
    RefusedError,
    ResourceError,
    StoreError,
    UsageError,
    did_you_mean,
    unknown_name,
)

EXIT_CODES = {
    UsageError: 2,
    DataError: 3,
    StoreError: 4,
    ResourceError: 5,
    InfeasibleError: 6,
    RefusedError: 7,
}


@pytest.mark.parametrize(("leaf", "exit_code"), EXIT_CODES.items())
def test_a_leaf_is_an_exit_code(leaf, exit_code):
    assert leaf("what").exit_code == exit_code


def test_no_two_leaves_share_a_code_word():
    assert len({leaf.code for leaf in EXIT_CODES}) == len(EXIT_CODES)


def test_an_error_reads_as_what_where_and_fix():
    error = DataError("cannot read image", where="a/b.png", fix="replace it")
    assert str(error) == "cannot read image\n  where: a/b.png\n  fix: replace it"


def test_an_error_without_place_or_fix_is_one_line():
    assert str(DataError("no images")) == "no images"


@pytest.mark.parametrize("leaf", EXIT_CODES)
def test_an_error_keeps_its_texts_across_a_process_border(leaf):
    error = pickle.loads(pickle.dumps(leaf("what", where="where", fix="fix")))  # noqa: S301
    assert (type(error), error.what, error.where, error.fix) == (leaf, "what", "where", "fix")


def test_a_copied_error_keeps_its_texts():
    assert copy.copy(StoreError("what", fix="fix")).fix == "fix"


def test_a_typo_is_answered_with_the_nearest_name_and_all_names():
    assert did_you_mean("corral", ("erm", "coral")) == "did you mean 'coral'? (known: coral, erm)"


def test_a_typo_in_capitals_is_still_near():
    assert "'boda'" in did_you_mean("BoDa", ("boda", "erm"))


def test_a_name_in_capitals_is_near_whatever_the_case():
    assert "'MON'" in did_you_mean("mono", ("MON", "MYO"))


def test_a_name_unlike_any_other_is_answered_with_the_list():
    assert did_you_mean("xyz", ("erm", "coral")) == "known: coral, erm"


def test_nothing_is_near_where_there_is_nothing():
    assert did_you_mean("erm", ()) == "there are none"


def test_an_unknown_name_is_a_usage_error_with_its_place():
    error = unknown_name("method", "corral", ("coral",), where="--method")
    assert (error.what, error.where) == ("unknown method 'corral'", "--method")
