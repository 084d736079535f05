"""A table is graded as one, by what its sample tells of the whole."""

from app.domain.classification.facts import ColumnSpec, TableSample, TableSpec
from app.engines.classification.classifier import Sight, TableVerdict, classify

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


def test_sole_traders_make_fields_of_enterprises_personal() -> None:
    spec = TableSpec("t_ent", "市场主体", "市场监管局", (
        ColumnSpec("qymc", "企业名称"), ColumnSpec("tyshxydm", "统一社会信用代码")))
    whole = judged(spec, {"qymc": ["李记面馆"], "tyshxydm": ["92320105MA1N4YR53T"]}).whole
    assert all(item.personal for item in whole.items)


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
