"""Applications on the institution's side and at the counter: who, when, and with what record."""

import pytest
from sqlmodel import select

from app.commands import due, grant_cases, grant_intake
from app.commands.command import Empty, Reasoned
from app.domain.refusals import GuardFailed, IllegalMove, Invalid, NotAllowed, NotFound
from app.store.tables import Clock, Task, TrailHead
from app.store.tables_grants import GrantCase
from app.store.tables_notices import Notice
from app.store.unit import read
from tests import zone as rows
from tests.commands.zone_people import BOSS, INTAKE, INTAKE_2, WHY, Walk
from tests.conftest import caller

DEFECTS = grant_intake.Defects(defects=[
    {"material": "PROOF", "code": "DOC.MISSING", "zh": "缺少安全测评报告"},
    {"material": "SCENE", "zh": "场景说明过简"}])


def notices(rt, about: str) -> list[str]:
    with read(rt) as session:
        return list(session.exec(select(Notice.kind).where(Notice.about_id == about)
                                 .order_by(Notice.created_at)).all())


def size(rt) -> int:
    with read(rt) as session:
        return session.exec(select(TrailHead.size)).one()


def test_submission_waits_for_the_signer_and_an_edit_voids_the_hand(rt):
    walk = Walk(rt).draft()
    first = grant_cases.submit(rt, walk.maker, walk.id, Empty())
    assert (first.state, first.waiting) == ("DRAFT", ("check",))
    grant_cases.edit(rt, walk.maker, walk.id, grant_cases.CaseForm(
        **{**walk.form().model_dump(exclude={"kind", "product", "grant", "origin_decision"}),
           "scene": "改为续贷场景"}))
    again = grant_cases.submit(rt, walk.signer, walk.id, Empty())
    assert (again.state, again.waiting) == ("DRAFT", ("make",))
    assert grant_cases.submit(rt, walk.maker, walk.id, Empty()).state == "SUBMITTED"


def test_one_person_never_is_maker_and_signer(rt):
    walk = Walk(rt).draft()
    both = caller("wang", "INST_MAKER", "INST_SIGNER", institution=walk.zone.institution.id)
    grant_cases.submit(rt, both, walk.id, Empty())
    with pytest.raises(NotAllowed):
        grant_cases.submit(rt, both, walk.id, Empty())


def test_a_form_with_gaps_is_kept_but_not_submitted(rt):
    walk = Walk(rt).draft(scene="", requested=None)
    with pytest.raises(GuardFailed) as refused:
        grant_cases.submit(rt, walk.maker, walk.id, Empty())
    assert "form_is_complete" in refused.value.facts["guards"]


def test_a_bad_form_names_its_places_and_writes_nothing(rt):
    walk = Walk(rt)
    before = size(rt)
    bad = {**walk.dimensions, "purpose": {"nodes": [{"code": "X.MKT"}]}}
    with pytest.raises(Invalid) as refused:
        walk.draft(requested=bad)
    assert refused.value.code == "PURPOSE.PROHIBITED"
    assert refused.value.facts["errors"][0]["at"] == "purpose.nodes.0.code"
    assert size(rt) == before


def test_the_product_of_the_scope_is_the_product_applied_for(rt):
    walk = Walk(rt)
    other = {**walk.dimensions, "scope": {**walk.dimensions["scope"], "product": "PRD-OTHER"}}
    with pytest.raises(Invalid):
        walk.draft(requested=other)


def test_nobody_applies_for_another_institution_or_sees_its_cases(rt):
    walk = Walk(rt).draft()
    stranger = caller("ma", "INST_MAKER", institution="another")
    with pytest.raises(NotFound):
        grant_cases.submit(rt, stranger, walk.id, Empty())
    with pytest.raises(NotAllowed):
        grant_cases.create(rt, caller("wu", "INST_MAKER"), walk.form())
    with pytest.raises(Invalid):
        grant_cases.create(rt, stranger, walk.form(kind="RESUME", grant=walk.zone.grant.number))


