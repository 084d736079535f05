"""A decision is found by every number a caller may quote, by those who may see it."""

import json

import pytest
from sqlalchemy import text

from app.commands.decide import Gate
from app.commands.receipts import take
from app.domain.hearing import Reason
from app.domain.receipts import read_receipt
from app.domain.refusals import NotAllowed, NotFound
from app.queries.decision_search import DecisionFilters
from app.queries.decisions import decision, decisions
from app.queries.field_titles import in_words
from app.store.bodies import unpacked
from app.store.unit import read
from tests import zone
from tests.commands.test_decide import question
from tests.conftest import caller
from tests.decision_zone import LAW
from tests.unguarded import unguard

OFFICER = caller("fang", "COMP_REVIEW")


@pytest.fixture
def asked(rt):
    """Two decisions of one institution: a permit, and a refusal for two reasons."""
    z = zone.tiny(rt)
    gate = Gate(rt, LAW)
    answers = gate.answers([question(z, trace_id="tr-1", business_ref="LN-1"),
                            question(z, trace_id="tr-2", purpose="X.MKT",
                                     fields=["overdue_tax"])])
    gate.close()
    return z, [answer["context"]["decision_id"] for answer in answers]


def found(rt, who=OFFICER, **filters) -> list[str]:
    return [line.id for line in decisions(rt, who, DecisionFilters(**filters)).items]


def test_decisions_are_found_by_what_a_caller_may_quote(rt, asked):
    z, (permit, refusal) = asked
    assert found(rt) == [refusal, permit]
    for filters, expected in (
            ({"q": permit}, [permit]), ({"q": "tr-2"}, [refusal]), ({"q": "LN-1"}, [permit]),
            ({"q": z.grant.number}, [refusal, permit]), ({"q": "%"}, []),
            ({"state": "PERMIT"}, [permit]), ({"state": "DENY"}, [refusal]),
            ({"reason": "SCOPE.FIELD"}, [refusal]), ({"reason": "SCOPE.FIEL"}, []),
            ({"institution": z.institution.number}, [refusal, permit]),
            ({"institution": "INST-NONE"}, []), ({"subject": "91110000"}, [refusal, permit]),
            ({"subject": "91110001"}, []), ({"begins": "2026-11-23"}, [refusal, permit]),
            ({"begins": "2026-11-24"}, []), ({"ends": "2026-11-22"}, []),
            ({"product": z.product.number, "limit": 1}, [refusal])):
        assert found(rt, **filters) == expected, filters


def test_a_sheet_explains_in_both_languages_and_holds(rt, asked):
    sheet = decision(rt, OFFICER, "tr-2")
    assert [reason.code for reason in sheet.reasons] == ["PURPOSE.PROHIBITED", "SCOPE.FIELD"]
    assert sheet.holds and sheet.state == "DENY" and len(sheet.dimensions) == 14
    assert "决策号" in sheet.explanation_zh and "SCOPE.FIELD" in sheet.explanation_zh
    assert "refused" in sheet.explanation_en and "Marketing" in sheet.explanation_en
    assert decision(rt, OFFICER, str(sheet.seq)) == sheet == decision(rt, OFFICER, sheet.id)


@pytest.mark.parametrize("change", [
    "permits = NOT permits", "at = '2026-01-01T00:00:00.000000Z'", "epoch = epoch + 1",
    "codes = 'SCOPE.FIELD'", "purpose = ''", "app = ''", "action = 'X'", '"grant" = \'\'',
    "product = ''", "institution_id = ''"])
def test_an_index_that_says_otherwise_than_what_was_sealed_does_not_hold(rt, asked, change):
    _, (permit, _) = asked
    assert decision(rt, OFFICER, permit).holds
    with rt.db.writing() as connection:
        connection.execute(text(f"UPDATE decision SET {change} WHERE id = :id"), {"id": permit})
    assert not decision(rt, OFFICER, permit).holds


def test_a_changed_body_no_longer_holds(rt, asked):
    _, (permit, _) = asked
    sheet = decision(rt, OFFICER, permit)
    with read(rt) as session:
        body = session.execute(text("SELECT body FROM trail_entry WHERE seq = :s"),
                               {"s": sheet.seq}).scalar()
    assert json.loads(unpacked(bytes(body)))["facts"]["decision"] == permit
    changed = unpacked(bytes(body)).replace(b'"engine":"', b'"engine":"x')
    with rt.db.writing() as connection:
        unguard(connection, "update")
        connection.execute(text("UPDATE trail_entry SET body = :body WHERE seq = :s"),
                           {"body": changed, "s": sheet.seq})
    assert not decision(rt, OFFICER, permit).holds


