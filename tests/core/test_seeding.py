import hashlib

from hypothesis import given
from hypothesis import strategies as st

from wbcray.core.seeding import derive_seed


def test_a_stream_is_always_the_same():
    # written out, so that a change of the formula, which would change every split, is seen
    first = hashlib.sha256(b"0\x1fsplit\x1fbccd").digest()[:8]
    assert derive_seed(0, "split", "bccd") == int.from_bytes(first, "big") // 2


def test_another_seed_is_another_stream():
    assert derive_seed(0, "split") != derive_seed(1, "split")


def test_names_do_not_run_together():
    assert derive_seed(0, "ab", "c") != derive_seed(0, "a", "bc")


def test_a_seed_does_not_run_into_a_name():
    assert derive_seed(1, "1", "x") != derive_seed(11, "x")


@given(seed=st.integers(0, 2**63 - 1), name=st.text(max_size=5) | st.integers())
def test_a_derived_seed_fits_into_63_bits(seed, name):
    assert 0 <= derive_seed(seed, name) < 2**63