@pytest.mark.parametrize("what, state, guard", [
    ("institution", "SUSPENDED", "institution_is_admitted"),
    ("product", "PAUSED", "product_is_listed")])
def test_submission_needs_an_admitted_institution_and_a_listed_product(rt, what, state, guard):
    walk = Walk(rt).draft()
    rows.set_state(rt, getattr(walk.zone, what), state)
    with pytest.raises(GuardFailed) as refused:
        grant_cases.submit(rt, walk.maker, walk.id, Empty())
    assert guard in refused.value.facts["guards"]


def test_screening_happens_at_once_and_names_the_rulebook(rt):
    walk = Walk(rt)
    walk.dimensions["method"]["output_form"] = "MASKED_RECORD"
    walk.draft().submit()
    screening = walk.row().screening
    assert screening["method"]["result"] == "MISMATCH"
    assert screening["method"]["items"][0]["code"] == "METHOD.OUTPUT_FORM"
    assert screening["policy"] == rt.law.digest


def test_a_supplement_pauses_the_operator_and_every_defect_is_answered(rt, clock):
    walk = Walk(rt).draft().submit()
    clock.forward(hours=1)
    grant_intake.request_supplement(rt, INTAKE, walk.id, DEFECTS)
    assert walk.row().state == "SUPPLEMENT" and notices(rt, walk.id) == ["SUPPLEMENT"]
    with read(rt) as session:
        clocks = {item.kind: item for item in session.exec(select(Clock).where(
            Clock.object_id == walk.id)).all()}
    assert clocks["acceptance"].paused_at and not clocks["supplement"].paused_at
    with pytest.raises(GuardFailed):
        grant_cases.resubmit(rt, walk.maker, walk.id, grant_cases.Answers(
            answers=[{"id": "1", "answer": "已补"}]))
    with pytest.raises(Invalid):
        grant_cases.resubmit(rt, walk.maker, walk.id, grant_cases.Answers(
            answers=[{"id": "9", "answer": "已补"}]))
    answers = grant_cases.Answers(answers=[{"id": "1", "answer": "已补"},
                                           {"id": "2", "answer": "已补"}])
    clock.forward(days=2)
    grant_cases.resubmit(rt, walk.maker, walk.id, answers)
    grant_cases.resubmit(rt, walk.signer, walk.id, grant_cases.Answers())
    row = walk.row()
    assert (row.state, row.rounds, row.defects) == ("SUBMITTED", 2, [])
    assert row.answers[0]["defects"][0]["answer"] == "已补"
    with read(rt) as session:
        clock_now = session.get(Clock, clocks["acceptance"].id)
        assert clock_now.paused_at is None and len(clock_now.pauses) == 1


def test_G_ONE_NOTICE_one_round_has_one_notice(rt):
    walk = Walk(rt).draft().submit()
    grant_intake.request_supplement(rt, INTAKE, walk.id, DEFECTS)
    with pytest.raises(IllegalMove):
        grant_intake.request_supplement(rt, INTAKE, walk.id, DEFECTS)


def test_a_case_returned_from_review_is_reviewed_anew(rt):
    walk = Walk(rt).draft().submit().accept()
    grant_intake.ask_return(rt, caller("wu", "BIZ_REVIEW"), walk.id, WHY)
    with read(rt) as session:
        assert session.exec(select(Task.role).where(
            Task.object_id == walk.id, Task.action == "return_to_applicant")).one() == "INTAKE"
    grant_intake.return_to_applicant(rt, INTAKE, walk.id, grant_intake.ReturnedDefects(
        defects=[{"material": "SCENE", "zh": "场景说明过简"}], reason="业务审核建议退回"))
    answers = grant_cases.Answers(answers=[{"id": "1", "answer": "已补充"}])
    grant_cases.resubmit(rt, walk.maker, walk.id, answers)
    grant_cases.resubmit(rt, walk.signer, walk.id, grant_cases.Answers())
    walk.accept()
    assert {item.round for item in walk.open_opinions()} == {2}
    walk.opinions().approve()
    assert walk.row().state == "APPROVED"


