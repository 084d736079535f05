"""Names of columns are read alike in Chinese, English and pinyin."""

import pytest

from app.domain.classification.naming import HEADLESS, read_code, read_title, tokens_of
from app.engines.classification.words import elements

BOOK = elements()


def first(name: str, title: bool) -> tuple[str, str]:
    read = (read_title if title else read_code)(name, BOOK.lexicon)
    return (read[0].subject, read[0].head) if read else ("", "")


@pytest.mark.parametrize(("title", "subject", "head"), [
    ("法定代表人证件号码", "legal_rep", "resident_id"),
    ("法定代表人", "legal_rep", HEADLESS),
    ("联络员手机号码", "contact", "mobile"),
    ("评价机构统一社会信用代码", "authority", "uscc"),
    ("登记单位ID", "authority", "tech_key"),
    ("答复人姓名", "staff", "person_name"),
    ("单位名称", "unit", "name"),
    ("民族代码", "", "ethnic"),
    ("民族（中文）", "", "ethnic"),
    ("借款人婚姻状况", "person", "marriage"),
    ("学生家庭住址", "student", "home_addr"),
    ("企业类型代码", "", "ent_type"),
])
def test_a_title_says_whose_and_what(title: str, subject: str, head: str) -> None:
    ways = {(r.subject, r.head) for r in read_title(title, BOOK.lexicon)[:2]}
    assert (subject, head) in ways


@pytest.mark.parametrize(("code", "head"), [
    ("fddbrzjhm", "resident_id"), ("LXDH", "phone"), ("xm", "person_name"), ("sfzh", "resident_id"),
    ("tyshxydm", "uscc"), ("UNI_SOCIAL_CRD_CD", "uscc"), ("entName", "ent_name"),
    ("createtime", "tech_time"), ("birth_dt", "birth_date"), ("reg_capt", "ent_capital"),
    ("hjdz", "hukou_addr"), ("xueli", "education"), ("shenfenzhenghao", "resident_id"),
])
def test_a_code_name_reads_as_its_title_would(code: str, head: str) -> None:
    assert first(code, title=False)[1] == head


@pytest.mark.parametrize("title", ["是否匿名", "是否法院已受理", "是否普惠幼儿园"])
def test_a_question_is_a_flag_whatever_it_asks_about(title: str) -> None:
    assert first(title, title=True)[1] == "flag"


@pytest.mark.parametrize("title", ["参保人数", "从业人员数量", "逾期天数"])
def test_a_count_of_people_is_no_name_of_a_person(title: str) -> None:
    assert first(title, title=True)[1] not in {"person_name", "resident_id", HEADLESS}


@pytest.mark.parametrize("name", ["", "   ", "123", "___", "()", "（）", "\u3000", "é̂", "💾",
                                  "ъ" * 500])
def test_a_name_without_words_reads_as_nothing(name: str) -> None:
    assert read_title(name, BOOK.lexicon) == () or read_title(name, BOOK.lexicon)[0].weight < 0.5
    assert read_code(name, BOOK.lexicon) == () or read_code(name, BOOK.lexicon)[0].weight < 0.5


@pytest.mark.parametrize("name", ["法" * 3000, "a" * 3000, "sfzh" * 800, "_" * 3000,
                                  "证件号码" * 800])
def test_the_longest_name_is_read_in_bounded_time(name: str) -> None:
    read_title(name, BOOK.lexicon)
    read_code(name, BOOK.lexicon)


def test_code_names_split_at_signs_and_capitals() -> None:
    assert tokens_of("LegalRep_certNo2") == ["legal", "rep", "cert", "no", "2"]
