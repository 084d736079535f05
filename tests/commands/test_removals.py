"""Planned removal: announced ten working days ahead by two, ended by two once it has run out."""

import json
from datetime import timedelta

import pytest
from sqlmodel import select

from app.commands import due, grants, removals
from app.domain.refusals import GuardFailed, IllegalMove, Invalid, NotAllowed
from app.queries.grant_sheet import grant as sheet
from app.store.tables import Clock, Task, TrailEntry
from app.store.tables_grants import Grant
from app.store.tables_notices import Notice
from app.store.unit import read
from tests import zone as rows
from tests.commands.zone_people import BIZ, BOSS, COMP, DSO, SEC, WHY
from tests.conftest import caller

LAST = "2026-12-07"  # the tenth working day after Monday 23 November 2026
SAME = removals.Announcement(reason="同意")


def plan(last_day=LAST, ground="PLAN.SERVICE") -> removals.Announcement:
    return removals.Announcement(ground=ground, last_day=last_day, reason="产品年底停止服务")


def announced(rt, z, body=None):
    removals.announce_removal(rt, BIZ, z.grant.id, body or plan())
    return removals.announce_removal(rt, BOSS, z.grant.id, SAME)


def state(rt, z) -> str:
    with read(rt) as session:
        return session.get(Grant, z.grant.id).state


def letters(rt) -> list[str]:
    with read(rt) as session:
        return list(session.exec(select(Notice.kind).order_by(Notice.created_at)).all())


def test_two_announce_a_removal_and_use_goes_on_until_it_has_run_out(rt, clock):
    z = rows.tiny(rt)
    assert removals.announce_removal(rt, BIZ, z.grant.id, plan()).waiting == ("check",)
    assert letters(rt) == []
    assert removals.announce_removal(rt, BOSS, z.grant.id, SAME).state == "ACTIVE"
    with read(rt) as session:
        clock_row = session.exec(select(Clock).where(Clock.object_id == z.grant.id)).one()
        task = session.exec(select(Task).where(Task.done_at.is_(None))).one()
        letter = session.exec(select(Notice)).one().payload
        body = session.exec(select(TrailEntry.body).where(
            TrailEntry.kind == "grant.announce_removal")).one()
    assert (clock_row.days, clock_row.kind, task.action) == (10, "removal", "remove")
    assert letter["reasons"][0]["code"] == "PLAN.SERVICE"
    assert letter["reasons"][0]["fact"]["zh"] == "产品年底停止服务"
    assert "2026年12月7日" in letter["opening"]["zh"]
    assert json.loads(body)["facts"]["last_day"] == LAST
    clock.at = clock_row.due_at - timedelta(microseconds=1)
    with pytest.raises(GuardFailed) as refused:
        removals.remove(rt, BIZ, z.grant.id, WHY)
    assert refused.value.code == "REMOVAL.TOO_SOON"
    clock.at = clock_row.due_at
    assert removals.remove(rt, BIZ, z.grant.id, WHY).waiting == ("check",)
    assert removals.remove(rt, BOSS, z.grant.id, WHY).state == "TERMINATED"
    assert letters(rt) == ["REMOVAL", "TERMINATION"]
    with read(rt) as session:
        assert not session.exec(select(Task).where(Task.done_at.is_(None))).all()
        assert session.exec(select(Clock.stopped_at)).one() is not None


@pytest.mark.parametrize("last_day", ["2026-12-06", "2026-12-04", "2026-11-23", "2020-01-01"])
def test_less_than_ten_working_days_of_notice_is_refused(rt, last_day):
    z = rows.tiny(rt)
    with pytest.raises(GuardFailed) as refused:
        removals.announce_removal(rt, BIZ, z.grant.id, plan(last_day))
    assert refused.value.code == "REMOVAL.TOO_SOON"


def test_the_notice_counts_by_the_calendar_of_working_days(rt, clock):
    z = rows.tiny(rt)
    clock.at = clock.at.replace(year=2026, month=9, day=28)  # National Day week lies ahead
    with pytest.raises(GuardFailed):
        removals.announce_removal(rt, BIZ, z.grant.id, plan("2026-10-12"))
    assert removals.announce_removal(rt, BIZ, z.grant.id, plan("2026-10-31")).waiting


