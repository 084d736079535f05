"""The wire's laws: what is read is what was meant, and hostile text is refused with its place."""

import json
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.wire import (
    BODY_LIMIT,
    DuplicateKey,
    Malformed,
    NotJson,
    NotUtf8,
    TooDeep,
    TooLarge,
    UnsafeNumber,
    UnsafeText,
    clean_text,
    read_json,
)
from tests.properties import calm

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), inner
        )
    ),
    max_leaves=20,
)


@calm
@given(JSON, st.booleans())
def test_what_is_written_reads_back(value, ascii_only):
    assert read_json(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@pytest.mark.parametrize(
    ("body", "refusal", "named"),
    [
        (b"", NotJson, "line 1 column 1"),
        (b'{"a":1}x', NotJson, "line 1 column 8"),
        (b'{"a":1,}', NotJson, "line 1"),
        (b'{\n"a":\n  tru}', NotJson, "line 3 column 3"),
        (b'{"a":"\x01"}', NotJson, "line 1"),
        (b"\xef\xbb\xbf{}", NotUtf8, "byte order mark"),
        ("{}".encode("utf-16"), NotUtf8, "byte 1"),
        ('{"名":1}'.encode("gb18030"), NotUtf8, "UTF-8"),
        (b'{"a":1,"a":1}', DuplicateKey, "`a`"),
        (b'[{"x":{"b":1,"\\u0062":2}}]', DuplicateKey, "`b`"),
        (b'{"n":NaN}', UnsafeNumber, "column 6"),
        (b'{"n":Infinity}', UnsafeNumber, "column 6"),
        (b'{"NaN":-Infinity}', UnsafeNumber, "column 8"),
        (b'["1e999",1e999]', UnsafeNumber, "column 10"),
        (b"[9007199254740992]", UnsafeNumber, "column 2"),
        (b"[-9007199254740992]", UnsafeNumber, "column 2"),
        (b"1" * 5000, UnsafeNumber, "column 1"),
        (b"[" * 100_000, TooDeep, "column 33"),
        (b'{"a":' * 100_000, TooDeep, "32 levels"),
        (b"[" * 33 + b"]" * 33, TooDeep, "column 33"),
        (b'["\\ud800"]', UnsafeText, "half a character"),
        (b'{"\\u0000":1}', UnsafeText, "NUL"),
        (b'[["a\\u0000b"]]', UnsafeText, "NUL"),
        (b" " * (BODY_LIMIT + 1), TooLarge, str(BODY_LIMIT)),
    ],
)
def test_hostile_json_is_refused_with_its_place(body, refusal, named):
    with pytest.raises(refusal) as refused:
        read_json(body)
    assert named in refused.value.en
    assert refused.value.zh


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"9007199254740991", 2**53 - 1),
        (b"-9007199254740991", 1 - 2**53),
        (b'"[[[[NaN"', "[[[[NaN"),
        (b'"\\ud83d\\udc2f"', "🐯"),
        (b'"\\\\u0000"', "\\u0000"),
        (b" " * (BODY_LIMIT - 1) + b"1", 1),
        (b"[" * 32 + b"]" * 32, json.loads("[" * 32 + "]" * 32)),
        (b"[" + b"[]," * 40 + b"1]", [[]] * 40 + [1]),
    ],
)
def test_the_lawful_side_of_each_boundary_is_read(body, value):
    assert read_json(body) == value


def test_the_limit_is_the_callers():
    assert read_json(b"[1]", limit=3) == [1]
    with pytest.raises(TooLarge):
        read_json(b"[12]", limit=3)


@calm
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body):
    try:
        read_json(body)
    except Malformed as refused:
        assert refused.code.startswith("INPUT.")


@pytest.mark.parametrize(
    "body",
    [b'"' + b'\\"' * 500_000, b"[{" * 16 + b'"[",' * 250_000, b"[" + b"[]," * 340_000 + b"0]"],
)
def test_a_full_body_is_judged_within_two_seconds(body):
    begun = time.process_time()
    try:
        read_json(body)
    except Malformed:
        pass
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    "mark",
    [
        "\0",
        "\r",
        "\n",
        "\t",
        "\x7f",
        "\x85",
        "\u200b",
        "\u200f",
        "\u202e",
        "\u2066",
        "\u2028",
        "\u2029",
        "\ufeff",
        "\ud800",
    ],
)
def test_a_name_holds_no_control_or_override(mark):
    with pytest.raises(UnsafeText, match="character 3"):
        clean_text(f"市局{mark}")


def test_a_statement_keeps_its_lines_and_nothing_more():
    assert clean_text("一\n\t二", lines=True) == "一\n\t二"
    with pytest.raises(UnsafeText):
        clean_text("一\r\n二", lines=True)


@calm
@given(st.text())
def test_clean_text_is_normal_and_settled(text):
    try:
        cleaned = clean_text(text)
    except UnsafeText:
        return
    assert unicodedata.is_normalized("NFC", cleaned)
    assert clean_text(cleaned) == cleaned
