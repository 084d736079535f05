"""A profile counts distinct values by what they look like, and keeps none of them."""

import dataclasses
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.classification.folding import SEARCHED
from app.domain.classification.profiling import profile
from app.engines.classification.rules import identifiers
from tests.domain.classification.random_shapes import values

KNOWN = identifiers()
PEOPLE = [each for each in values(KNOWN["resident_id"].shape.pattern, 3000)
          if KNOWN["resident_id"].passes(each)][:60]


def of(*cells):
    return profile(cells, KNOWN)


def test_repeated_values_are_one_witness():
    found = of(*["13812345678"] * 900, "13912345678", None, "暂无")
    assert (found.rows, found.filled, found.distinct) == (903, 901, 2)
    assert found.hits["mobile_cn"].passed == 2
    assert round(found.top_share, 3) == 0.999
    assert found.null_words == {"暂无": 1}


@pytest.mark.parametrize("word", ["-", "无", "暂无", "null", "NULL", "\\N", "N/A", "/", "　",
"nan"])
def test_a_word_for_nothing_is_no_value(word):
    found = of(word, word, None, "")
    assert (found.rows, found.filled, found.distinct) == (4, 0, 0)
    assert not found.hits


@pytest.mark.parametrize("dress", [
    lambda value: value, lambda value: f" '{value}\t", lambda value: f"{value[:6]} {value[6:14]} "
    f"{value[14:]}", lambda value: value.lower(), lambda value: "".join(
        chr(ord(char) + 0xFEE0) for char in value)])
def test_an_identity_number_counts_in_any_dress(dress):
    found = of(*map(dress, PEOPLE))
    assert found.hits["resident_id"].passed == found.distinct == len(set(PEOPLE))


def test_shape_and_check_are_counted_apart():
    broken = [value[:17] + ("0" if value[17] != "0" else "1") for value in PEOPLE]
    hit = of(*PEOPLE, *broken).hits["resident_id"]
    assert (hit.shaped, hit.passed) == (2 * len(PEOPLE), len(PEOPLE))


def test_starred_values_count_as_masked():
    found = of("138****1234", "139****0000", "***********", "13812345678")
    assert (found.hits["mobile_cn"].masked, found.hits["mobile_cn"].passed) == (2, 1)
    assert of("138xxxx1234", "1101051949XXXX002X").hits["resident_id"].masked == 1
    assert of("138xxxx1234").hits["mobile_cn"].masked == 1
    assert of("彭某某", "张*").hits["person_name_zh"].masked == 2


@pytest.mark.parametrize(("cell", "identifier"), [
    ("经核实，已与其本人联系（13935399900），表示理解。", "mobile_cn"),
    ('{"idCard": "11010519491231002X", "phone": ""}', "resident_id"),
    ("身份证_侯思涛.jpg", "person_name_zh"),
    ("S110108199003074615", "resident_id"),
    ("11010819900307461500", "resident_id"),
    ("与某公司交通事故，对方车牌苏A60167，未赔付", "plate"),
    ("举报玄武区星鑫家政服务有限公司关门", "company_name"),
    ("家住南京市雨花台区和悦家园小区32幢643室，请处理", "address_zh"),
])
def test_what_stands_within_a_longer_value_is_contamination(cell, identifier):
    hit = of(cell).hits[identifier]
    assert (hit.within, hit.passed) == (1, 0)


@pytest.mark.parametrize("cell", ["13812345678/13912345678", "13812345678、13912345678",
                                  "13812345678 13912345678", "13812345678;13912345678"])
def test_a_list_of_one_identifier_is_that_identifier(cell):
    hit = of(cell).hits["mobile_cn"]
    assert (hit.passed, hit.within) == (1, 0)


def test_dates_in_every_form_have_their_years():
    found = of("2024-01-02", "1998/3/4", "20001231", "2011年5月6日", "9999-12-31",
               "2020-01-01 08:30:00")
    assert found.dates == 1.0
    assert found.years == (1998, 2024)
    assert found.timed == pytest.approx(1 / 6)


def test_numbers_and_fractions_are_shares():
    found = of("1", "2.5", "1,234.50", "abc")
    assert (found.numeric, found.decimal) == (0.75, 0.5)


