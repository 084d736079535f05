"""The two copies of the canonical form write the same bytes, and refuse the same values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import canonical as house
from audit import canonical, verify

KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(VALUES)
def test_house_auditor_and_verifier_agree(value):
    text = canonical.canonical(value)
    assert text == house.canonical(value)
    assert verify.exact_json(text) == value


@pytest.mark.parametrize("value", [1.0, 2**53, {"é": 1}, {1: 1}, [b"x"], {"a": {1, 2}}])
def test_what_has_two_spellings_has_no_canonical_form(value):
    with pytest.raises(ValueError):
        canonical.canonical(value)


@pytest.mark.parametrize("raw", [
    b'{"a":1,"a":1}', b'{"b":1,"a":1}', b'{"a": 1}', b'{"a":1.0}', b'{"a":NaN}', b'{"a":1e2}',
    b'{"a":-0}', b'"\\u0041"', b'"\\ud800"', b'{"\xc3\xa9":1}', b"\xff", b"", b"[1]\n",
    b'{"a":9007199254740993}', b"[" * 100_000, b"9" * 5_000, b'"\\/"',
])  # fmt: skip
def test_the_verifier_refuses_every_other_spelling(raw):
    with pytest.raises(verify.Loose):
        verify.exact_json(raw)
