"""What is known to go wrong in finding Chinese identifiers, one test or more for each trap."""

import inspect
from random import Random  # noqa: TID251 - seeded, so that a measured share can be had again

import numpy
import pytest

from app.domain.classification import identifiers as identifiers_module
from app.domain.classification.folding import fold, fold_with_places
from app.domain.classification.identifiers import AFTER, BEFORE
from app.domain.classification.profiling import profile
from app.engines.classification.chinese_names import names
from app.engines.classification.recognizers import analyzer
from app.engines.classification.rules import identifiers
from tests.domain.classification.random_shapes import values

KNOWN = identifiers()
BESIDE_CHINESE = [(each.id, value) for each in KNOWN if each.text for value in each.examples.valid
                  if each.text.fullmatch(fold(value))]


def digits(many, size, start="", seed=3):
    chance = Random(seed)
    return [start + "".join(chance.choices("0123456789", k=size - len(start)))
            for _ in range(many)]


def passed(cells, identifier):
    found = profile(cells, KNOWN)
    hit = found.hits.get(identifier)
    return (hit.passed / found.distinct) if hit else 0.0


@pytest.mark.parametrize(("name", "value"), BESIDE_CHINESE)
def test_trap_01_a_value_directly_between_chinese_words_is_found_whole(name, value):
    text = f"证件{value}核验"
    folded, places = fold_with_places(text)
    spans = [(places[start], places[end]) for start, end in KNOWN[name].spans(folded)]
    assert [text[start:end] for start, end in spans] == [value]


@pytest.mark.parametrize(("name", "value"), BESIDE_CHINESE)
def test_trap_01_a_value_beside_latin_letters_or_digits_is_another_value(name, value):
    for text in (f"X{value}", f"{value}7"):
        assert value not in [text[start:end] for start, end in KNOWN[name].spans(text)]


def test_trap_01_an_address_does_not_swallow_the_chinese_before_it():
    text = "请发邮箱zhang.san@example.com谢谢"
    result, = [each for each in analyzer().analyze(text, "zh") if each.entity_type == "email"]
    assert text[result.start:result.end] == "zhang.san@example.com"


def test_trap_01_no_pattern_of_ours_uses_word_boundaries():
    assert BEFORE == "(?<![0-9A-Za-z])" and AFTER == "(?![0-9A-Za-z])"
    for each in KNOWN:
        if each.text:
            assert each.text.pattern.startswith(BEFORE) and each.text.pattern.endswith(AFTER)
    assert "\\b" not in inspect.getsource(identifiers_module)


@pytest.mark.parametrize(("cell", "identifier"), [
    ("１１０１０５１９４９１２３１００２Ｘ", "resident_id"), ("110105 19491231 002x",
     "resident_id"),
    ("110105-19491231-002X", "resident_id"), ("'110108199003074615", "resident_id"),
    ("91350100m000100y43", "uscc"), ("９１３５０１００Ｍ０００１００Ｙ４３", "uscc"),
    ("6217 0000 1000 1234 569", "bank_card"), ("138-1234-5678", "mobile_cn"),
    ("+86 13812345678", "mobile_cn"), ("8613812345678", "mobile_cn"),
    ("008613812345678", "mobile_cn"), ("13812345678.0", "mobile_cn"), ("京A·12345", "plate"),
    ("买买提•艾力", "person_name_zh"), ("110105491231002", "resident_id_15")])
def test_trap_02_the_same_value_in_another_dress(cell, identifier):
    assert passed([cell], identifier) == 1.0


def test_trap_02_a_rounded_number_is_told_as_lost_not_guessed():
    found = profile(["1.10105E+17", "1.10106E+17", "1.10107E+17"], KNOWN)
    assert found.lost_precision == 3
    assert "resident_id" not in found.hits


@pytest.mark.parametrize(("identifier", "size", "start", "least", "most"), [
    ("bank_card", 19, "62", 0.07, 0.13),
    ("org_code", 9, "", 0.06, 0.12),
    ("biz_reg_15", 15, "", 0.07, 0.13),
    ("imei", 15, "86", 0.07, 0.13),
    ("mobile_cn", 11, "1", 0.48, 0.65),
    ("resident_id", 18, "", 0.0, 0.005),
    ("uscc", 18, "9132", 0.0, 0.06),
    ("credit_institution_code", 16, "", 0.0, 0.03)])
def test_trap_03_random_serials_pass_at_about_the_floor(identifier, size, start, least, most):
    assert least <= passed(digits(2000, size, start), identifier) <= most


