"""The quick reader reads what the strict one reads, and refuses what it refuses, in its words."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.domain.wire import Malformed, read_json
from app.engines.quick_json import read

BOUNDED = settings(max_examples=400, deadline=None, derandomize=True)
TEXTS = st.one_of(st.text(max_size=6), st.sampled_from(
    ['a:"b', '"', ":", "\\", "a", "b", "授权", "\x00", "\ud800", "é", "{", "}"]))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-2**60, 2**60), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12)


def told(reader, body: bytes) -> object:
    """What a reader makes of a body: the value with the kinds of its numbers, or what it says."""
    try:
        return repr(reader(body))
    except Malformed as problem:
        return type(problem), problem.zh, str(problem)


@BOUNDED
@given(VALUES, st.booleans())
def test_every_value_is_read_alike(value, is_ascii) -> None:
    body = json.dumps(value, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")
    assert told(read, body) == told(read_json, body)


@BOUNDED
@given(st.lists(st.sampled_from(
    ['"a"', '"b":', ":", ",", "{", "}", "[", "]", "1", "-0", "1e999", "0.1", "NaN", "null", "true",
     " ", "\n", "\t", "\ufeff", "9007199254740993", '"\\u0000"', "\\", '"', "\x01", "é"]),
    max_size=14))
@example(["{", '"a"', ":", "1", ",", '"a"', " ", ":", "2", "}"])
@example(["[", '"a"', ",", "{", '"b":', "1", "}", "]"])
def test_every_text_is_read_or_refused_alike(parts) -> None:
    body = "".join(parts).encode()
    assert told(read, body) == told(read_json, body)


@pytest.mark.parametrize("body", [
    b'{"a": 1, "a": 1}', b'{"a" : 1, "b": {"a":1, "a":2}}', b'{"x": "a\\":", "x": 2}',
    b"[" * 33 + b"]" * 33, b"[" * 100_000, b"[" * 32 + b"]" * 32, b'{"a":' * 33 + b"1" + b"}" * 33,
    b"\xff", b'"\xed\xa0\x80"', b'"\xc3"', b"", b" ", b"1 2", b'{"n": 1E400}', b'{"n": -1e-400}',
    b'{"n": 123456789012345678901234567890}', b"01", b"[1,]", b'{"a":1,}', b"'a'", b"\x00", b"1.0",
    b"1e2", b"18446744073709551616", b"-9007199254740992", b"9007199254740991"])
def test_named_cases_are_read_or_refused_alike(body) -> None:
    assert told(read, body) == told(read_json, body)


def test_a_body_over_the_limit_is_refused() -> None:
    assert told(lambda body: read(body, 4), b"[1,2]") == told(lambda body: read_json(body, 4),
                                                             b"[1,2]")
