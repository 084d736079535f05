"""Values are compared in one width and case, and a place in the folded text leads back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.classification.folding import (
    SEARCHED,
    compact,
    fold,
    fold_with_places,
    lost_precision,
    zero_tailed,
)


@pytest.mark.parametrize(("value", "folded"), [
    ("１１０１０５１９４９１２３１００２ｘ", "11010519491231002X"),
    ("'110105194912310021", "110105194912310021"),
    ("  91350100m000100y43\t", "91350100M000100Y43"),
    ("\ufeff13812345678\u200b", "13812345678"),
    ("买买提•艾力", "买买提·艾力"),
    ("冀（2021）石家庄", "冀(2021)石家庄"),
    ("〔2024〕7号", "[2024]7号"),
    ("13800138000.0", "13800138000"),
    ("350.0", "350.0"),
    ("张●●", "张**"),
    ("", ""),
])
def test_one_value_has_one_folded_form(value, folded):
    assert fold(value) == folded


def test_folding_twice_changes_nothing_more():
    for value in ("'１３８", "ｅ１", " a.0 ", "买•"):
        assert fold(fold(value)) == fold(value)


@pytest.mark.parametrize(("folded", "bare"), [
    ("1101 0819-9003 0746 15", "110108199003074615"),
    ("京A·12345", "京A12345"),
    ("D2143569-X", "D2143569X"),
    ("王 伟", "王 伟"),
    ("-12", "-12"),
])
def test_separators_between_letters_and_digits_are_left_aside(folded, bare):
    assert compact(folded) == bare


@pytest.mark.parametrize(("folded", "lost"), [
    ("1.10105E+17", True), ("1.10105E17", True), ("6E+18", True), ("1.1E+5", False),
    ("110105194912310020", False), ("E12345678", False)])
def test_a_number_that_a_spreadsheet_rounded_is_known(folded, lost):
    assert lost_precision(folded) is lost


def test_zeros_after_the_fifteenth_digit_are_known():
    assert zero_tailed("110105194912310000")
    assert not zero_tailed("110105194912310010")
    assert not zero_tailed("110108001000")


@given(st.text(max_size=60))
def test_every_folded_sign_has_its_place_in_the_original(text):
    folded, places = fold_with_places(text)
    assert len(places) == len(folded) + 1
    assert places == sorted(places) and places[-1] == len(text)


def test_a_long_cell_is_read_up_to_the_bound():
    assert len(fold("1" * 50_000)) == SEARCHED
    assert len(fold_with_places("中" * 50_000)[0]) == SEARCHED
