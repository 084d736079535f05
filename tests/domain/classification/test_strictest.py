"""What a table is about is read from its title first; columns only add to what it may be."""

import pytest

from app.domain.classification.elements import Elements
from app.domain.classification.facts import ColumnSpec, TableSpec
from app.domain.classification.grounds import Counts
from app.domain.classification.strictest import Possible, narrowed, possible, strictest
from app.domain.classification.verdicts import Verdict
from app.engines.classification.words import elements

BOOK: Elements = elements()


def may_be(title: str, *titles: str) -> Possible:
    return possible(TableSpec("t", title, "", tuple(
        ColumnSpec(f"c{number}", each) for number, each in enumerate(titles))), BOOK)


def test_a_title_that_names_a_business_leaves_no_other_to_choose_from() -> None:
    told = may_be("企业登记信息", "学籍号", "年级").told
    assert told.business.id == "market_register"
    assert narrowed(told, BOOK).businesses == (told.business,)
    assert narrowed(may_be("某表", "学籍号").told, BOOK) is BOOK


@pytest.mark.parametrize(("title", "columns", "people"), [
    ("某表", ("身份证号", "统一社会信用代码", "企业名称"), True),
    ("某表", ("统一社会信用代码", "企业名称"), False),
    ("某表", ("法定代表人身份证号", "企业名称"), False),
    ("企业登记信息", ("姓名", "身份证号", "企业名称"), False),
    ("企业贷款信息", ("身份证号", "企业名称"), True),
    ("贷款信息", ("企业名称", "统一社会信用代码"), True),
    ("企业贷款信息", ("企业名称", "统一社会信用代码"), False)])
def test_identifiers_of_people_make_rows_people_unless_the_title_says_published(
        title, columns, people) -> None:
    assert may_be(title, *columns).under("persons") is people


def test_a_published_table_is_no_longer_only_that_once_its_rows_are_shown_to_be_people() -> None:
    assert may_be("公示名单", "名称", "备注").published
    assert not may_be("公示名单", "姓名", "身份证号", "备注").published
    assert may_be("企业登记信息", "姓名", "身份证号").published


@pytest.mark.parametrize(("title", "level", "why"), [
    ("某表", 4, ["regime"]), ("人口信息", 4, ["own"]), ("高校学生学籍", 3, [])])
def test_a_school_roll_is_below_its_own_level_only_where_the_title_names_grown_students(
        title, level, why) -> None:
    found = {"c0": Verdict("school_roll", None, 3, True, 1.0)}
    about = may_be(title, "学籍号", "姓名", "身份证号")
    raised = strictest(found, {"c0": Counts()}, about, BOOK)["c0"]
    assert (raised.level, [reason.code for reason in raised.why]) == (level, why)


def test_a_table_of_which_no_name_was_read_has_no_other_setting() -> None:
    assert may_be("", "一二三四").also == ()
    assert may_be("").told.regime == "neutral"