def test_an_institution_sees_its_own_decisions_and_no_other(rt, asked):
    z, ids = asked
    own = caller("wang", "INST_MAKER", institution=z.institution.id)
    other = caller("zhao", "INST_MAKER", institution="another")
    assert found(rt, own) == ids[::-1] and found(rt, other) == []
    assert decision(rt, own, ids[0]).id == ids[0]
    for ref in (ids[0], "tr-1", "1", "nothing"):
        with pytest.raises(NotFound):
            decision(rt, other, ref)
    with pytest.raises(NotAllowed):
        found(rt, caller("liu", "DEPT_LIAISON", department="d"))


@pytest.mark.parametrize(("fields", "zh", "en"), [
    (["ent_name", "overdue_tax"], "欠税余额（overdue_tax）", "overdue_tax (欠税余额)"),
    (["ent_name", "typo"], "“调用所列第 2 项”（产品没有此字段）",
     "no. 2 of the call (none of the product's)")])
def test_a_refused_field_is_told_as_people_know_it(rt, fields, zh, en):
    z = zone.tiny(rt)
    gate = Gate(rt, LAW)
    answer = gate.answers([question(z, fields=fields, purpose="X.MKT")])[0]
    gate.close()
    sheet = decision(rt, OFFICER, answer["context"]["decision_id"])
    told = next(reason for reason in sheet.reasons if reason.code == "SCOPE.FIELD")
    assert f"字段 {zh} 超出" in sheet.explanation_zh and f"field {en} is" in sheet.explanation_en
    assert "resource.properties" not in sheet.explanation_zh + sheet.explanation_en
    assert told.asked in ("overdue_tax", "resource.properties.fields[1]")


def test_a_field_only_another_version_has_is_named_too():
    reason = Reason("SCOPE.FIELD", "PRD@1.1", "resource.properties.fields[1]")
    asked = {"fields": ["ent_name", "overdue_tax"], "fields_unknown": 0}
    zh, en = in_words(reason, asked, {"overdue_tax": "欠税余额"})
    assert (zh.asked, en.asked) == ("欠税余额（overdue_tax）", "overdue_tax (欠税余额)")
    assert in_words(reason, asked | {"fields_unknown": 1}, {})[1].asked.startswith("no. 2 of")


def test_every_dimension_says_what_was_allowed_and_what_was_asked(rt, asked):
    z, (permit, refusal) = asked
    said = {one.name: one for one in decision(rt, OFFICER, refusal).dimensions}
    assert said["purpose"].result == "FAIL"
    assert said["purpose"].actual_zh.endswith("（X.MKT）")
    assert said["purpose"].actual_en.startswith("Marketing")
    assert said["purpose"].limit_zh and said["purpose"].limit_en
    assert z.product.number in said["scope"].actual_zh
    assert "overdue_tax" in said["scope"].actual_en
    assert said["term"].actual_zh == "2026-11-23 10:00:00" and said["term"].limit_en
    assert z.institution.name in said["institution"].actual_en
    assert z.grant.number in said["grant"].actual_zh
    again = {one.name: one for one in decision(rt, OFFICER, permit).dimensions}
    assert again["scope"].limit_zh == said["scope"].limit_zh != ""


def test_a_denial_offers_its_applicant_the_case_that_would_mend_it(rt):
    z = zone.tiny(rt)
    gate = Gate(rt, LAW)
    answers = gate.answers([question(z), question(z, fields=["overdue_tax"]),
                            question(z, fields=["overdue_tax"], purpose="X.MKT")])
    gate.close()
    permit, mended, prohibited = (each["context"]["decision_id"] for each in answers)
    maker = caller("wang", "INST_MAKER", institution=z.institution.id)
    offer, = decision(rt, maker, mended).offers
    assert (offer.code, offer.kind) == ("SCOPE.FIELD", "AMEND_WIDEN")
    assert offer.request_url == answers[1]["context"]["access_request"]["endpoint"]
    for who, ref in ((OFFICER, mended), (maker, permit), (maker, prohibited)):
        assert decision(rt, who, ref).offers == ()


def test_a_receipt_is_shown_with_its_decision(rt, asked):
    z, (permit, _) = asked
    assert decision(rt, OFFICER, permit).receipt is None
    told, wrong = read_receipt({"outcome": "SERVED", "rows": 2, "fields": ["ent_name"]}, permit)
    assert wrong == []
    assert take(rt, z.credential.prefix, [told])[0].result == "TAKEN"
    shown = decision(rt, OFFICER, permit).receipt
    assert (shown.outcome, shown.rows, shown.fields) == ("SERVED", 2, ("ent_name",))
