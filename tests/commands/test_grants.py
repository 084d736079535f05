"""Grants: in force by the clock, stopped by one, started by several, ended for good by three."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.commands import contracts, due, grant_cases, grants, removals
from app.commands.command import Empty
from app.domain.callers import SYSTEM
from app.domain.canonical import instant
from app.domain.grounds import Words
from app.domain.refusals import GuardFailed, IllegalMove, Invalid, NotAllowed, NotFound
from app.domain.workdays import start_of
from app.store.tables import PolicyChange, Task, Transition
from app.store.tables_grants import Grant
from app.store.tables_institutions import Institution
from app.store.tables_notices import Notice
from app.store.unit import begin, read
from tests import zone as rows
from tests.commands.zone_people import (
    BIZ,
    BOSS,
    COMP,
    DSO,
    OPERATOR,
    OPS,
    SEC,
    WHY,
    Walk,
)
from tests.conftest import START, caller

STOP = grants.Stop(ground="HOLD.REQUESTED", reason="应用单位请求暂停")
BREACH = grants.Stop(ground="BREACH.PURPOSE", reason="超目的使用")


def grant_of(rt, z) -> Grant:
    with read(rt) as session:
        return session.get(Grant, z.grant.id)


def term(**days) -> dict:
    return {"from": instant(START + timedelta(days=days.get("begins", 0))),
            "to": instant(START + timedelta(days=days.get("ends", 200))), "window": None,
            "retention_days": 180, "data_life_days": 30}


def signed(rt, **days) -> Walk:
    walk = Walk(rt)
    walk.dimensions["term"] = term(**days)
    return walk.draft().submit().accept().opinions().approve().prepare().sign()


def state_of(rt, walk: Walk) -> str:
    with read(rt) as session:
        return session.get(Grant, walk.row().grant_id).state


def test_a_grant_waits_for_its_first_day_and_takes_effect_by_the_clock(rt, clock):
    walk = signed(rt, begins=2)
    assert state_of(rt, walk) == "SCHEDULED"
    assert due.advance_due(rt)["activated"] == 0
    clock.forward(days=2)
    assert due.advance_due(rt)["activated"] == 1
    assert state_of(rt, walk) == "ACTIVE"


@pytest.mark.parametrize("what, state", [("dataset", "FROZEN"), ("credential", "REVOKED")])
def test_a_grant_with_a_gap_above_or_no_credential_stays_scheduled(rt, clock, what, state):
    walk = signed(rt, begins=2)
    rows.set_state(rt, getattr(walk.zone, what), state)
    clock.forward(days=2)
    assert due.advance_due(rt)["activated"] == 0
    assert state_of(rt, walk) == "SCHEDULED"


def test_INV_12_a_grant_expires_by_the_clock_whatever_its_state(rt, clock):
    walk = signed(rt, ends=10)
    clock.forward(days=10)
    assert due.advance_due(rt)["expired"] == 1 and state_of(rt, walk) == "EXPIRED"
    with read(rt) as session:
        move = session.exec(select(Transition).where(
            Transition.noun == "grant", Transition.action == "expire")).one()
    assert move.capacity == "SYSTEM"


@pytest.mark.parametrize("by", [SEC, COMP, DSO])
def test_INV_04_one_person_stops_a_grant_and_the_epoch_rises(rt, by):
    z = rows.tiny(rt)
    assert grants.suspend(rt, by, z.grant.number, STOP).state == "SUSPENDED"
    with read(rt) as session:
        change = session.exec(select(PolicyChange).where(
            PolicyChange.noun == "grant", PolicyChange.object_id == z.grant.id)
            .order_by(PolicyChange.epoch.desc())).first()
        assert change.stops
        assert session.exec(select(Notice.kind).where(
            Notice.about_id == z.grant.id)).one() == "SUSPENSION"


def test_an_institution_stops_its_own_grant_and_no_other(rt):
    z = rows.tiny(rt)
    with pytest.raises(NotFound):
        grants.suspend(rt, caller("x", "INST_MAKER", institution="another"), z.grant.id, STOP)
    own = caller("wang", "INST_MAKER", institution=z.institution.id)
    assert grants.suspend(rt, own, z.grant.id, STOP).state == "SUSPENDED"


@pytest.mark.parametrize("by", [BIZ, BOSS, OPS, caller("a", "AUDITOR"), caller("s", "SEC_ADMIN")])
def test_nobody_else_stops_a_grant(rt, by):
    z = rows.tiny(rt)
    with pytest.raises(NotAllowed):
        grants.suspend(rt, by, z.grant.id, STOP)


def test_a_stop_names_a_known_ground(rt):
    z = rows.tiny(rt)
    with pytest.raises(Invalid):
        grants.suspend(rt, SEC, z.grant.id, grants.Stop(ground="NO.SUCH", reason="没有"))


def test_a_scheduled_grant_can_be_stopped_and_returns_to_waiting(rt, clock):
    walk = signed(rt, begins=60)
    grants.suspend(rt, SEC, walk.row().grant_id, STOP)
    resume(rt, walk).approve()
    assert state_of(rt, walk) == "SCHEDULED"


def resume(rt, walk: Walk) -> Walk:
    other = Walk(rt, walk.zone)
    other.draft(kind="RESUME", grant=walk.row().grant_id, requested=None, scene="",
                security_measures="", volume_per_day=0)
    return other.submit().accept().opinions()


def test_INV_15_a_resumption_takes_a_case_and_does_not_extend_the_term(rt, clock):
    walk = signed(rt, ends=100)
    grants.suspend(rt, SEC, walk.row().grant_id, STOP)
    clock.forward(days=20)
    case = resume(rt, walk).approve()
    with read(rt) as session:
        grant = session.get(Grant, walk.row().grant_id)
        people = set(session.exec(select(Transition.person).where(
            Transition.object_id == case.id,
            Transition.action.in_(["give_opinion", "approve"]))).all())
    assert (grant.state, grant.valid_to) == ("ACTIVE", START + timedelta(days=100))
    assert case.row().state == "CONCLUDED" and len(people) == 2, "INV-04: starting takes two"


def test_resuming_after_a_breach_needs_the_second_approver(rt):
    walk = signed(rt)
    grants.suspend(rt, SEC, walk.row().grant_id, BREACH)
    case = resume(rt, walk)
    case.approve()
    assert case.last.waiting == ("second",)
    case.approve(DSO)
    assert state_of(rt, walk) == "ACTIVE"


def test_a_resumption_is_refused_while_the_chain_is_broken_or_the_term_over(rt, clock):
    walk = signed(rt, ends=30)
    grants.suspend(rt, SEC, walk.row().grant_id, STOP)
    case = resume(rt, walk)
    rows.set_state(rt, walk.zone.dataset, "FROZEN")
    with pytest.raises(GuardFailed):
        case.approve()
    rows.set_state(rt, walk.zone.dataset, "ONLINE")
    clock.forward(days=31)
    with pytest.raises(GuardFailed):
        case.approve()
    assert state_of(rt, walk) == "SUSPENDED"


def test_a_resumption_applies_to_a_suspended_grant_only(rt):
    walk = signed(rt)
    other = Walk(rt, walk.zone).draft(kind="RESUME", grant=walk.row().grant_id, requested=None)
    with pytest.raises(GuardFailed) as refused:
        grant_cases.submit(rt, other.maker, other.id, Empty())
    assert "grant_fits_kind" in refused.value.facts["guards"]


REVOKE = grants.Revocation(ground="BREACH.PURPOSE", reason="超目的使用属实",
                           hearing="2026-11-20 听取陈述申辩", barred_until="2027-11-30")


def test_INV_04_ending_for_good_takes_maker_reviewer_and_approver(rt):
    z = rows.tiny(rt)
    later = grants.Revocation(reason="同意")
    assert grants.revoke(rt, COMP, z.grant.id, REVOKE).waiting == ("review", "approve")
    with pytest.raises(NotAllowed):
        grants.revoke(rt, COMP, z.grant.id, later)
    assert grants.revoke(rt, BIZ, z.grant.id, later).waiting == ("approve",)
    assert grants.revoke(rt, BOSS, z.grant.id, later).state == "REVOKED"
    with read(rt) as session:
        bank = session.get(Institution, z.institution.id)
        assert bank.barred_until.isoformat() == "2027-11-30"
        assert session.exec(select(Notice.kind)).all() == ["REVOCATION"]
        assert len(set(session.exec(select(Transition.person).where(
            Transition.action == "revoke")).all())) == 3


@pytest.mark.parametrize("emergency, refused", [(False, True), (True, False)])
def test_a_revocation_hears_the_institution_unless_it_is_an_emergency(rt, emergency, refused):
    z = rows.tiny(rt)
    body = grants.Revocation(ground="BREACH.ONWARD", reason="转提供", emergency=emergency)
    if refused:
        with pytest.raises(GuardFailed) as why:
            grants.revoke(rt, COMP, z.grant.id, body)
        assert why.value.code == "HEARING.REQUIRED"
    else:
        assert grants.revoke(rt, COMP, z.grant.id, body).waiting


@pytest.mark.parametrize("ground, code", [
    ("HOLD.ORDER", "REASON.UNFIT"), ("HOLD.REQUESTED", "REASON.UNFIT"),
    ("PLAN.UNUSED", "REASON.UNFIT"), ("CASE.WITHDRAWN", "REASON.UNFIT"),
    ("NO.SUCH", "REASON.UNKNOWN"), ("", "REASON.UNKNOWN")])
def test_only_a_breach_revokes(rt, ground, code):
    z = rows.tiny(rt)
    with pytest.raises(Invalid) as refused:
        grants.revoke(rt, COMP, z.grant.id, REVOKE.model_copy(update={"ground": ground}))
    assert refused.value.code == code
    assert [error["at"] for error in refused.value.facts["errors"]] == ["ground"]
    with read(rt) as session:
        assert not session.exec(select(Transition).where(Transition.action == "revoke")).all()


def test_a_barred_institution_submits_nothing(rt):
    z = rows.tiny(rt)
    for by in (COMP, BIZ, BOSS):
        grants.revoke(rt, by, z.grant.id, REVOKE)
    walk = Walk(rt, z).draft()
    with pytest.raises(GuardFailed) as refused:
        grant_cases.submit(rt, walk.maker, walk.id, Empty())
    assert "institution_is_not_barred" in refused.value.facts["guards"]


def test_both_parties_terminate(rt):
    z = rows.tiny(rt)
    signer = caller("sun", "INST_SIGNER", institution=z.institution.id)
    assert removals.terminate(rt, signer, z.grant.id, WHY).waiting == ("check",)
    assert removals.terminate(rt, BOSS, z.grant.id, WHY).state == "TERMINATED"
    with pytest.raises(IllegalMove):
        grants.suspend(rt, SEC, z.grant.id, STOP)


def test_an_automatic_stop_is_confirmed_or_lifted_by_two_within_72_hours(rt, clock):
    z = rows.tiny(rt)
    with begin(rt, SYSTEM) as act:
        grants.stopped(act, act.get(Grant, z.grant.id), "HOLD.INCIDENT",
                       Words("调用量异常", "unusual volume"), automatic=True)
    assert grant_of(rt, z).confirm_by == START + timedelta(hours=72)
    with read(rt) as session:
        task = session.exec(select(Task).where(Task.object_id == z.grant.id)).one()
    assert (task.action, task.due_at) == ("confirm_stop", START + timedelta(hours=72))
    grants.lift_stop(rt, SEC, z.grant.id, WHY)
    assert grant_of(rt, z).state == "SUSPENDED"
    assert grants.lift_stop(rt, DSO, z.grant.id, WHY).state == "ACTIVE"
    with pytest.raises(IllegalMove):
        grants.confirm_stop(rt, SEC, z.grant.id, WHY)


def test_a_manual_stop_is_not_lifted_without_a_case(rt):
    z = rows.tiny(rt)
    grants.suspend(rt, SEC, z.grant.id, STOP)
    with pytest.raises(GuardFailed):
        grants.lift_stop(rt, SEC, z.grant.id, WHY)


def approved(rt) -> Walk:
    return Walk(rt).draft().submit().accept().opinions().approve()


def test_G_DIGEST_a_contract_with_another_scope_is_not_signed(rt):
    walk = approved(rt).prepare(scope_digest="sha256:" + "0" * 64)
    with pytest.raises(GuardFailed) as refused:
        contracts.sign(rt, walk.signer, walk.id, contracts.Signature())
    assert refused.value.code == "G-DIGEST"


def test_G_CLAUSE_a_contract_without_its_clauses_is_not_signed(rt):
    walk = approved(rt).prepare(clauses=["purpose", "fields"])
    with pytest.raises(GuardFailed) as refused:
        contracts.sign(rt, walk.signer, walk.id, contracts.Signature())
    assert refused.value.code == "G-CLAUSE"
    with pytest.raises(Invalid):
        walk.prepare(clauses=["anything"])


def test_the_maker_of_an_application_does_not_sign_its_contract(rt):
    walk = approved(rt).prepare()
    maker = caller("wang", "INST_SIGNER", institution=walk.zone.institution.id)
    with pytest.raises(GuardFailed) as refused:
        contracts.sign(rt, maker, walk.id, contracts.Signature())
    assert refused.value.facts["guards"] == ["signer_is_not_drafter"]


def test_a_contract_changed_after_one_signature_needs_both_again(rt):
    walk = approved(rt).prepare()
    contracts.sign(rt, walk.signer, walk.id, contracts.Signature())
    walk.prepare(scope_digest=walk.row().scope_digest, clauses=["purpose"])
    with pytest.raises(GuardFailed):
        contracts.sign(rt, OPERATOR, walk.id, contracts.Signature())


def test_both_signatures_stand_on_the_contract(rt):
    walk = approved(rt).prepare().sign()
    sides = {item["side"]: item["person"] for item in walk.contract().signatures}
    assert sides == {"INSTITUTION": "sun", "OPERATOR": "jiang"}
    with pytest.raises(IllegalMove):
        walk.prepare()


def test_INV_02_each_grant_has_one_version_in_force(rt):
    one, other = signed(rt), None
    other = Walk(rt, one.zone).draft().submit().accept().opinions().approve().prepare().sign()
    with read(rt) as session:
        held = session.exec(select(Grant).where(
            Grant.institution_id == one.zone.institution.id)).all()
    assert len({item.id for item in held}) == 3
    assert {item.current for item in held} == {1} and other.row().grant_id != one.row().grant_id


def test_a_term_entered_as_days_is_half_open_in_shanghai(rt):
    walk = Walk(rt)
    walk.dimensions["term"] = {**term(), "from": "2026-11-24", "to": "2027-06-30"}
    walk.draft()
    assert walk.row().requested["term"]["to"] == instant(start_of(START.date().replace(
        year=2027, month=7, day=1)))


def test_INV_05_a_delegate_and_whom_they_stand_for_fill_one_seat_together(rt):
    z = rows.tiny(rt)
    stand_in = caller("tian", "BIZ_REVIEW", on_behalf_of="qian", capacity="DELEGATE")
    grants.revoke(rt, COMP, z.grant.id, REVOKE)
    grants.revoke(rt, stand_in, z.grant.id, grants.Revocation(reason="同意"))
    with pytest.raises(NotAllowed):
        grants.revoke(rt, BOSS, z.grant.id, grants.Revocation(reason="同意"))
    assert grant_of(rt, z).state == "ACTIVE"
