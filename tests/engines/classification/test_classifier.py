"""A table is graded as one, by what its sample tells of the whole."""

import shutil

import pytest

from app.domain.classification.facts import ColumnSpec, TableSample, TableSpec
from app.engines.classification.classifier import Sight, TableVerdict, classify, reasons
from app.engines.classification.companies import known
from app.engines.classification.suggestions import grading_rules
from app.engines.classification.words import RULES
from app.engines.strict_yaml import BadRule

PEOPLE = TableSpec("t_person", "人员信息", "市某局", (
    ColumnSpec("xm", "姓名"), ColumnSpec("csrq", "出生日期"), ColumnSpec("xb", "性别"),
    ColumnSpec("zy", "职业"), ColumnSpec("sfzh", "身份证号")))
ROWS = {"xm": ["张三", "李四", "王五"], "csrq": ["1990-03-07", "1991-01-02", "1949-12-31"],
        "xb": ["男", "女", "男"], "zy": ["教师", "医生", "会计"],
        "sfzh": ["110108199003074615", "440305200111290386", "11010519491231002X"]}


def judged(spec: TableSpec, values: dict, total: int | None = None,
           sight: Sight = Sight.ALL) -> TableVerdict:
    return next(classify([TableSample(spec, values, total)], sight))


def test_rows_that_stand_out_single_people_out() -> None:
    assert "ESC-09" in judged(PEOPLE, ROWS).whole.applied


def test_a_table_of_more_than_a_million_people_awaits_review_whatever_its_sample_holds() -> None:
    whole = judged(PEOPLE, ROWS, total=2_600_000).whole
    assert "important-review" in whole.duties
    assert whole.level == 4


def levels(found: TableVerdict) -> dict[str, tuple[int, bool]]:
    return {name: (verdict.level, verdict.personal) for name, verdict in found.columns.items()}


def table(title: str, *titles: str) -> TableSpec:
    return TableSpec("t", title, "市某局", tuple(
        ColumnSpec(f"c{number}", each) for number, each in enumerate(titles)))


def test_what_a_rule_raises_stands_in_the_verdict_on_the_column_and_says_which_rule() -> None:
    found = judged(table("某表", "手机号码", "学历"), {}, sight=Sight.NAMES)
    assert levels(found)["c1"] == (3, True)
    assert any("ESC-08" in said for said in reasons(found.columns["c1"], "zh"))
    assert any("ESC-08" in said and "identifier" in said
               for said in reasons(found.columns["c1"], "en"))


def test_what_a_rule_raises_is_what_a_person_is_offered() -> None:
    offered = grading_rules().suggest(table("某表", "手机号码", "学历"))
    assert (offered["c1"].level, offered["c1"].personal) == (3, True)


def test_no_verdict_is_below_what_the_set_was_graded_by() -> None:
    found = judged(PEOPLE, ROWS)
    assert all(verdict.level >= item.level and verdict.personal >= item.personal
               for verdict, item in zip(found.columns.values(), found.whole.items, strict=True))


def test_a_code_of_enterprises_beside_people_makes_no_field_of_theirs_less() -> None:
    titles = ("姓名", "身份证号", "学历", "工作单位", "职业", "备注")
    alone = levels(judged(table("某表", *titles), {}, sight=Sight.NAMES))
    beside = levels(judged(table("某表", *titles, "统一社会信用代码"), {}, sight=Sight.NAMES))
    assert set(alone.values()) == {(3, True)}
    assert {name: beside[name] for name in alone} == alone


def test_staff_and_steps_of_a_case_are_not_what_describes_the_petitioner() -> None:
    """ESC-08 raises attributes of the person, not whatever stands in the same table."""
    found = judged(table("信访件信息", "信访人姓名", "手机号码", "经办人", "处理状态"), {},
                   sight=Sight.NAMES)
    assert levels(found)["c2"] == (2, True)
    assert levels(found)["c3"] == (2, False)


