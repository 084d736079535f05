"""Tokens join what belongs together, and shaped ones keep shape, check digit and distinctness."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engines.classification.rules import identifiers
from kit.hufu_mask import CannotMask, Key, mask
from kit.hufu_mask.feistel import luhn, mod_11_2, permuted

KEY, OTHER = Key("k1", bytes(range(32))), Key("k2", bytes(range(1, 33)))
FORM = re.compile(r"k1\.[A-Z2-7]{26}")
RULES = {rule.id: rule for rule in identifiers()}
RESIDENTS = st.builds(
    lambda region, day, tail: (body := region + day + tail) + mod_11_2(body),
    st.sampled_from(["110105", "440305", "310115", "654321"]),
    st.dates().filter(lambda day: 1900 <= day.year <= 2025).map(lambda day: day.strftime("%Y%m%d")),
    st.integers(0, 999).map("{:03}".format))
MOBILES = st.builds("{}{:08}".format, st.sampled_from(["130", "138", "159", "166", "199"]),
                    st.integers(0, 10 ** 8 - 1))
CARDS = st.builds(lambda issuer, rest: (body := issuer + rest) + luhn(body),
                  st.sampled_from(["621700", "622588", "622848"]),
                  st.integers(0, 10 ** 12 - 1).map("{:012}".format))


def token(value, kind="text", field="f", key=KEY, **more):
    return mask(value, "TOKENIZE", kind=kind, field=field, key=key, **more)


@pytest.mark.parametrize("key", [
    None, "secret", b"x" * 32, ("k1", bytes(range(32))), Key("k1", b""), Key("k1", b"short"),
    Key("k1", bytes(range(31))), Key("", bytes(range(32))), Key("K 1", bytes(range(32))),
    Key("k1", "x" * 32), Key("k1", bytes(32)), Key("k1", b"passwordpasswordpasswordpassword")])
def test_a_key_that_is_missing_short_or_nameless_is_refused(key):
    for value in ("13812341234", "", None):
        with pytest.raises(CannotMask) as refusal:
            token(value, key=key)
        assert "passw" not in str(refusal.value)


def test_a_key_does_not_print_its_secret():
    assert "x01" not in repr(KEY) and "k1" in repr(KEY)


@pytest.mark.parametrize("field", ["", None, 3])
def test_a_token_is_made_for_a_named_field(field):
    with pytest.raises(CannotMask):
        token("13812341234", field=field)


@given(st.text(min_size=1, max_size=60).filter(lambda text: text.strip()))
def test_a_token_has_one_length_and_is_the_same_again(value):
    found = token(value)
    assert found == token(value)
    assert found == "" or FORM.fullmatch(found)


def test_tokens_of_two_fields_keys_and_kinds_differ():
    found = {token("110105194912310"), token("110105194912310", field="g"),
             token("110105194912310", key=OTHER), token("110105194912310", kind="imei")}
    assert len(found) == 4


@pytest.mark.parametrize("one, other, kind", [
    ("11010519491231002X", "１１０１０５ 19491231 002x", "resident_id"),
    ("13812341234", "+86 138-1234-1234", "mobile_cn"),
    ("91350100m000100y43", "91350100M000100Y43", "uscc")])
def test_two_writings_of_one_value_give_one_token(one, other, kind):
    assert token(one, kind) == token(other, kind)
    assert token(one, kind, keep_shape=True) == token(other, kind, keep_shape=True)


@settings(max_examples=150, deadline=None)
@given(RESIDENTS)
def test_a_shaped_resident_number_is_one_of_the_same_province(value):
    found = token(value, "resident_id", keep_shape=True)
    assert found != value and found[:2] == value[:2]
    assert RULES["resident_id"].passes(found)


@settings(max_examples=150, deadline=None)
@given(MOBILES)
def test_a_shaped_mobile_number_is_of_a_released_range(value):
    found = token(value, "mobile_cn", keep_shape=True)
    assert found != value and RULES["mobile_cn"].passes(found)


@settings(max_examples=150, deadline=None)
@given(CARDS)
def test_a_shaped_card_number_is_of_the_same_issuer_and_passes_its_check(value):
    found = token(value, "bank_card", keep_shape=True)
    assert found != value and found[:6] == value[:6] and len(found) == len(value)
    assert RULES["bank_card"].passes(found)


@pytest.mark.parametrize("value, kind", [
    ("110105194912310021", "resident_id"), ("11010519490230002X", "resident_id"),
    ("6217000010001234568", "bank_card"), ("12812341234", "mobile_cn"), ("12345", "text"),
    ("王建国", "person_name_zh")])
def test_what_has_not_the_shape_gets_a_plain_token(value, kind):
    assert FORM.fullmatch(token(value, kind, keep_shape=True))


def test_the_permutation_is_one_to_one_and_no_two_keys_agree():
    every = [f"{number:04}" for number in range(10_000)]
    assert sorted(permuted(KEY, "t", digits) for digits in every) == every
    odd = [f"{number:03}" for number in range(1_000)]
    assert sorted(permuted(KEY, "t", digits) for digits in odd) == odd
    agree = sum(permuted(KEY, "t", digits) == permuted(OTHER, "t", digits) for digits in every)
    assert agree < 10


def test_two_values_never_share_a_shaped_token():
    values = [f"138{number:08}" for number in range(0, 3000)]
    assert len({token(value, "mobile_cn", keep_shape=True) for value in values}) == len(values)