def test_a_removal_after_the_grants_own_end_is_no_removal(rt):
    z = rows.tiny(rt)
    with pytest.raises(GuardFailed) as refused:
        removals.announce_removal(rt, BIZ, z.grant.id, plan("2027-06-30"))
    assert refused.value.facts["guards"] == ["last_day_is_in_term"]
    assert removals.announce_removal(rt, BIZ, z.grant.id, plan("2027-06-29")).waiting


@pytest.mark.parametrize("body", [plan(ground="BREACH.PURPOSE"), plan(ground="HOLD.EMERGENCY"),
                                  plan(ground=""), plan(last_day=""), plan("2026-13-01")])
def test_a_removal_names_a_planned_cause_and_a_day(rt, body):
    z = rows.tiny(rt)
    with pytest.raises(Invalid):
        removals.announce_removal(rt, BIZ, z.grant.id, body)


@pytest.mark.parametrize("ground", ["PLAN.SERVICE", "PLAN.SOURCE", "PLAN.UNUSED"])
def test_a_planned_cause_neither_stops_nor_revokes(rt, ground):
    z = rows.tiny(rt)
    with pytest.raises(Invalid):
        grants.suspend(rt, SEC, z.grant.id, grants.Stop(ground=ground, reason="产品调整"))
    with pytest.raises(Invalid):
        grants.revoke(rt, COMP, z.grant.id, grants.Revocation(
            ground=ground, reason="产品调整", hearing="已听取"))


def test_without_an_announcement_the_operator_alone_ends_nothing(rt):
    z = rows.tiny(rt)
    for take in (removals.remove, removals.cancel_removal):
        with pytest.raises(GuardFailed):
            take(rt, BIZ, z.grant.id, WHY)
    with pytest.raises(NotAllowed):
        removals.terminate(rt, BIZ, z.grant.id, WHY)


@pytest.mark.parametrize("by", [BOSS, SEC, DSO, caller("a", "AUDITOR"), caller("o", "OPS")])
def test_only_reviewers_propose_a_removal(rt, by):
    z = rows.tiny(rt)
    with pytest.raises((NotAllowed, GuardFailed)):
        removals.announce_removal(rt, by, z.grant.id, plan())
        removals.announce_removal(rt, by, z.grant.id, SAME)


def test_an_announcement_is_withdrawn_by_two_and_may_be_made_again(rt, clock):
    z = rows.tiny(rt)
    announced(rt, z)
    with pytest.raises(GuardFailed):
        removals.announce_removal(rt, BIZ, z.grant.id, plan("2026-12-31"))
    assert removals.cancel_removal(rt, COMP, z.grant.id, WHY).waiting == ("check",)
    removals.cancel_removal(rt, BOSS, z.grant.id, WHY)
    assert letters(rt) == ["REMOVAL", "REMOVAL_WITHDRAWN"]
    clock.forward(days=30)
    with pytest.raises(GuardFailed):
        removals.remove(rt, BIZ, z.grant.id, WHY)
    assert announced(rt, z, plan("2027-01-29")).state == "ACTIVE"


def test_a_notice_period_that_ran_out_is_no_breach(rt, clock):
    z = rows.tiny(rt)
    announced(rt, z)
    clock.forward(days=20)
    assert due.advance_due(rt)["breached"] == 0 and state(rt, z) == "ACTIVE"


def test_an_emergency_stop_needs_no_notice_and_both_parties_end_at_once(rt):
    z = rows.tiny(rt)
    announced(rt, z)
    grants.suspend(rt, SEC, z.grant.id, grants.Stop(ground="HOLD.EMERGENCY", reason="数据泄露"))
    signer = caller("sun", "INST_SIGNER", institution=z.institution.id)
    removals.terminate(rt, signer, z.grant.id, WHY)
    assert removals.terminate(rt, BOSS, z.grant.id, WHY).state == "TERMINATED"
    assert letters(rt) == ["REMOVAL", "SUSPENSION", "TERMINATION"]
    with pytest.raises(IllegalMove):
        removals.remove(rt, BIZ, z.grant.id, WHY)


def test_the_sheet_offers_what_is_possible(rt):
    z = rows.tiny(rt)

    def allowed() -> set[str]:
        return {choice.action for choice in sheet(rt, BIZ, z.grant.id).choices if choice.allowed}

    assert allowed() == {"announce_removal", "revoke", "propose"}
    announced(rt, z)
    assert allowed() == {"cancel_removal", "revoke", "propose"}