def test_officers_in_a_public_register_stay_as_the_register_publishes_them() -> None:
    spec = table("企业登记信息", "企业名称", "法定代表人", "法定代表人身份证号", "信用等级")
    found = judged(spec, {}, sight=Sight.NAMES)
    assert levels(found) == {"c0": (1, False), "c1": (2, True), "c2": (3, True), "c3": (1, False)}


def test_fields_no_register_publishes_are_personal_among_sole_traders() -> None:
    spec = table("缴费信息", "企业名称", "统一社会信用代码", "企业电话")
    rows = {"c0": ["李记面馆"], "c1": ["92320105MA1N4YR53T"], "c2": ["025-83340011"]}
    assert levels(judged(spec, rows))["c2"] == (2, True)
    firm = {**rows, "c1": ["91320105MA1N4YR53T"]}
    assert levels(judged(spec, firm))["c2"] == (2, False)


def test_every_field_of_enterprises_is_personal_where_all_are_sole_traders() -> None:
    found = judged(table("个体户缴费信息", "企业名称", "统一社会信用代码"), {},
                   sight=Sight.NAMES)
    assert all(personal for _, personal in levels(found).values())


def test_names_alone_are_judged_without_a_single_value() -> None:
    found = judged(PEOPLE, {}, sight=Sight.NAMES)
    assert found.profiles == {}
    assert found.columns["sfzh"].identifier == "resident_id"


def test_values_alone_are_judged_without_a_single_name() -> None:
    many = {"a": [f"138{n * 15485863 % 10 ** 8:08}" for n in range(1, 40)]}
    found = judged(TableSpec("t", "", "", (ColumnSpec("a", "身份证号"),)), many, sight=Sight.VALUES)
    assert found.columns["a"].identifier == "mobile_cn"


def test_no_value_of_a_sample_is_in_its_verdict() -> None:
    told = repr(judged(PEOPLE, ROWS))
    values = [value for column in ROWS.values() for value in column if len(value) > 1]
    assert [value for value in values if value in told] == []


def test_a_table_without_columns_or_rows_is_level_one_and_no_error() -> None:
    assert judged(TableSpec("t"), {}).whole.level == 1
    assert judged(PEOPLE, {name: [] for name in ROWS}).whole.level >= 3


NAMED = table("某表", "姓名", "手机号码")


@pytest.mark.parametrize(("rows", "total", "review"), [
    ({"c0": ["张三", "李四"], "c1": [None, None]}, None, True),
    ({"c0": ["张三", "李四"], "c1": [None, None]}, 2_000_000, True),
    ({"c0": [None, None], "c1": ["13800138000", "13900139000"]}, 2_000_000, True),
    ({"c0": ["张三", None], "c1": [None, None]}, 1_900_000, False),
    ({"c0": ["张三", "李四"], "c1": [None, None]}, 900_000, False)],
    ids=["unknown", "all-null-first", "all-null-second", "half-filled", "few"])
def test_people_are_counted_by_the_fullest_column_and_unknown_numbers_are_reviewed(
        rows, total, review) -> None:
    whole = judged(NAMED, rows, total).whole
    assert ("important-review" in whole.duties) is review
    assert ("ESC-11" in whole.applied) is review


def test_how_many_people_is_unknown_where_no_row_is_read() -> None:
    assert "important-review" in judged(NAMED, {}, sight=Sight.NAMES).whole.duties
    assert "important-review" not in judged(NAMED, {}, 0, sight=Sight.NAMES).whole.duties
    assert "important-review" not in judged(table("某表", "金额"), {}, sight=Sight.NAMES
                                            ).whole.duties