def test_rounded_numbers_are_reported_as_lost():
    assert of("1.10105E+17", "1.10106E+17", "13812345678").lost_precision == 2
    assert of(*(f"1101051949123{tail:02}000" for tail in range(20))).lost_precision == 20
    assert of("110105194912310000", *PEOPLE).lost_precision == 0


def test_a_counter_is_known_in_any_order():
    serials = [str(13800000000 + step) for step in range(200)]
    assert of(*serials).rising
    assert of(*serials[::-1]).rising
    assert of(*sorted(serials, key=lambda serial: serial[::-1])).rising
    assert not of(*PEOPLE).rising


def test_days_of_one_year_in_any_order_are_no_counter():
    days = [f"2024{month:02}{day:02}" for day in range(1, 29) for month in range(1, 13)]
    assert not of(*days).rising


def test_lengths_and_shapes_are_those_of_the_folded_values():
    found = of("京A12345", "京A1234５", "苏AD12345")
    assert found.lengths == (7, 7, 8)
    assert dict(found.shapes) == {"字A9{5}": 1, "字AA9{5}": 1}


def test_a_profile_holds_no_value():
    cells = [*PEOPLE, "王建国", "联系人贾军 18186269448", "zhang@example.com"]
    told = json.dumps(dataclasses.asdict(of(*cells)), ensure_ascii=False)
    for cell in [*PEOPLE, "王建国", "贾军", "18186269448", "zhang"]:
        assert cell not in told


@pytest.mark.parametrize("unit", [
    "1", "a", "a@", "1 ", "1-", "a:", "*", "1*", "买·", "62", "(2024)京", "姓名:", "有限公司",
    "中路1号",
    "(2020)中中中中中中", "京A", "1,111,", "\n", "e\u0301\u0301", "\ufdfa", '{"a":"110105"}',
    "中"])
def test_I05_fifty_kilobytes_of_hostile_text_take_less_than_a_tenth_of_a_second(unit):
    cell = (unit * 50_000)[:50_000]
    began = time.process_time()
    found = of(cell)
    assert time.process_time() - began < 0.1
    assert found.cut <= 1 and found.filled in (0, 1)


def test_a_cell_beyond_the_bound_is_told():
    assert of("字" * 50_000, "短").cut == 1


@pytest.mark.parametrize("place", [0, 3_590, 3_992, 3_999, 4_000, 4_090, 6_000, SEARCHED - 20])
@pytest.mark.parametrize(("value", "identifier"), [
    ("13912345678", "mobile_cn"), (PEOPLE[0], "resident_id"), ("zhang@example.com", "email")])
def test_a_long_cell_is_searched_up_to_the_bound_wherever_a_value_stands(place, value, identifier):
    assert of("述" * place + value + "。" + "述" * SEARCHED).hits[identifier].within == 1
    assert of("述" * place + value).cut == 0


@given(st.lists(st.none() | st.text(max_size=40) | st.from_regex(
    r"[0-9Xx*年月日号路店公司1-9A-Z@.:/ ()-]{1,30}", fullmatch=True), max_size=30))
@settings(max_examples=150, deadline=None)
def test_whatever_a_column_holds_shares_are_shares_and_counts_are_counts(cells):
    found = profile(cells, KNOWN)
    assert found.rows == len(cells) and found.distinct <= found.filled <= found.rows
    for share in (found.han, found.digits, found.latin, found.numeric, found.decimal, found.dates,
                  found.timed, found.top_share):
        assert 0 <= share <= 1
    for hit in found.hits.values():
        assert hit.passed <= hit.shaped <= found.distinct
        assert hit.masked <= found.distinct and hit.within <= found.distinct


def test_numerals_of_other_scripts_are_no_error():
    kharosthi = [chr(0x10A40 + digit) * 9 for digit in range(4)] * 8
    assert of(*kharosthi, "\u0661" * 11, "\u00b2" * 8).distinct == 6


def test_nothing_at_all_has_an_empty_profile():
    assert of() == profile([], KNOWN)
    assert of(None, None).rows == 2