def test_refusing_acceptance_takes_two_persons_and_a_reason_code(rt):
    walk = Walk(rt).draft().submit()
    with pytest.raises(Invalid):
        grant_intake.refuse_acceptance(rt, INTAKE, walk.id,
                                       grant_intake.Refused(grounds=[], reason="不合格"))
    with pytest.raises(Invalid) as unfit:
        grant_intake.refuse_acceptance(rt, INTAKE, walk.id, grant_intake.NotAccepted(
            grounds=["PURPOSE.NOT_NECESSARY"], reason="是否必要须经审核"))
    assert unfit.value.code == "REASON.UNFIT"
    body = grant_intake.NotAccepted(grounds=["PURPOSE.PROHIBITED"], reason="目的为营销获客")
    first = grant_intake.refuse_acceptance(rt, INTAKE, walk.id, body)
    assert first.waiting == ("check",)
    with pytest.raises(NotAllowed):
        grant_intake.refuse_acceptance(rt, INTAKE, walk.id, body)
    adopted = grant_intake.Refused(reason="同意不予受理")
    assert grant_intake.refuse_acceptance(rt, INTAKE_2, walk.id, adopted).state == "NOT_ACCEPTED"
    assert notices(rt, walk.id) == ["NON_ACCEPTANCE"]


@pytest.mark.parametrize("steps", [(), ("submit",), ("submit", "accept"),
                                   ("submit", "accept", "opinions"),
                                   ("submit", "accept", "opinions", "approve")])
def test_INV_14_a_withdrawal_ends_in_a_numbered_closing_notice(rt, steps):
    walk = Walk(rt).draft()
    for step in steps:
        getattr(walk, step)()
    done = grant_cases.withdraw(rt, walk.maker, walk.id, Reasoned(reason="业务调整"))
    assert done.state == "WITHDRAWN" and notices(rt, walk.id)[-1] == "CLOSING"
    with read(rt) as session:
        assert session.exec(select(Notice.n).where(Notice.kind == "CLOSING")).one() == 1
        assert not session.exec(select(Task).where(Task.done_at.is_(None),
                                                   Task.number == walk.row().number)).all()
        assert not session.exec(select(Clock).where(Clock.object_id == walk.id,
                                                    Clock.stopped_at.is_(None))).all()
    with pytest.raises(IllegalMove):
        grant_cases.withdraw(rt, walk.maker, walk.id, Reasoned(reason="再次撤回"))


def test_what_nobody_mends_or_signs_lapses_by_the_clock(rt, clock):
    mending, signing = Walk(rt).draft().submit(), Walk(rt)
    grant_intake.request_supplement(rt, INTAKE, mending.id, DEFECTS)
    signing.draft().submit().accept().opinions().approve()
    clock.forward(days=13)
    assert due.advance_due(rt)["lapsed"] == 0
    clock.forward(days=3)
    assert due.advance_due(rt)["lapsed"] == 1
    clock.forward(days=30)
    assert due.advance_due(rt)["lapsed"] == 1
    assert mending.row().state == signing.row().state == "LAPSED"
    assert notices(rt, mending.id) == ["SUPPLEMENT", "CLOSING"]
    assert signing.contract().state == "LAPSED"


def test_every_breach_of_a_time_limit_is_a_row(rt, clock):
    walk = Walk(rt).draft().submit()
    clock.forward(days=10)
    assert due.advance_due(rt)["breached"] == 1
    assert due.advance_due(rt)["breached"] == 0
    with read(rt) as session:
        assert session.exec(select(Clock.breached_at).where(
            Clock.object_id == walk.id)).one() is not None


def test_an_act_from_the_wrong_state_says_what_is_possible(rt):
    walk = Walk(rt).draft().submit()
    with pytest.raises(IllegalMove) as refused:
        walk.approve(BOSS)
    assert "accept" in refused.value.facts["possible"]
    with read(rt) as session:
        assert session.get(GrantCase, walk.id).state == "SUBMITTED"
