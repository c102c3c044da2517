import contextlib
import math
import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wbcray.core.errors import UsageError
from wbcray.core.yaml_file import MAX_BYTES, load_document, parse_document
from wbcray.core.yaml_scalar import plain_scalar

PATH = Path("a.yaml")


def parse(text: str):
    return parse_document(text, path=PATH)


def refusal(text: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-4", 0.0001),
        ("1.", 1.0),
        (".5", 0.5),
        ("-7", -7),
        ("010", 10),
        ("0o10", 8),
        ("0x10", 16),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("2024-01-31", "2024-01-31"),
        ("~", None),
        ("", None),
        ("-.inf", -math.inf),
        ("nan", "nan"),
    ],
)
def test_plain_scalars_follow_yaml_1_2(text, value):
    found = plain_scalar(text)
    assert found == value
    assert type(found) is type(value)


def test_dot_nan_is_a_number():
    assert math.isnan(plain_scalar(".nan"))


def test_a_quoted_number_stays_text():
    assert parse("a: '010'").data == {"a": "010"}


def test_positions_name_keys_and_items():
    document = parse("a:\n  b: 1\n  c:\n  - x\n  - {y: 2}\n")
    assert document.where("a", "b") == "a.yaml:2"
    assert document.where("a", "c", 1, "y") == "a.yaml:5"


def test_a_missing_value_is_placed_at_what_encloses_it():
    assert parse("x: 1\na:\n  b: 1\n").where("a", "missing", "deeper") == "a.yaml:2"


def test_a_duplicate_key_names_both_lines():
    error = refusal("lr: 1\nb: 2\nlr: 3\n")
    assert error.what == "key 'lr' given twice (lines 1 and 3)"
    assert error.where == "a.yaml:3:1"


def test_a_duplicate_key_in_a_flow_mapping_is_refused():
    assert "given twice" in refusal("a: {b: 1, b: 2}").what


def test_the_same_key_in_two_mappings_is_fine():
    assert parse("a: {k: 1}\nb: {k: 2}").data == {"a": {"k": 1}, "b": {"k": 2}}


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("a:\n  b:\n\tc: 1\n", "a.yaml:3:1", "tab used for indentation"),
        ("a:\t1\n", "a.yaml:1:3", "tab used instead of a space"),
        ("a: [1, 2\nb: 3\n", "a.yaml:2:2", "begun at 1:4"),
        ("a: b: c\n", "a.yaml:1:5", "mapping values are not allowed"),
        ('a: "x\nb: 1\n', "a.yaml:3:1", "quoted scalar"),
        (" a: 1\nb: 2\n", "a.yaml:2:1", "cannot parse YAML"),
        ("a: @x\n", "a.yaml:1:4", "cannot start any token"),
        ("a: *b\n", "a.yaml:1:4", "no anchor"),
        ("a: &x [*x]\n", "a.yaml:1:8", "contains itself"),
        ("a: !!python/object:os.system x\n", "a.yaml:1:4", "tag"),
        ("a: !!set {x}\n", "a.yaml:1:4", "tag"),
        ("<<: {a: 1}\n", "a.yaml:1:1", "merge keys"),
        ("a: 1\n---\nb: 2\n", "a.yaml:2:1", "second document"),
        ("5: a\n", "a.yaml:1:1", "key 5 must be text"),
        ("? [a]\n: 1\n", "a.yaml:1:3", "where a key should be"),
        ("a: \x07\n", "a.yaml:1:4", "U+0007"),
        ('a: "\\0"\n', "a.yaml:1:4", "control character"),
        ('a: "\\ud800"\n', "a.yaml:1:4", "control character"),
        (f"a: {'9' * 41}\n", "a.yaml:1:4", "beyond 1e40"),
        (f"a: 0x{'f' * 4000}\n", "a.yaml:1:4", "beyond 1e40"),
        ("*x : 1\n", "a.yaml:1:1", "no anchor"),
        ("- a\n- b\n", "a.yaml:1", "a list of 2"),
    ],
)
def test_a_syntax_problem_has_a_place_and_a_fix(text, where, words):
    error = refusal(text)
    assert error.where == where
    assert words in error.what
    assert error.fix or words == "a list of 2"


