"""What is simulated is what would be decided, and leaves nothing behind."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from app.commands.decide import Gate
from app.domain.refusals import Invalid, NotAllowed, NotFound
from app.queries.grant_policy import grant_policy
from app.queries.simulation import Question, choices, simulate
from app.store.unit import read
from tests import consents, zone
from tests.commands.test_decide import question
from tests.conftest import caller
from tests.decision_zone import LAW

OFFICER = caller("fang", "COMP_REVIEW")
LEFT = ("decision", "reservation", "use_counter", "trail_entry")


def counted(rt) -> dict[str, int]:
    with read(rt) as session:
        return {table: session.execute(text(f"SELECT count(*) FROM {table}")).scalar()
                for table in LEFT}


def plain(z, **changes) -> Question:
    """The question `question(z)` asks, as a form says it."""
    return replace(Question(
        credential=z.credential.prefix, peer="203.0.113.8", action="QUERY_ONE", channel="API",
        environment="PROD", purpose="PF.CRD.NEW", fields=("ent_name", "tax_grade"),
        region="110105", lookback_from="2025-06-01", business_ref="LN1",
        subject_kind="ENTERPRISE", subject_id="91110000"), **changes)


CASES = [{}, {"purpose": "X.MKT"}, {"purpose": "PF"}, {"purpose": ""},
         {"fields": ("ent_name", "overdue_tax")}, {"fields": ("nobody",)}, {"action": "MONITOR"},
         {"channel": "SAAS"}, {"environment": "SANDBOX"}, {"batch_size": 100_000},
         {"region": "990000"}, {"lookback_from": "1999-01-01"}, {"business_ref": ""},
         {"subject_kind": "PERSON"}]


@pytest.mark.parametrize("changes", CASES, ids=lambda one: "-".join(one) or "as-granted")
def test_a_simulation_agrees_with_the_decision(rt, changes):
    z = zone.tiny(rt)
    found = simulate(rt, OFFICER, z.grant.number, plain(z, **changes))
    given = {name: list(value) if name == "fields" else value or None
             for name, value in changes.items()}
    if "subject_kind" in given:
        given = {"data_subject": {"kind": given["subject_kind"], "id": "91110000"}}
    gate = Gate(rt, LAW)
    asked = {"fields": ["ent_name", "tax_grade"], **given}
    context = gate.answers([consents.question(z, **asked)])[0]["context"]
    gate.close()
    assert {one.name: one.result for one in found.dimensions} == context["dimensions"]
    assert [one.code for one in found.reasons] == [one["code"] for one in context["reasons"]]
    assert found.decision is (not context["reasons"])
    assert found.policy_digest == context["policy_digest"]
    if found.decision:
        assert found.fields == context["fields_effective"]
        assert len(found.obligations) == len(context["obligations"])


def test_nothing_is_sealed_and_no_use_is_counted(rt):
    z = zone.tiny(rt)
    zone.set_state(rt, z.app, "ACTIVE", quota={"per_day": 1})
    before = counted(rt)
    for _ in range(3):
        found = simulate(rt, OFFICER, z.grant.number, plain(z))
        assert found.decision and found.is_simulation and found.quota["remaining"] == 0
    assert counted(rt) == before


def test_use_and_authorizations_on_record_are_looked_up(rt):
    z = zone.tiny(rt)
    consents.asking(rt, z)
    bare = simulate(rt, OFFICER, z.grant.number, plain(z))
    assert [one.code for one in bare.reasons] == ["CONSENT.MISSING"]
    consents.given(rt, z)
    assert simulate(rt, OFFICER, z.grant.number, plain(z)).decision


def test_a_stop_and_the_hour_are_heard(rt):
    z = zone.tiny(rt)
    late = plain(z, at=z.grant.valid_to)
    assert [one.code for one in simulate(rt, OFFICER, z.grant.number, late).reasons
            ] == ["SCOPE.LOOKBACK", "TERM.GRANT_EXPIRED"]
    zone.set_state(rt, z.grant, "SUSPENDED")
    assert "TERM.SUSPENDED" in [one.code for one in simulate(
        rt, OFFICER, z.grant.number, plain(z)).reasons]


def test_a_past_decision_is_asked_again_with_its_subject(rt):
    z = zone.tiny(rt)
    gate = Gate(rt, LAW)
    number = gate.answers([consents.question(z, trace_id="tr-1")])[0]["context"]["decision_id"]
    gate.close()
    start = choices(rt, OFFICER, z.grant.number, "tr-1").start
    assert start["from_decision"] == number and start["credential"] == z.credential.prefix
    assert start["purpose"] == "PF.CRD.NEW" and start["business_ref"] == "LN1"
    consents.asking(rt, z)
    consents.given(rt, z)
    again = plain(z, subject_id="", from_decision=number)
    assert simulate(rt, OFFICER, z.grant.number, again).decision
    assert not simulate(rt, OFFICER, z.grant.number, plain(z, subject_id="")).decision


def test_a_decision_of_another_grant_starts_nothing(rt):
    z, other = zone.tiny(rt), zone.tiny(rt)
    gate = Gate(rt, LAW)
    gate.answers([question(other, trace_id="tr-9")])
    gate.close()
    with pytest.raises(Invalid):
        choices(rt, OFFICER, z.grant.number, "tr-9")
    with pytest.raises(NotFound):
        choices(rt, OFFICER, z.grant.number, "no-such")


def test_a_fresh_form_asks_what_the_grant_allows(rt):
    z = zone.tiny(rt)
    found = choices(rt, OFFICER, z.grant.number)
    assert found.start["fields"] == sorted(each["field"] for each in
                                           z.grant_version.dimensions["scope"]["fields"])
    assert found.start["purpose"] in rt.law.purposes
    assert {code for code, _ in found.fields} >= set(found.start["fields"])


@pytest.mark.parametrize("who", [
    caller("wang", "INST_MAKER", institution="i"), caller("liu", "DEPT_LIAISON", department="d"),
    caller("sys", "SYS_ADMIN")], ids=lambda who: next(iter(who.roles)))
def test_who_does_not_review_neither_reads_lines_nor_simulates(rt, who):
    z = zone.tiny(rt)
    with pytest.raises(NotAllowed):
        simulate(rt, who, z.grant.number, plain(z))
    with pytest.raises(NotAllowed):
        choices(rt, who, z.grant.number)
    with pytest.raises(NotAllowed):
        grant_policy(rt, who, z.grant.number)


def test_the_lines_of_a_grant_are_those_its_decisions_carry(rt):
    z = zone.tiny(rt)
    gate = Gate(rt, LAW)
    context = gate.answers([question(z)])[0]["context"]
    gate.close()
    policy = grant_policy(rt, OFFICER, z.grant.number)
    assert policy.digest == context["policy_digest"] and policy.in_force
    assert [section.name for section in policy.sections] == ["p", "p2", "p3", "p4"]
    ref = f"{z.grant.number}@1"
    for section in policy.sections:
        assert section.rows and section.matcher
        for row in section.rows:
            assert row.line.startswith(f"{section.name}, {ref}, ") and row.zh and row.en
    assert any("企业名称（ent_name）" in row.zh for row in policy.sections[1].rows)
    with pytest.raises(NotFound):
        grant_policy(rt, OFFICER, z.grant.number, 2)
