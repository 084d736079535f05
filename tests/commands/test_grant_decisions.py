"""Decisions on applications: by fresh eyes, within the chain, by a second approver where due."""

import threading

import pytest
from sqlmodel import select

from app.commands import grant_cases, grant_decisions, grant_intake, opinions
from app.commands.command import Empty, Reasoned
from app.domain.callers import SYSTEM
from app.domain.opinions import Result
from app.domain.refusals import GuardFailed, IllegalMove, Invalid, NotAllowed, Refusal, Stale
from app.store.tables import TrailEntry, Transition
from app.store.tables_grants import Grant, GrantVersion
from app.store.tables_notices import Notice
from app.store.unit import begin, read
from tests import zone as rows
from tests.commands.zone_people import BIZ, BOSS, COMP, DSO, INTAKE, Walk, said
from tests.conftest import caller

DISAGREE = {"SECURITY": Result.DISAGREE}


def decided(rt) -> Walk:
    return Walk(rt).draft().submit().accept().opinions()


@pytest.mark.parametrize("person", ["wang", "sun", "shen", "wu", "zhao", "feng"])
def test_INV_05_nobody_decides_a_case_they_made_took_in_or_reviewed(rt, person):
    walk = decided(rt)
    with pytest.raises(GuardFailed) as refused:
        walk.approve(caller(person, "APPROVER"))
    assert refused.value.code == "G-SOD" and walk.row().state == "APPROVAL"


def test_INV_05_a_delegate_and_whom_they_stand_for_both_count(rt):
    walk = decided(rt)
    stand_in = caller("tian", "APPROVER", on_behalf_of="zhao", capacity="DELEGATE")
    with pytest.raises(GuardFailed) as refused:
        walk.approve(stand_in)
    assert refused.value.facts["guards"] == ["decider_is_apart"]


def test_INV_05_an_interest_in_a_party_requires_recusal(rt):
    walk = decided(rt)
    with begin(rt, SYSTEM) as act:
        rows.person(act, "qian", interests=[walk.zone.institution.id])
    with pytest.raises(GuardFailed) as refused:
        walk.approve()
    assert refused.value.code == "G-COI"


@pytest.mark.parametrize("by", [BIZ, COMP, INTAKE, caller("x", "SYS_ADMIN", "SEC_ADMIN"),
                                caller("y", "AUD_ADMIN"), caller("z", "AUDITOR")])
def test_INV_20_reviewers_administrators_and_auditors_decide_nothing(rt, by):
    walk = decided(rt)
    with pytest.raises(NotAllowed):
        walk.approve(by)


def test_a_disagreement_needs_a_written_override_and_the_second_approver(rt):
    walk = Walk(rt).draft().submit().accept().opinions(**DISAGREE)
    with pytest.raises(GuardFailed):
        walk.approve()
    walk.approve(override="补充渗透测试后风险可接受")
    assert walk.last.waiting == ("second",) and walk.row().state == "APPROVAL"
    with pytest.raises(NotAllowed):
        walk.approve(caller("qian", "DSO"))
    walk.approve(DSO)
    row = walk.row()
    assert row.state == "APPROVED" and row.second_because == ["OVERRIDE"]
    assert row.decision["override"] == "补充渗透测试后风险可接受"
    with read(rt) as session:
        duties = dict(session.exec(select(Transition.person, Transition.duty).where(
            Transition.object_id == walk.id, Transition.action == "approve")).all())
    assert duties.keys() == {"qian", "chu"}


def test_the_second_approver_signs_what_the_first_proposed(rt):
    walk = Walk(rt).draft().submit().accept().opinions(**DISAGREE)
    walk.approve(override="风险可接受", per_day=100, conditions=["每季报告"])
    walk.approve(DSO)
    assert walk.row().quota == {"per_day": 100} and walk.row().conditions == ["每季报告"]


def test_F3_plus_is_asked_for_by_the_table(rt):
    walk = Walk(rt, scope={"product": "", "version_from": "2.0"})
    walk.dimensions = {**walk.dimensions, "scope": {
        "product": walk.zone.product.number, "version_from": "2.0", "version_to": "2.9",
        "fields": [{"field": "overdue_tax", "treatment": "GENERALIZE"}],
        "rows": {"population": "OWN_CUSTOMERS", "subject_kinds": ["ENTERPRISE"]}}}
    rows.set_state(rt, walk.zone.institution, "ADMITTED", related_party=True)
    walk.draft().submit().accept()
    assert {"RELATED_PARTY"} < {item.kind for item in walk.open_opinions()}
    walk.opinions().approve()
    assert walk.last.waiting == ("second",)


def narrowed(walk: Walk, **changes) -> grant_decisions.PartialApproval:
    approved = {**walk.dimensions, "scope": {**walk.dimensions["scope"], "fields": [
        {"field": "ent_name", "treatment": "CLEAR"}]}}
    return grant_decisions.PartialApproval(**{
        "reason": "数据项过多", "approved": approved, "grounds": ["SCOPE.FIELD"], **changes})