@pytest.mark.parametrize("text", ['"\\UFFFFFFFF": 1', f"%YAML {'9' * 5000}.1\n--- {{}}"])
def test_numbers_that_the_parser_cannot_hold_are_refused(text):
    assert "too large" in refusal(text).what


def test_aliases_repeat_values():
    assert parse("a: &x {b: 1}\nc: *x\n").data == {"a": {"b": 1}, "c": {"b": 1}}


def bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    return "\n".join(lines)


def deep_aliases() -> str:
    # 90 aliases, each one list deeper than the last: flat to read, deep to walk
    return "a0: &a0 [x]\n" + "\n".join(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 90))


@pytest.mark.parametrize(
    "text",
    [
        bomb(),
        deep_aliases(),
        "a: &a x\n" + "".join(f"b{n}: *a\n" for n in range(200)),
        "a: " + "[" * 500_000,
        "a: " + "{" * 500_000,
        "[a, " * 200_000,
        "- " * 400_000,
        "- a\n" * 240_000,
        "".join(f"k{n}: 1\n" for n in range(80_000)),
        "a: '" + "x" * 900_000 + "'",
        "a: " + "x " * 450_000,
        "x" * 900_000 + ": 1",
        "#" * 900_000,
    ],
    ids=[
        *("bomb", "deep aliases", "many aliases", "brackets", "braces", "flow", "dashes"),
        *("items", "keys", "quoted", "plain", "long key", "comment"),
    ],
)
def test_hostile_files_are_refused_in_seconds(text):
    start = time.process_time()
    refusal(text)
    assert time.process_time() - start < 3


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(UsageError) as caught:
        load_document(tmp_path / "no.yaml", kind="project file", fix="run `wbcray init`")
    assert caught.value.what == f"project file not found: {tmp_path / 'no.yaml'}"
    assert caught.value.fix == "run `wbcray init`"


def test_a_pipe_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="not a regular file"):
        load_document(tmp_path / "pipe")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(UsageError, match="is a folder"):
        load_document(tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", r"empty \(0 bytes\)"),
        (b" \n\n", "empty"),
        (b"# all commented out\n", "holds no settings"),
        (b"\x89PNG\r\n\x1a\n\0\0", "binary"),
        (b"a: 1\nb: caf\xe9\n", "not UTF-8"),
        (b"a: " + b"x" * MAX_BYTES, "larger than 1 MB"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(tmp_path, content, words):
    (tmp_path / "a.yaml").write_bytes(content)
    with pytest.raises(UsageError, match=words):
        load_document(tmp_path / "a.yaml")


def test_a_wrong_byte_is_placed(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"a: 1\nb: caf\xe9\n")
    with pytest.raises(UsageError) as caught:
        load_document(tmp_path / "a.yaml")
    assert caught.value.where.endswith("a.yaml:2:7")


def test_a_byte_order_mark_is_skipped(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert load_document(tmp_path / "a.yaml").data == {"a": 1}


# line breaks inside a quoted text fold into spaces, so the Unicode ones are left out too
PRINTABLE = st.characters(
    codec="utf-8",
    exclude_categories=["Cc", "Cs"],
    exclude_characters="\u2028\u2029\ufeff\ufffe\uffff",
)
plain_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False)
    | st.text(PRINTABLE, max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc.", min_size=1, max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)


def spell(value) -> str:
    """`value` as YAML 1.2 in flow style, written without PyYAML."""
    match value:
        case dict():
            return "{" + ", ".join(f'"{key}": {spell(item)}' for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(spell, value)) + "]"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case None | True | False:
            return {None: "null", True: "true", False: "false"}[value]
        case float() if math.isinf(value):
            return ".inf" if value > 0 else "-.inf"
    return repr(value)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=4), plain_values, min_size=1))
@settings(max_examples=100, deadline=None, database=None)
def test_written_values_come_back(value):
    assert parse(spell(value)).data == value


@given(st.text(max_size=80) | st.text("ab:-[]{}#&*!|>'\"%@`,? \n\t\\U0F\x00", max_size=60))
@settings(max_examples=400, deadline=None, database=None)
def test_any_text_gives_a_mapping_or_a_usage_error(text):
    with contextlib.suppress(UsageError):
        assert isinstance(parse(text).data, dict)
