"""Cases the operator drafts: founded on use, submitted by the institution, made by the drafter."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.commands import grant_cases, grant_intake, grants, opinions, proposed_cases
from app.commands.command import Empty
from app.commands.decide import Gate
from app.domain.refusals import GuardFailed, IllegalMove, Invalid, NotAllowed
from app.queries.grant_sheet import grant as sheet
from app.store.tables import Task, Transition
from app.store.tables_grants import Grant, GrantCase, GrantVersion
from app.store.unit import read
from tests import zone as rows
from tests.commands.test_decide import question
from tests.commands.zone_people import BIZ, BOSS, COMP, INTAKE, SEC, WHY, Walk, said
from tests.conftest import START, caller
from tests.decision_zone import LAW

BODY = proposed_cases.Proposal(title="去掉未用数据项", reason="近180日未使用")
BACK = proposed_cases.Proposal(title="恢复授权", reason="暂停事由已消除")


@pytest.fixture
def unused(rt, clock):
    """A grant in force for 120 days under which nobody ever asked."""
    z = rows.tiny(rt)
    rows.set_state(rt, z.grant, "ACTIVE", valid_from=START - timedelta(days=120))
    return z


@pytest.fixture
def broad(rt, unused):
    """A grant of which one field of two is used."""
    gate = Gate(rt, LAW)
    assert gate.answer(question(unused, fields=["ent_name"]))["decision"]
    gate.close()
    return unused


def case_of(rt, z) -> Walk:
    walk = Walk(rt, z)
    with read(rt) as session:
        walk.id = session.exec(select(GrantCase.id)).one()
    return walk


def narrower(z) -> dict:
    return {**z.grant_version.dimensions, "term": {
        **z.grant_version.dimensions["term"], "retention_days": 90}}


def test_the_draft_of_an_over_broad_grant_drops_what_nobody_used(rt, broad):
    done = proposed_cases.propose(rt, BIZ, broad.grant.number, BODY)
    walk = case_of(rt, broad)
    row = walk.row()
    assert (done.state, row.kind, row.institution_id) == (
        "DRAFT", "AMEND_NARROW", broad.institution.id)
    assert [item["field"] for item in row.requested["scope"]["fields"]] == ["ent_name"]
    with read(rt) as session:
        task = session.exec(select(Task).where(Task.done_at.is_(None))).one()
        move = session.exec(select(Transition).where(Transition.action == "propose")).one()
    assert (task.role, task.action, task.institution_id) == (
        "INST_MAKER", "submit", broad.institution.id)
    assert (move.duty, move.person) == ("make", BIZ.person)


def test_the_institution_submits_signs_and_may_withdraw_what_was_drafted_for_it(rt, broad):
    proposed_cases.propose(rt, BIZ, broad.grant.number, BODY)
    walk = case_of(rt, broad)
    with pytest.raises(NotAllowed):
        grant_cases.submit(rt, BIZ, walk.id, Empty())
    walk.submit().accept().opinions().approve()
    assert walk.row().state == "CONCLUDED"
    with read(rt) as session:
        version = session.exec(select(GrantVersion).where(GrantVersion.n == 2)).one()
    assert version.case_id == walk.id


def test_INV_05_who_drafted_a_case_takes_no_further_part_in_it(rt, broad):
    drafter = caller("wu", "COMP_REVIEW", "INTAKE", "APPROVER")
    proposed_cases.propose(rt, drafter, broad.grant.number, BODY)
    walk = case_of(rt, broad).submit()
    with pytest.raises(GuardFailed):
        grant_intake.accept(rt, drafter, walk.id, WHY)
    grant_intake.accept(rt, INTAKE, walk.id, WHY)
    [opinion] = walk.open_opinions()
    with pytest.raises(GuardFailed):
        opinions.give(rt, drafter, opinion.id, said(opinion.kind))
    walk.opinions()
    with pytest.raises(GuardFailed):
        walk.approve(drafter)
    assert walk.approve().row().state == "CONCLUDED"


def test_a_grant_in_good_use_is_not_proposed_to_be_narrowed(rt):
    z = rows.tiny(rt)
    body = BODY.model_copy(update={"requested": narrower(z)})
    with pytest.raises(GuardFailed) as refused:
        proposed_cases.propose(rt, BIZ, z.grant.number, body)
    assert refused.value.facts["guards"] == ["proposal_is_founded"]
    with read(rt) as session:
        assert not session.exec(select(GrantCase.id)).all(), "nothing is left behind"


def test_an_unused_grant_is_narrowed_to_what_is_written(rt, unused):
    with pytest.raises(Invalid):
        proposed_cases.propose(rt, COMP, unused.grant.number, BODY)
    wider = narrower(unused)
    wider["term"]["retention_days"] = 365
    with pytest.raises(Invalid) as refused:
        proposed_cases.propose(rt, COMP, unused.grant.number, BODY.model_copy(
            update={"requested": wider}))
    assert refused.value.code == "G-NARROW"
    assert [error["at"] for error in refused.value.facts["errors"]] == ["term.retention_days"]
    same = BODY.model_copy(update={"requested": unused.grant_version.dimensions})
    with pytest.raises(GuardFailed, match="narrower"):
        proposed_cases.propose(rt, COMP, unused.grant.number, same)
    proposed_cases.propose(rt, COMP, unused.grant.number, BODY.model_copy(
        update={"requested": narrower(unused)}))
    assert case_of(rt, unused).row().requested["term"]["retention_days"] == 90
    with pytest.raises(IllegalMove):
        proposed_cases.propose(rt, BIZ, unused.grant.number, BODY)


@pytest.mark.parametrize("ground, waiting", [("HOLD.REQUESTED", ()),
                                             ("BREACH.PURPOSE", ("second",))])
def test_a_suspended_grant_is_proposed_to_be_resumed_by_two_after_a_breach_by_three(
        rt, ground, waiting):
    z = rows.tiny(rt)
    grants.suspend(rt, SEC, z.grant.id, grants.Stop(ground=ground, reason="核查"))
    proposed_cases.propose(rt, BIZ, z.grant.number, BACK)
    walk = case_of(rt, z)
    assert walk.row().kind == "RESUME" and walk.row().requested == {}
    walk.submit().accept().opinions().approve()
    assert walk.last.waiting == waiting
    with read(rt) as session:
        assert session.get(Grant, z.grant.id).state == ("SUSPENDED" if waiting else "ACTIVE")


@pytest.mark.parametrize("by", [BOSS, SEC, INTAKE, caller("a", "AUDITOR"),
                                caller("m", "INST_MAKER", institution="x")])
def test_nobody_but_a_reviewer_drafts_for_an_institution(rt, unused, by):
    with pytest.raises(NotAllowed):
        proposed_cases.propose(rt, by, unused.grant.number, BODY)


@pytest.mark.parametrize("state", ["REVOKED", "EXPIRED", "TERMINATED", "SCHEDULED"])
def test_nothing_is_proposed_for_a_grant_that_is_not_in_force(rt, unused, state):
    rows.set_state(rt, unused.grant, state)
    with pytest.raises(GuardFailed):
        proposed_cases.propose(rt, BIZ, unused.grant.number, BODY.model_copy(
            update={"requested": narrower(unused)}))


def test_the_grants_sheet_offers_it_to_reviewers(rt, unused):
    offered = {choice.action for choice in sheet(rt, BIZ, unused.grant.number).choices}
    assert "propose" in offered
    assert "propose" not in {choice.action for choice in
                             sheet(rt, BOSS, unused.grant.number).choices}
