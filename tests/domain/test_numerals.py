"""Dates and money are written as official letters write them."""

from datetime import date

import pytest

from app.domain.numerals import capital_money, chinese_date, chinese_number, english_date


@pytest.mark.parametrize(("fen", "words"), [
    (0, "人民币零元整"),
    (1, "人民币壹分"),
    (10, "人民币壹角整"),
    (56, "人民币伍角陆分"),
    (100_00, "人民币壹佰元整"),
    (101_00, "人民币壹佰零壹元整"),
    (1409_50, "人民币壹仟肆佰零玖元伍角整"),
    (6007_14, "人民币陆仟零柒元壹角肆分"),
    (1680_32, "人民币壹仟陆佰捌拾元叁角贰分"),
    (107_000_53, "人民币壹拾万柒仟元伍角叁分"),
    (16_409_02, "人民币壹万陆仟肆佰零玖元零贰分"),
    (325_04, "人民币叁佰贰拾伍元零肆分"),
    (10_00, "人民币壹拾元整"),
    (100_000_000_00, "人民币壹亿元整"),
    (100_000_001_00, "人民币壹亿零壹元整"),
    (100_010_000_00, "人民币壹亿零壹万元整"),
    (10_001_000_00, "人民币壹仟万壹仟元整"),
    (1_000_100_000_00, "人民币壹拾亿零壹拾万元整"),
    (1_234_567_890_123_45, "人民币壹万贰仟叁佰肆拾伍亿陆仟柒佰捌拾玖万零壹佰贰拾叁元肆角伍分"),
    (1_000_000_000_000_00, "人民币壹万亿元整"),
    (1_000_000_000_001_00, "人民币壹万亿零壹元整"),
])
def test_money_is_written_in_capital_numerals(fen, words):
    assert capital_money(fen) == words


@pytest.mark.parametrize("fen", [-1, 10**18])
def test_money_outside_the_writable_range_is_refused(fen):
    with pytest.raises(ValueError, match="fen"):
        capital_money(fen)


@pytest.mark.parametrize(("day", "words"), [
    (date(2026, 11, 22), "二〇二六年十一月二十二日"),
    (date(2030, 10, 10), "二〇三〇年十月十日"),
    (date(2027, 1, 30), "二〇二七年一月三十日"),
    (date(2008, 12, 31), "二〇〇八年十二月三十一日"),
])
def test_a_letter_is_dated_in_chinese_characters(day, words):
    assert chinese_date(day) == words


@pytest.mark.parametrize(("number", "words"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"),
                                                (21, "二十一"), (99, "九十九")])
def test_articles_are_numbered_in_words(number, words):
    assert chinese_number(number) == words


@pytest.mark.parametrize("number", [0, 100])
def test_numbers_beyond_two_digits_are_not_worded(number):
    with pytest.raises(ValueError, match="1 to 99"):
        chinese_number(number)


def test_an_english_sentence_names_the_month():
    assert english_date(date(2027, 6, 30)) == "30 June 2027"
