"""A verdict follows the company a column keeps, and its values above its name."""

import pytest

from app.domain.classification.facts import ColumnSpec, TableSample, TableSpec
from app.domain.classification.verdicts import Verdict
from app.engines.classification.classifier import Sight, classify, reasons

IDS = ["110108199003074615", "440305200111290386", "11010519491231002X"]


def judged(title: str, values: dict | None = None, **columns: str) -> dict[str, Verdict]:
    spec = TableSpec("t", title, "", tuple(ColumnSpec(code, zh) for code, zh in columns.items()))
    sight = Sight.ALL if values else Sight.NAMES
    return next(iter(classify([TableSample(spec, values or {})], sight))).columns


def test_the_same_date_is_a_fact_on_a_register_and_a_persons_among_people() -> None:
    register = judged("行政许可公示信息", mc="企业名称", dm="统一社会信用代码", rq="登记日期")
    people = judged("人员信息", xm="姓名", sfz="身份证号", rq="登记日期")
    assert (register["rq"].level, register["rq"].personal) == (1, False)
    assert (people["rq"].level, people["rq"].personal) == (3, True)


@pytest.mark.parametrize(("title", "level"), [("小学学生信息", 4), ("高校学生信息", 3)])
def test_pupils_who_may_be_under_fourteen_are_graded_above_students(title: str, level: int) -> None:
    found = judged(title, xm="姓名", sfzh="身份证号", bj="班级名称")
    assert found["bj"].level == level


def test_keys_times_and_offices_stay_technical_among_people() -> None:
    found = judged("人员信息", xm="姓名", sfzh="身份证号", id="主键", gxsj="更新时间",
                   fzjg="发证机关")
    assert {found[name].level for name in ("id", "gxsj", "fzjg")} == {1}


def test_values_above_the_name_an_enterprise_phone_of_mobiles_is_personal() -> None:
    mobiles = [f"138{n * 15485863 % 10 ** 8:08}" for n in range(1, 60)]
    found = judged("企业用水用户信息", {"dh": mobiles}, dh="企业联系电话")
    assert (found["dh"].level, found["dh"].personal) == (3, True)


def test_an_identity_number_in_a_remark_sets_the_level_of_the_remark() -> None:
    texts = ["已办结", "材料齐全", f"补录{IDS[0]}", "转办", "无异议"]
    found = judged("企业备案公示信息", {"bz": texts}, bz="备注")
    assert (found["bz"].level, found["bz"].personal) == (3, True)
    assert any("ESC-18" in sentence for sentence in reasons(found["bz"]))


def test_values_against_the_name_are_told_as_such() -> None:
    found = judged("企业信息", {"dm": IDS * 5}, dm="统一社会信用代码")["dm"]
    assert found.identifier == "resident_id"
    assert any(reason.code == "against" for reason in found.why)


def test_none_seen_is_told_with_its_bound_and_never_as_none_there() -> None:
    words = [f"说明{n}" for n in range(299)]
    found = judged("企业信息", {"sj": words}, sj="手机号码")["sj"]
    said = next(reason for reason in found.why if reason.code == "none")
    assert dict(said.blanks)["bound"] == "1.0%"


def test_a_column_nobody_can_read_is_unsure_and_not_silent() -> None:
    found = judged("", q="")["q"]
    assert found.confidence < 0.2
    assert found.level >= 1
    assert found.why
