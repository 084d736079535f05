"""Every obligation reads as a sentence in both languages, with fields by their titles."""

import json

import pytest

from app.domain.decisions import decide
from app.domain.hearing import Reason
from app.domain.obligations import Obligation
from app.queries.decisions import decision
from app.queries.field_titles import in_words
from app.queries.obligation_words import SAYINGS, owed
from tests.decision_zone import AT, LAW, ask, granting
from tests.queries.test_decisions import OFFICER, asked

__all__ = ["asked"]
CALLED = {"tax_grade": "纳税等级"}


def item(kind, **said):
    return {"id": "o1", "type": "custom", "properties": {"kind": kind, **said}}


@pytest.mark.parametrize(("one", "zh", "en"), [
    (item("mask_fields", fields={"tax_grade": {"treatment": "PARTIAL"}}),
     "纳税等级（tax_grade）：部分遮盖", "tax_grade (纳税等级): partly masked"),
    (item("drop_fields", fields=["tax_grade", "x"]), "纳税等级（tax_grade）、x",
     "tax_grade (纳税等级), x"),
    (item("filter_rows", expr={"all": [
        {"region_in": ["110000", "310000"]}, {"industry_in": ["J"]}, {"since": "2024-11-23"},
        {"subject_kind_in": ["ENTERPRISE"]}, {"population": "OWN_CUSTOMERS"}]}),
     "地区：110000、310000；行业：J；数据起始日不早于 2024-11-23；主体类型：企业；"
     "对象范围：本行客户",
     "regions: 110000, 310000; industries: J; records since 2024-11-23; subjects: enterprise; "
     "population: own customers"),
    (item("filter_rows", expr={"region_in": ["110000"]}), "地区：110000", "regions: 110000"),
    (item("watermark", mode="visible", text="I|d"), "可见水印：I|d", "visible: I|d"),
    (item("no_onward"), "不得向第三方提供", "passed on to nobody"),
    ({"id": "o1", "type": "step-up", "properties": {"acr_value": "level-2"}},
     "操作人认证强度 2 级", "the user signs in at level 2"),
])
def test_an_obligation_reads_as_it_orders(one, zh, en):
    [found] = owed([one], CALLED, LAW)
    assert (found.says_zh, found.says_en) == (zh, en)


def test_every_kind_a_decision_can_order_has_words():
    zone = granting(regions=("110000",), lookback_months=12, retention_days=30, obligations=tuple(
        (kind.value, ()) for kind in Obligation))
    told = decide(ask(region="110105", lookback_from="2026-11-01"), zone, LAW, AT, "d").obligations
    assert len(told) == 12
    assert all(found.says_zh and found.says_en
               for found in owed(json.loads(json.dumps(told)), CALLED, LAW))
    assert {each.value for each in Obligation} == set(SAYINGS)
    aged = item("suppress_aged_negative", years=5, fields={"tax_grade": "ended"})
    assert "5 年" in owed([aged], CALLED, LAW)[0].says_zh
    assert owed([item("drop_fields", fields=["x"])], {}, LAW)[0].says_en == "x"


def test_a_kind_that_is_not_supported_is_named():
    zh, en = in_words(Reason("PEP.OBLIGATION_UNSUPPORTED", asked="mask_fields"), {}, {})
    assert (zh.asked, en.asked) == ("字段脱敏（mask_fields）", "mask fields (mask_fields)")


def test_the_sheet_of_a_permit_shows_what_was_ordered(rt, asked):
    _, (permit, refusal) = asked
    shown = decision(rt, OFFICER, permit).obligations
    assert [each.id for each in shown] == [f"o{at + 1}" for at in range(len(shown))] and shown
    assert decision(rt, OFFICER, refusal).obligations == ()