@pytest.mark.parametrize(("titles", "rows", "minors"), [
    (("姓名", "出生日期"), {"c0": ["张三"], "c1": ["2015-06-01"]}, True),
    (("姓名", "出生日期"), {"c0": ["张三"], "c1": ["2012年11月22日"]}, False),
    (("姓名", "出生日期"), {"c0": ["张三"], "c1": ["20121123"]}, True),
    (("姓名", "出生日期"), {"c0": ["张三"], "c1": ["9999-12-31"]}, False),
    (("姓名", "出生日期"), {"c0": ["张三"], "c1": ["2090-01-01"]}, False),
    (("姓名", "身份证号"), {"c0": ["张三"], "c1": ["11010520150601002X"]}, False),
    (("姓名", "身份证号"), {"c0": ["张三"], "c1": ["110105201506010024"]}, True)],
    ids=["day", "fourteen", "a-day-short", "no-end", "to-come", "wrong-check-digit", "in-the-id"])
def test_minors_are_known_by_the_days_they_were_born_on(titles, rows, minors) -> None:
    """On 2026-11-22, when the schemes were assessed."""
    whole = judged(table("某表", *titles), rows).whole
    assert ("ESC-21" in whole.applied) is minors
    assert (whole.level == 4) is minors


@pytest.mark.parametrize(("name", "code", "sole"), [
    ("李记面馆", "９２320105MA1N4YR53T", True), ("王芳小吃店", "", True),
    ("城南建材经营部", "", True), ("永昌商行", "", True), ("张三（个体工商户）", "", True),
    ("宁海市商业银行", "", False), ("大华服装有限公司第一分店", "", False),
    ("大华服装有限公司", "91320105MA1N4YR53T", False)])
def test_sole_traders_are_known_by_code_and_name_in_any_width(name, code, sole) -> None:
    spec = table("缴费信息", "企业名称", "统一社会信用代码", "企业电话")
    found = judged(spec, {"c0": [name], "c1": [code], "c2": ["025-83340011"]})
    assert ("ESC-20" in found.whole.applied) is sole


def test_a_company_rule_that_names_no_element_is_refused(tmp_path) -> None:
    folder = shutil.copytree(RULES, tmp_path / "rules")
    path = folder / "grading" / "companies.yaml"
    path.write_text(path.read_text("utf-8").replace("[birth_date]", "[birthday]"), "utf-8")
    with pytest.raises(BadRule, match="no element `birthday`"):
        known(folder)


def test_three_districts_are_one_trait_and_single_nobody_out() -> None:
    found = judged(table("缴费信息", "所属区县代码", "行政区划", "登记机关行政区划"), {},
                   sight=Sight.NAMES)
    assert {verdict.element for verdict in found.columns.values()} == {"ent_region"}
    assert "ESC-09" not in found.whole.applied


def test_district_sex_and_occupation_single_out_where_nothing_says_how_many_share_them() -> None:
    """The catalogue names the district among quasi-identifiers; an unknown k is taken for few."""
    found = judged(table("某表", "行政区划", "性别", "职业"), {}, sight=Sight.NAMES)
    assert "ESC-09" in found.whole.applied
    assert levels(found) == {"c0": (1, False), "c1": (3, True), "c2": (3, True)}


def test_a_list_of_children_in_kindergartens_is_of_children_and_not_of_kindergartens() -> None:
    found = judged(table("幼儿园在园幼儿", "姓名", "身份证号", "备注", "状态"), {},
                   sight=Sight.NAMES)
    assert set(levels(found).values()) == {(4, True)}
    assert "ESC-21" in found.whole.applied


def test_a_list_of_kindergartens_stays_one_of_kindergartens() -> None:
    found = judged(table("幼儿园园区信息", "幼儿园名称", "负责人姓名", "备注"), {},
                   sight=Sight.NAMES)
    assert "ESC-21" not in found.whole.applied
    assert levels(found)["c2"] == (1, False)


def test_what_is_sensitive_is_no_less_so_on_a_published_list() -> None:
    found = judged(table("公示名单", "姓名", "学籍号", "备注"), {}, sight=Sight.NAMES)
    assert levels(found)["c1"] == (4, True)