def test_a_decision_in_part_grants_less_and_says_why(rt):
    walk = decided(rt)
    grant_decisions.approve_narrowed(rt, BOSS, walk.id, narrowed(walk))
    row = walk.row()
    assert [item["field"] for item in row.approved["scope"]["fields"]] == ["ent_name"]
    assert row.scope_digest and row.requested != row.approved
    with read(rt) as session:
        letter = session.exec(select(Notice).where(Notice.kind == "PARTIAL_GRANT")).one()
    assert "tax_grade" in str(letter.payload)


@pytest.mark.parametrize("changes, code", [
    ({"approved": None, "grounds": []}, "INPUT.INVALID"), ({"grounds": []}, "REASON.REQUIRED")])
def test_a_decision_in_part_is_refused_without_its_part_or_its_ground(rt, changes, code):
    walk = decided(rt)
    with pytest.raises(Invalid) as refused:
        grant_decisions.approve_narrowed(rt, BOSS, walk.id, narrowed(walk, **changes))
    assert refused.value.code == code


def test_INV_03_a_decision_is_never_wider_than_the_request(rt):
    walk = decided(rt)
    wide = {**walk.dimensions, "term": {**walk.dimensions["term"], "retention_days": 365}}
    with pytest.raises(GuardFailed) as refused:
        grant_decisions.approve_narrowed(rt, BOSS, walk.id, narrowed(walk, approved=wide))
    assert refused.value.facts["guards"] == ["decision_is_within_request"]


def test_INV_03_what_exceeds_the_links_above_cannot_be_approved(rt):
    walk = Walk(rt)
    walk.dimensions["purpose"]["nodes"] = [
        {"code": "PF.PLM.CHK", "descend": False, "except": []}]
    walk.draft().submit().accept().opinions()
    with pytest.raises(GuardFailed) as refused:
        walk.approve()
    assert refused.value.code == "G-NARROW"


@pytest.mark.parametrize("what, state", [("head", "EXPIRED"), ("dataset", "FROZEN"),
                                         ("product", "PAUSED"), ("institution", "SUSPENDED")])
def test_INV_01_nothing_is_granted_under_a_broken_chain(rt, what, state):
    walk = decided(rt)
    rows.set_state(rt, getattr(walk.zone, what), state)
    with pytest.raises(GuardFailed) as refused:
        walk.approve()
    assert "chain_is_in_force" in refused.value.facts["guards"]


def test_a_refusal_names_its_codes_and_the_letter_its_clauses(rt):
    walk = decided(rt)
    with pytest.raises(GuardFailed):
        grant_decisions.reject(rt, BOSS, walk.id, grant_intake.Refused(reason="不同意"))
    for code, why in (("NO.SUCH", "REASON.UNKNOWN"), ("CASE.WITHDRAWN", "REASON.UNFIT"),
                      ("CASE.LAPSED", "REASON.UNFIT"), ("DOC.MISSING", "REASON.UNFIT")):
        with pytest.raises(Invalid) as refused:
            grant_decisions.reject(rt, BOSS, walk.id, grant_intake.Refused(
                grounds=["SCOPE.FIELD", code], reason="不同意"))
        assert refused.value.code == why
    done = grant_decisions.reject(rt, BOSS, walk.id, grant_intake.Refused(
        grounds=["SCOPE.FIELD", "TERM.TOO_LONG"], reason="范围与期限过宽"))
    assert done.state == "REJECTED"
    with read(rt) as session:
        letter = session.exec(select(Notice).where(Notice.kind == "GRANT_REFUSAL")).one()
        assert [line["code"] for line in letter.payload["reasons"]] == [
            "SCOPE.FIELD", "TERM.TOO_LONG"]


def test_INV_06_a_decided_case_is_never_changed(rt):
    walk = decided(rt).approve()
    form = grant_cases.CaseForm(**walk.form().model_dump(
        exclude={"kind", "product", "grant", "origin_decision"}))
    with pytest.raises(IllegalMove):
        grant_cases.edit(rt, walk.maker, walk.id, form)


def amendment(rt, walk: Walk, **term) -> Walk:
    """A case on the grant of a concluded walk."""
    grant = walk.row().grant_id
    other = Walk(rt, walk.zone)
    other.dimensions = {**walk.dimensions, "term": {**walk.dimensions["term"], **term}}
    return other.draft(kind="AMEND_NARROW", grant=grant)


def test_a_narrowing_applies_at_once_as_a_new_version_that_cites_its_case(rt):
    walk = decided(rt).approve().prepare().sign()
    other = amendment(rt, walk, retention_days=90).submit().accept()
    assert [item.kind for item in other.open_opinions()] == ["COMPLIANCE"]
    other.opinions().approve()
    with read(rt) as session:
        grant = session.get(Grant, walk.row().grant_id)
        old, new = session.exec(select(GrantVersion).where(
            GrantVersion.grant_id == grant.id).order_by(GrantVersion.n)).all()
    assert (grant.state, grant.current, other.row().state) == ("ACTIVE", 2, "CONCLUDED")
    assert old.effective_to == new.effective_from and new.case_id == other.id
    assert old.dimensions["term"]["retention_days"] == 180, "INV-06"
    assert new.dimensions["term"]["retention_days"] == 90


