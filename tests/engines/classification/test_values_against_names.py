"""A name that misleads never lowers what its values show; what a person refused, values may say."""

from random import Random  # noqa: TID251 - seeded, so that a failing case can be shown again

import pytest

from app.domain.classification.checksums import luhn, mod_11_2
from app.domain.classification.facts import ColumnSpec, TableSample, TableSpec
from app.domain.classification.verdicts import Verdict
from app.engines.classification.classifier import classify, reasons

LYING = ("业务编号", "流水号", "登记日期", "企业类型", "许可状态", "办理窗口")
TEXTS = ("处理结果", "备注", "反馈意见")
COUNT = 200


def _checked(holds, body: str, tail: str) -> str:
    return next(body + last for last in tail if holds(body + last))


def _resident_ids(chance: Random) -> list[str]:
    born = [f"{chance.randint(1955, 2004)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
            for _ in range(COUNT)]
    return [_checked(mod_11_2, f"{chance.choice(('110105', '310104', '440106'))}{day}"
                     f"{chance.randint(1, 999):03}", "0123456789X") for day in born]


def _cards(chance: Random) -> list[str]:
    return [_checked(luhn, f"622202{chance.randrange(10 ** 12):012}", "0123456789")
            for _ in range(COUNT)]


def _mobiles(chance: Random) -> list[str]:
    return [f"{chance.choice(('138', '139', '186', '177'))}{chance.randrange(10 ** 8):08}"
            for _ in range(COUNT)]


def _names(chance: Random) -> list[str]:
    return [chance.choice("王李张刘陈杨赵黄周吴") + chance.choice("伟芳娜敏静丽强磊军洋勇艳杰")
            + chance.choice(("", "华", "明", "玲", "国", "平", "涛", "兰")) for _ in range(COUNT)]


def _serials(chance: Random) -> list[str]:
    """Opaque numbers as long as an identity number: one in eleven holds its check digit."""
    return [f"1{chance.randrange(10 ** 17):017}" for _ in range(COUNT)]


def judged(title: str, values: list[str], *refused: str, name: str = "c1") -> Verdict:
    columns = (ColumnSpec("xkzh", "许可证号", "VARCHAR"),
               ColumnSpec(name, title, "VARCHAR", refused=refused))
    spec = TableSpec("t", "企业许可信息", "交通局", columns)
    sample = TableSample(spec, {"xkzh": [f"X{at:05}" for at in range(len(values))], name: values})
    [found] = classify([sample])
    return found.columns[name]


@pytest.mark.parametrize("title", LYING + TEXTS)
@pytest.mark.parametrize(("drawn", "level"), [
    (_resident_ids, 3), (_cards, 4), (_mobiles, 3)])
def test_a_name_that_misleads_never_lowers_what_the_values_show(title, drawn, level):
    found = judged(title, drawn(Random(7)))
    assert (found.level, found.personal) == (level, True)
    assert found.confidence < 0.95 or title in TEXTS, "nobody confirms it in bulk"
    assert "contaminated" in {reason.code for reason in found.why}


@pytest.mark.parametrize("title", ["业务编号", "企业类型"])
def test_a_few_identity_numbers_among_codes_raise_the_column(title):
    mixed = [f"AB{at:04}" for at in range(COUNT)] + _resident_ids(Random(7))[:10]
    assert judged(title, mixed).level == 3


@pytest.mark.parametrize("title", ["业务编号", "企业类型", "许可状态"])
def test_serials_that_hold_by_chance_raise_nothing(title):
    assert judged(title, _serials(Random(7))).level == 1


def test_a_refused_element_is_not_read_from_names_again_and_the_reason_says_so():
    read, refused = judged("身份证号", [], name="sfzh"), judged("身份证号", [], "resident_id",
                                                              name="sfzh")
    assert read.element == "resident_id" != refused.element
    assert "名称所指的「公民身份号码」已被否定，不再据此建议" in reasons(refused)
    assert any(said.endswith("was refused and is not proposed again")
               for said in reasons(refused, "en"))


def test_a_refused_element_that_its_values_bear_out_is_found_all_the_same():
    found = judged("身份证号", _resident_ids(Random(7)), "resident_id", name="sfzh")
    assert (found.element, found.level, found.personal) == ("resident_id", 3, True)
    assert "refused-borne" in {reason.code for reason in found.why}


def test_a_refusal_of_another_element_changes_no_verdict():
    values = _resident_ids(Random(7))
    assert judged("身份证号", values, "bank_card") == judged("身份证号", values)


def test_headings_in_chinese_are_read_as_titles_where_a_sheet_has_nothing_else():
    heads = ("姓名", "身份证号", "手机号", "家庭住址", "人脸特征", "登录密码", "企业名称")
    spec = TableSpec("人员信息.xlsx", "", "", tuple(map(ColumnSpec, heads)))
    [found] = classify([TableSample(spec, {})])
    told = {head: (found.columns[head].level, found.columns[head].personal) for head in heads}
    assert told["姓名"] == told["身份证号"] == told["手机号"] == told["家庭住址"] == (3, True)
    assert told["人脸特征"] == (4, True) and told["登录密码"][0] == 4
    assert found.columns["企业名称"].element == "ent_name"
    assert found.about.rows == "person"


@pytest.mark.parametrize(("title", "drawn", "level"), [
    ("联系方式", lambda chance: [f"u{at}@example.com" for at in range(COUNT)], 3),
    ("登记机关", lambda chance: [f"市局{one}" for one in _resident_ids(chance)[:60]] + [
        f"第{at}所" for at in range(140)], 3),
    ("备注", lambda chance: [f"客户卡号{one}已核" for one in _cards(chance)], 4)])
def test_what_stands_within_longer_values_sets_the_level_of_its_own_element(title, drawn, level):
    assert judged(title, drawn(Random(7))).level == level


@pytest.mark.parametrize("drawn", [_resident_ids, _cards, _mobiles])
@pytest.mark.parametrize("title", ["", "业务编号", "备注"])
def test_rows_that_are_added_lower_nothing(title, drawn):
    seen = drawn(Random(7))
    alone = judged(title, seen, name="zzq")
    among = judged(title, seen + [f"编{at:04}" for at in range(400)] + [None] * 50, name="zzq")
    assert among.level >= alone.level >= 3 and among.personal
