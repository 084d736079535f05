"""What letters say: the finding of whoever made the proposal, and days as people count them."""

from datetime import date

import pytest
from sqlmodel import select

from app.commands import due, grant_intake, grants, institutions
from app.domain.instruments import Kind
from app.domain.refusals import Invalid
from app.engines.rulefiles import letter_texts
from app.store.tables_notices import Notice
from app.store.unit import read
from tests import zone as rows
from tests.commands import applicants as a
from tests.commands.zone_people import BIZ, BOSS, COMP, INTAKE, INTAKE_2, Walk


def letter(rt, kind: str) -> dict:
    with read(rt) as session:
        return session.exec(select(Notice).where(Notice.kind == kind)).one().payload


def test_a_notice_of_non_acceptance_states_what_the_first_officer_found(rt):
    walk = Walk(rt).draft().submit()
    grant_intake.refuse_acceptance(rt, INTAKE, walk.id, grant_intake.NotAccepted(
        grounds=["PURPOSE.PROHIBITED"], reason="目的与场景不符"))
    grant_intake.refuse_acceptance(rt, INTAKE_2, walk.id, grant_intake.Refused(reason="同意"))
    [reason] = letter(rt, "NON_ACCEPTANCE")["reasons"]
    assert reason["fact"]["zh"] == "目的与场景不符"
    assert walk.row().decision["reason"] == "目的与场景不符"


def test_a_revocation_states_what_its_maker_found(rt):
    z = rows.tiny(rt)
    found = grants.Revocation(ground="BREACH.PURPOSE", reason="超目的使用属实", hearing="已听取")
    for by, body in ((COMP, found), (BIZ, grants.Revocation(reason="同意")),
                     (BOSS, grants.Revocation(reason="同意"))):
        grants.revoke(rt, by, z.grant.id, body)
    assert letter(rt, "REVOCATION")["reasons"][0]["fact"]["zh"] == "超目的使用属实"


def test_an_order_to_rectify_is_a_numbered_notice_with_finding_day_and_stop(rt):
    inst = a.admitted(rt)
    institutions.order_rectify(rt, a.COMP, inst, institutions.RectifyOrder(
        reason="日志留存不足", due=date(2026, 12, 31), stop=True))
    with read(rt) as session:
        assert not session.exec(select(Notice.id).where(Notice.kind == "RECTIFICATION")).all()
    institutions.order_rectify(rt, a.BOSS, inst, institutions.RectifyOrder(reason="同意"))
    said = letter(rt, "RECTIFICATION")
    assert said["serial"] == "数专改〔2026〕1号"
    assert [line["text"]["zh"] for line in said["particulars"]] == [
        "日志留存不足", "2026年12月31日", "整改期间停止使用"]
    assert "2026年12月31日" in said["closing"]["zh"]


def test_a_notice_to_supplement_names_each_material_its_kind_and_what_is_wanted(rt):
    walk = Walk(rt).draft().submit()
    grant_intake.request_supplement(rt, INTAKE, walk.id, grant_intake.Defects(defects=[
        {"material": "CONSENT", "code": "DOC.MISSING", "zh": "未附授权书样本"},
        {"material": "SCENE", "zh": "过简", "en": "too short"}]))
    assert [(line["code"], line["fact"]) for line in letter(rt, "SUPPLEMENT")["reasons"]] == [
        ("DOC.MISSING", {"zh": "主体授权书样本：未附授权书样本",
                         "en": "Sample of the subject authorization: 未附授权书样本"}),
        ("DOC.DEFECT", {"zh": "业务场景说明：过简", "en": "Scene: too short"})]


def test_a_supplement_is_asked_for_on_grounds_of_materials_only(rt):
    walk = Walk(rt).draft().submit()
    with pytest.raises(Invalid) as refused:
        grant_intake.request_supplement(rt, INTAKE, walk.id, grant_intake.Defects(defects=[
            {"material": "SCENE", "zh": "过简"},
            {"material": "SCOPE", "code": "SCOPE.FIELD", "zh": "过宽"}]))
    assert refused.value.code == "REASON.UNFIT"
    assert [error["at"] for error in refused.value.facts["errors"]] == ["defects.1.code"]


def test_the_letter_of_a_lapse_names_the_last_day_that_counted(rt, clock):
    walk = Walk(rt).draft().submit()
    grant_intake.request_supplement(rt, INTAKE, walk.id, grant_intake.Defects(
        defects=[{"material": "PROOF", "zh": "缺少安全测评证书"}]))
    last = letter(rt, "SUPPLEMENT")["closing"]["zh"]
    clock.forward(days=20)
    assert due.advance_due(rt)["lapsed"] == 1
    [reason] = letter(rt, "CLOSING")["reasons"]
    assert "2026年12月7日" in last and "2026年12月7日" in reason["fact"]["zh"]
    assert reason["fact"]["en"].startswith("The supplement was due by 7 December 2026")


def test_an_admission_names_its_next_review_as_a_day_of_people(rt):
    a.admitted(rt)
    said = {line["label"]["en"]: line["text"] for line in letter(rt, "ADMISSION")["particulars"]}
    assert said["Annual review"] == {"zh": "2027年11月23日", "en": "23 November 2027"}
    assert said["Kind"] == {"zh": "银行", "en": "Bank"}


def test_an_onboarding_letter_threatens_no_lapse_that_no_rule_knows():
    text = letter_texts()[Kind.ONBOARDING].closing
    assert "失效" not in text.zh and "lapse" not in text.en