@pytest.mark.parametrize("term", [{"retention_days": 365}, {}])
def test_a_narrowing_that_widens_or_changes_nothing_is_refused(rt, term):
    walk = decided(rt).approve().prepare().sign()
    other = amendment(rt, walk, **term)
    with pytest.raises(GuardFailed) as refused:
        grant_cases.submit(rt, other.maker, other.id, Empty())
    assert refused.value.code == "G-NARROW"


def test_the_decision_is_sealed_with_its_scope_digest_and_rulebook(rt):
    walk = decided(rt).approve()
    with read(rt) as session:
        body = session.exec(select(TrailEntry.body).where(
            TrailEntry.kind == "grant_case.approve")).one()
        relied = session.exec(select(Transition.relied_on).where(
            Transition.object_id == walk.id, Transition.action == "approve")).one()
    assert walk.row().scope_digest.encode() in body
    assert relied["policy"] == rt.law.digest and len(relied["opinions"]) == 3


def test_Z06_two_approvers_at_once_make_one_transition_and_one_clear_refusal(rt):
    walk = decided(rt)
    gate, results = threading.Barrier(8), []

    def press(number: int) -> None:
        gate.wait()
        try:
            walk_ = grant_decisions.approve(rt, caller(f"boss-{number}", "APPROVER"), walk.id,
                                            grant_decisions.Approval(reason="同意"))
            results.append(walk_.state)
        except Refusal as refusal:
            results.append(type(refusal))

    threads = [threading.Thread(target=press, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results.count("APPROVED") == 1 and len(results) == 8
    assert set(results) - {"APPROVED"} <= {IllegalMove, Stale}
    with read(rt) as session:
        assert len(session.exec(select(Transition.id).where(
            Transition.object_id == walk.id, Transition.action == "approve")).all()) == 1
        assert len(session.exec(select(Notice.id).where(Notice.kind == "GRANT")).all()) == 1


def test_a_stale_page_is_refused(rt):
    walk = decided(rt)
    with pytest.raises(Stale):
        walk.approve(BOSS.expecting(1))


def test_opinions_come_from_the_named_role_only(rt):
    walk = Walk(rt).draft().submit().accept()
    security = next(item for item in walk.open_opinions() if item.kind == "SECURITY")
    with pytest.raises(NotAllowed):
        opinions.give(rt, BIZ, security.id, said("SECURITY"))
    with pytest.raises(GuardFailed):
        opinions.give(rt, caller("shen", "SEC_REVIEW"), security.id, said("SECURITY"))


def test_a_recusal_opens_the_opinion_for_somebody_else_and_is_final(rt):
    walk = Walk(rt).draft().submit().accept()
    security = next(item for item in walk.open_opinions() if item.kind == "SECURITY")
    feng = caller("feng", "SEC_REVIEW", "APPROVER")
    opinions.recuse(rt, feng, security.id, Reasoned(reason="配偶任职于该行"))
    fresh = next(item for item in walk.open_opinions() if item.kind == "SECURITY")
    assert fresh.id != security.id and fresh.attempt == 2
    with pytest.raises(GuardFailed):
        opinions.give(rt, feng, fresh.id, said("SECURITY"))
    opinions.give(rt, caller("lu", "SEC_REVIEW"), fresh.id, said("SECURITY"))
    walk.opinions()
    with pytest.raises(GuardFailed) as refused:
        walk.approve(feng)
    assert "is_not_recused" in refused.value.facts["guards"]


@pytest.mark.parametrize("changes", [{"checklist": []}, {"result": "AGREE_WITH_CONDITIONS"}])
def test_agreeing_needs_its_checks_and_its_conditions(rt, changes):
    walk = Walk(rt).draft().submit().accept()
    opinion = walk.open_opinions()[0]
    body = opinions.GivenOpinion(**{**said(opinion.kind).model_dump(), **changes})
    with pytest.raises(Invalid) as refused:
        opinions.give(rt, caller("lu", opinion.role), opinion.id, body)
    assert refused.value.code == "CHECKLIST.INCOMPLETE"


def test_a_department_asked_each_time_gives_its_own_opinion_and_sees_no_other(rt):
    walk = Walk(rt)
    rows.set_state(rt, walk.zone.dataset, "ONLINE", consent_mode="PER_GRANT")
    walk.draft().submit().accept()
    source = next(item for item in walk.open_opinions() if item.kind == "SOURCE")
    assert source.department_id == walk.zone.department.id
    stranger = caller("lin", "DEPT_LIAISON", department="another")
    with pytest.raises(Refusal):
        opinions.give(rt, stranger, source.id, said("SOURCE"))
    liaison = caller("he", "DEPT_LIAISON", department=source.department_id)
    assert opinions.give(rt, liaison, source.id, said("SOURCE")).detail["case_state"] == "REVIEWING"


def test_a_given_opinion_is_not_given_twice(rt):
    walk = Walk(rt).draft().submit().accept()
    opinion = walk.open_opinions()[0]
    walk.opinions()
    with pytest.raises(IllegalMove):
        opinions.give(rt, caller("lu", opinion.role), opinion.id, said(opinion.kind))
