import hashlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wbcray.core.digest import canonical_json, digest, sha256_hex

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_canonical_json_is_sorted_and_without_spaces():
    assert canonical_json({"b": [1, 2.5], "a": None}) == b'{"a":null,"b":[1,2.5]}'


def test_canonical_json_is_utf_8_and_not_escapes():
    assert canonical_json("µ") == b'"\xc2\xb5"'


def test_the_order_of_keys_does_not_change_a_digest():
    assert digest({"lr": 0.1, "epochs": 3}) == digest({"epochs": 3, "lr": 0.1})


def test_a_whole_number_is_not_the_same_as_a_float():
    assert digest(1) != digest(1.0)


def test_a_tuple_has_the_digest_of_its_list():
    assert digest((1, 2)) == digest([1, 2])


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_json_does_not_know_is_refused(value):
    with pytest.raises(ValueError, match="JSON"):
        canonical_json({"loss": value})


def test_the_hash_is_sha_256():
    assert sha256_hex(b"") == hashlib.sha256(b"").hexdigest()


def test_a_digest_is_the_beginning_of_the_hash_of_canonical_json():
    # sha256 of the two letters `{}` begins with 44136fa355b3678a
    assert digest({}) == "44136fa355b3678a"
    assert digest({}, length=4) == "4413"


@given(value=VALUES)
def test_a_value_read_back_from_json_has_the_same_digest(value):
    import json

    assert digest(json.loads(canonical_json(value))) == digest(value)