def test_trap_03_a_checksum_tells_on_a_column_what_it_cannot_on_a_value():
    real = [card for card in digits(4000, 19, "621700") if KNOWN["bank_card"].passes(card)][:200]
    assert passed(real, "bank_card") == 1.0
    assert passed(digits(200, 19, "621700", seed=8), "bank_card") < 0.2


def test_trap_04_an_enterprise_code_and_a_foreigners_card_are_told_apart_by_their_checks():
    foreigners = [each for each in values(KNOWN["foreigner_pr_2023"].shape.pattern, 3000)
                  if KNOWN["foreigner_pr_2023"].passes(each)][:100]
    codes = [each for each in values("9[1-3]32010[0-9A-HJ-NP-RTUWXY]{11}", 8000)
             if KNOWN["uscc"].passes(each)][:100]
    assert passed(foreigners, "foreigner_pr_2023") == 1.0 and passed(foreigners, "uscc") < 0.12
    assert passed(codes, "uscc") == 1.0 and passed(codes, "foreigner_pr_2023") < 0.05


def test_trap_04_an_institutions_code_of_digits_is_no_identity_number():
    codes = [each for each in values(r"1232010\d{11}", 20000) if KNOWN["uscc"].passes(each)][:200]
    assert passed(codes, "uscc") == 1.0 and passed(codes, "resident_id") < 0.02


def test_trap_04_a_region_code_is_known_by_its_list_and_a_postcode_by_its_name_only():
    regions = ["320102", "320104", "320105", "110108", "440305"]
    postcodes = ["210008", "210467", "100080", "050000", "518000"]
    assert passed(regions, "region_code") == 1.0
    assert passed(postcodes, "region_code") < 0.5
    assert passed(regions, "postcode") == passed(postcodes, "postcode") == 1.0
    assert KNOWN["postcode"].strength == "context-only"


def test_trap_05_a_sole_traders_tax_number_shows_the_person_within():
    hits = profile(["11010819900307461500", "32010219531029720502"], KNOWN).hits
    assert hits["resident_id"].within >= 1
    assert hits["taxpayer_id"].passed >= 1


def test_trap_06_a_repeated_value_is_one_witness():
    found = profile(["11010519491231002X"] * 5000 + ["-"] * 10 + ["其他"], KNOWN)
    assert found.hits["resident_id"].passed == 1 and found.distinct == 2


def test_trap_06_one_find_in_many_remarks_is_a_count_not_a_verdict():
    remarks = [f"第{number}次回访，群众表示满意" for number in range(2000)]
    found = profile([*remarks, "请回信至zhang@example.com谢谢"], KNOWN)
    assert found.hits["email"].within == 1 and found.hits["email"].passed == 0
    assert found.distinct == 2001


def test_trap_06_more_values_do_not_make_it_blinder():
    person, noise = "11010519491231002X", digits(4000, 7)
    for many in (50, 4000):
        assert profile([person, *noise[:many]], KNOWN).hits["resident_id"].passed == 1


def test_trap_09_no_recognizer_and_no_model_but_ours_is_loaded():
    engine = analyzer().nlp_engine
    assert type(engine).__module__.startswith("app.engines.classification")
    for recognizer in analyzer().get_recognizers():
        assert type(recognizer).__module__.startswith("app.engines.classification")


def test_trap_10_padding_never_enters_the_tagger():
    """Each batch holds texts of one length; that the answer is then the same, see the names."""
    from app.engines.classification.lac_model import _buckets

    texts = ["a" * (number % 7) for number in range(1000)]
    for places in _buckets(texts):
        assert len({len(texts[place]) for place in places}) == 1


def test_trap_10_a_batch_of_one_length_gives_the_very_same_figures_as_one_by_one():
    session = names().tagger.session
    codes = numpy.array([[17, 5, 930, 44, 2], [8, 8, 71, 3000, 12], [1, 2, 3, 4, 5]])
    size = numpy.full(3, 5)
    together = session.run(None, {"token_ids": codes, "length": size})[0]
    for place in range(3):
        alone = session.run(None, {"token_ids": codes[place:place + 1], "length": size[:1]})[0]
        assert numpy.array_equal(alone[0], together[place])


def test_trap_11_cells_without_a_hit_are_in_the_denominator():
    found = profile(["zhang@example.com", *map(str, range(99))], KNOWN)
    assert found.hits["email"].passed == 1 and found.distinct == 100
