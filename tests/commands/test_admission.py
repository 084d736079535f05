"""The admission case: two persons send, three others examine, another decides; none twice."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import select

from app.commands import admission, admission_review
from app.commands.command import Empty, Reasoned
from app.domain.callers import SYSTEM
from app.domain.refusals import (
    GuardFailed,
    IllegalMove,
    Invalid,
    NotAllowed,
    NotFound,
    NotRecorded,
    Refusal,
    Stale,
)
from app.queries.admission import admission_case, admission_cases
from app.queries.query import Filters
from app.store.tables import Clock, PolicyChange, Task, TrailHead, Transition
from app.store.tables_institutions import AdmissionCase, Institution
from app.store.tables_notices import Notice
from app.store.tables_supply import HeadAgreement
from app.store.unit import begin, read
from tests.commands import applicants as a
from tests.conftest import caller

NONE = Empty()


@pytest.fixture
def inst(rt):
    return a.registered(rt)


def row(rt, model, key):
    with read(rt) as session:
        return session.get(model, key)


def size(rt):
    with read(rt) as session:
        return session.exec(select(TrailHead.size)).one()


def notices(rt):
    with read(rt) as session:
        return [line.kind for line in session.exec(select(Notice).order_by(Notice.created_at))]


def running(rt, case):
    with read(rt) as session:
        return {clock.kind: clock.paused_at is not None for clock in session.exec(
            select(Clock).where(Clock.object_id == case, Clock.stopped_at.is_(None)))}


def owed(rt, case):
    with read(rt) as session:
        return {(task.role, task.action) for task in session.exec(
            select(Task).where(Task.object_id == case, Task.done_at.is_(None)))}


def supplement(*materials):
    return admission_review.Defects(defects=[
        {"code": "DOC.DEFECT", "material": material, "defect": "不清晰"}
        for material in materials])


def refused(act, *words):
    with pytest.raises(GuardFailed) as found:
        act()
    assert set(words) <= set(found.value.facts["guards"])


def test_the_whole_way_admits_the_institution(rt, inst):
    case = a.reviewed(rt, inst)
    assert row(rt, Institution, inst).state == "APPLYING"
    done = admission_review.approve(rt, a.BOSS, case, admission_review.Approval(
        conditions=["三个月内完成渗透测试整改"]))
    assert (done.state, done.waiting) == ("DONE", ())
    found = row(rt, Institution, inst)
    assert (found.state, found.criteria_version) == ("ADMITTED", "finance/2026-1")
    assert (found.licence_expires, found.security_level, found.contact) == (
        date(2029, 12, 31), 3, "王某")
    assert found.review_due == date(2027, 11, 23)
    assert notices(rt) == ["ACCEPTANCE", "ADMISSION"]
    assert not running(rt, case) and not owed(rt, case)
    with read(rt) as session:
        change = session.exec(select(PolicyChange).where(
            PolicyChange.object_id == inst).order_by(PolicyChange.epoch.desc())).first()
        took = dict(session.exec(select(Transition.person, Transition.duty).where(
            Transition.object_id == case)).all())
    assert change is not None and not change.stops
    assert took == {"wang": "make", "ma": "make", "shou": "intake", "wu": "review",
                    "zhao": "review", "sun": "review", "qian": "decide"}


def test_submission_takes_the_maker_and_the_signer(rt, inst):
    case = a.drafted(rt, inst)
    first = admission.submit(rt, a.maker(inst), case, NONE)
    assert (first.state, first.waiting) == ("DRAFT", ("check",))
    with pytest.raises(NotAllowed):
        admission.submit(rt, a.maker(inst), case, NONE)
    both = caller("wang", "INST_MAKER", "INST_SIGNER", institution=inst)
    with pytest.raises(NotAllowed):
        admission.submit(rt, both, case, NONE)
    assert admission.submit(rt, a.signer(inst), case, NONE).state == "SUBMITTED"
    assert running(rt, case) == {"acceptance": False}
    assert owed(rt, case) == {("INTAKE", "accept")}


def test_a_changed_form_voids_the_first_hand(rt, inst):
    case = a.drafted(rt, inst)
    admission.submit(rt, a.maker(inst), case, NONE)
    admission.edit(rt, a.maker(inst), case, a.FORM.model_copy(update={"contact": "李某"}))
    assert admission.submit(rt, a.signer(inst), case, NONE).waiting == ("make",)
    assert row(rt, AdmissionCase, case).state == "DRAFT"


@pytest.mark.parametrize(
    ("changed", "guard"),
    [
        ({"licence_expires": date(2026, 11, 22)}, "licence_is_valid"),
        ({"licence_expires": None}, "licence_is_valid"),
        ({"contact": " "}, "officers_are_named"),
        ({"security_officer": ""}, "officers_are_named"),
    ],
)
def test_an_incomplete_form_is_not_sent(rt, inst, changed, guard):
    case = a.drafted(rt, inst, a.FORM.model_copy(update=changed))
    before = size(rt)
    refused(lambda: admission.submit(rt, a.maker(inst), case, NONE), guard)
    assert size(rt) == before


def test_a_licence_is_valid_on_its_last_day(rt, inst):
    a.submitted(rt, inst, a.FORM.model_copy(update={"licence_expires": date(2026, 11, 23)}))


def test_papers_are_required(rt, inst):
    case = admission.create(rt, a.maker(inst), a.FORM).id
    refused(lambda: admission.submit(rt, a.maker(inst), case, NONE),
            "required_papers_are_attached")


@pytest.mark.parametrize(("until", "sent"), [(date(2026, 11, 23), False),
                                             (date(2026, 11, 22), True)])
def test_a_barred_institution_does_not_apply_until_the_day_after(rt, inst, until, sent):
    with begin(rt, SYSTEM) as act:
        act.find(Institution, inst).barred_until = until
        act.record("institution.place", f"institution/{inst}")
    case = a.drafted(rt, inst)
    if sent:
        admission.submit(rt, a.maker(inst), case, NONE)
    else:
        refused(lambda: admission.submit(rt, a.maker(inst), case, NONE),
                "institution_is_not_barred")


def test_one_case_is_open_at_a_time(rt, inst):
    case = a.drafted(rt, inst)
    with pytest.raises(Invalid):
        admission.create(rt, a.maker(inst), a.FORM)
    admission.withdraw(rt, a.maker(inst), case, Reasoned(reason="暂缓"))
    admission.create(rt, a.maker(inst), a.FORM)


def test_an_admitted_institution_does_not_apply_again(rt):
    inst = a.admitted(rt)
    case = a.drafted(rt, inst)
    refused(lambda: admission.submit(rt, a.maker(inst), case, NONE), "institution_is_applying")


def test_a_supplement_pauses_the_clock_and_returns_once(rt, inst, clock):
    case = a.submitted(rt, inst)
    admission_review.request_supplement(rt, a.INTAKE, case, supplement("营业执照"))
    assert running(rt, case) == {"acceptance": True, "supplement": False}
    assert owed(rt, case) == {("INST_MAKER", "resubmit")}
    refused(lambda: admission.resubmit(rt, a.maker(inst), case, NONE), "every_defect_is_answered")
    with pytest.raises(Invalid):
        admission.answer(rt, a.maker(inst), case,
                         admission.Answer(material="别的", answer="好"))
    admission.answer(rt, a.maker(inst), case,
                     admission.Answer(material="营业执照", answer="已重新扫描"))
    clock.forward(days=4)
    admission.resubmit(rt, a.maker(inst), case, NONE)
    assert admission.resubmit(rt, a.signer(inst), case, NONE).state == "SUBMITTED"
    assert running(rt, case) == {"acceptance": False}
    assert notices(rt) == ["SUPPLEMENT"]
    refused(lambda: admission_review.request_supplement(
        rt, a.INTAKE, case, supplement("营业执照", "制度")), "defects_are_told_once")
    admission_review.request_supplement(rt, a.INTAKE, case, supplement("营业执照"))


def test_a_supplement_not_answered_in_time_lapses_with_a_notice(rt, inst, clock):
    case = a.submitted(rt, inst)
    admission_review.request_supplement(rt, a.INTAKE, case, supplement("营业执照"))
    with read(rt) as session:
        due = session.exec(select(Clock.due_at).where(Clock.kind == "supplement")).one()
    clock.at = due
    clock.forward(microseconds=-1)
    assert admission_review.lapse_overdue(rt) == 0
    clock.forward(microseconds=1)
    assert admission_review.lapse_overdue(rt) == 1
    assert row(rt, AdmissionCase, case).state == "LAPSED"
    assert notices(rt) == ["SUPPLEMENT", "CLOSING"] and not running(rt, case)
    assert admission_review.lapse_overdue(rt) == 0


@pytest.mark.parametrize("state", ["DRAFT", "SUBMITTED", "DILIGENCE", "COMPLIANCE", "APPROVAL"])
def test_INV_14_a_withdrawal_ends_in_a_numbered_notice(rt, inst, state):
    made = {"DRAFT": a.drafted, "SUBMITTED": a.submitted, "DILIGENCE": a.accepted,
            "COMPLIANCE": a.examined, "APPROVAL": a.reviewed}[state]
    case = made(rt, inst)
    done = admission.withdraw(rt, a.maker(inst), case, Reasoned(reason="计划调整"))
    assert done.state == "WITHDRAWN" and notices(rt)[-1] == "CLOSING"
    assert row(rt, Institution, inst).state == "APPLYING"
    with pytest.raises(IllegalMove):
        admission.withdraw(rt, a.maker(inst), case, Reasoned(reason="再次"))


def test_every_criterion_is_scored_against_the_sheet_in_force(rt, inst):
    case = a.accepted(rt, inst)
    full = a.diligence()
    short = full.model_copy(update={"criteria": full.criteria[1:]})
    refused(lambda: admission_review.submit_diligence(rt, a.BIZ, case, short),
            "every_criterion_is_scored")
    twice = full.model_copy(update={"criteria": [*full.criteria, full.criteria[0]]})
    with pytest.raises(Invalid):
        admission_review.submit_diligence(rt, a.BIZ, case, twice)
    refused(lambda: admission_review.submit_diligence(
        rt, a.BIZ, case, full.model_copy(update={"sources": []})), "sources_are_named")
    done = admission_review.submit_diligence(rt, a.BIZ, case, full)
    assert (done.state, running(rt, case)) == ("COMPLIANCE", {"opinion": False})


def test_a_party_on_the_operators_list_cannot_be_found_unrelated(rt, inst):
    with begin(rt, SYSTEM) as act:
        act.create(HeadAgreement, number="HA", title="t", state="IN_FORCE", authority="a",
                   authority_uscc="1", operator="o", operator_uscc="2",
                   related_parties=["91110000000000001A"])
        act.record("head_agreement.place", "head_agreement/x")
    case = a.accepted(rt, inst)
    refused(lambda: admission_review.submit_diligence(rt, a.BIZ, case, a.diligence()),
            "related_parties_are_checked")
    admission_review.submit_diligence(rt, a.BIZ, case, a.diligence(related=True))


def test_a_related_party_needs_a_second_approver(rt, inst):
    case = a.reviewed(rt, inst, related=True)
    said = admission_review.Approval(conditions=["按季度报告"])
    first = admission_review.approve(rt, a.BOSS, case, said)
    assert (first.state, first.waiting) == ("APPROVAL", ("second",))
    assert row(rt, Institution, inst).state == "APPLYING"
    assert admission_review.approve(rt, a.DSO, case, admission_review.Approval()).state == "DONE"
    found = row(rt, Institution, inst)
    assert found.related_party and found.state == "ADMITTED"
    assert row(rt, AdmissionCase, case).decision["conditions"] == ["按季度报告"]


def test_each_opinion_comes_once_from_its_own_role_and_person(rt, inst):
    case = a.examined(rt, inst)
    with pytest.raises(Invalid):
        admission_review.submit_opinion(rt, a.COMP, case, a.opinion("SECURITY"))
    admission_review.submit_opinion(rt, a.COMP, case, a.opinion("COMPLIANCE"))
    assert owed(rt, case) == {("SEC_REVIEW", "submit_opinion")}
    refused(lambda: admission_review.submit_opinion(
        rt, caller("bao", "COMP_REVIEW"), case, a.opinion("COMPLIANCE")), "opinion_is_open")
    refused(lambda: admission_review.submit_opinion(
        rt, caller("zhao", "SEC_REVIEW"), case, a.opinion("SECURITY")),
        "opinions_are_of_two_persons")
    assert row(rt, AdmissionCase, case).state == "COMPLIANCE"
    admission_review.submit_opinion(rt, a.SEC, case, a.opinion("SECURITY"))
    assert row(rt, AdmissionCase, case).state == "APPROVAL"
    assert owed(rt, case) == {("APPROVER", "approve")}


@pytest.mark.parametrize("person", ["shou", "wu", "zhao", "sun"])
def test_INV_05_nobody_decides_a_case_they_handled(rt, inst, person):
    case = a.reviewed(rt, inst)
    before = size(rt)
    refused(lambda: admission_review.approve(
        rt, caller(person, "APPROVER"), case, admission_review.Approval()), "decider_is_apart")
    refused(lambda: admission_review.reject(
        rt, caller(person, "APPROVER"), case,
        admission_review.Refused(ground="INST.PENALTY", reason="处罚未整改")), "decider_is_apart")
    assert size(rt) == before


def test_INV_05_who_took_a_case_in_does_not_review_it(rt, inst):
    case = a.accepted(rt, inst)
    refused(lambda: admission_review.submit_diligence(
        rt, caller("shou", "BIZ_REVIEW"), case, a.diligence()), "reviewer_is_apart")


def test_a_criterion_not_met_is_not_approved_and_a_disagreement_neither(rt, inst):
    case = a.examined(rt, inst, penalties="NOT_MET")
    admission_review.submit_opinion(rt, a.COMP, case, a.opinion("COMPLIANCE", "DISAGREE"))
    admission_review.submit_opinion(rt, a.SEC, case, a.opinion("SECURITY"))
    refused(lambda: admission_review.approve(rt, a.BOSS, case, admission_review.Approval()),
            "criteria_are_met", "no_opinion_disagrees")


def test_a_reasoned_exception_is_approved(rt, inst):
    case = a.reviewed(rt, inst, penalties="EXCEPTION")
    assert admission_review.approve(rt, a.BOSS, case, admission_review.Approval()).state == "DONE"


def test_like_institutions_are_judged_by_one_version(rt, inst):
    case = a.reviewed(rt, inst)
    rt.criteria = {kind: replace(sheet, version="2027-1")
                   for kind, sheet in rt.criteria.items()}
    refused(lambda: admission_review.approve(rt, a.BOSS, case, admission_review.Approval()),
            "criteria_are_current")


def test_a_refusal_names_its_grounds_and_leaves_the_institution_applying(rt, inst):
    case = a.reviewed(rt, inst, penalties="NOT_MET")
    with pytest.raises(Invalid):
        admission_review.reject(rt, a.BOSS, case,
                                admission_review.Refused(ground="NO.SUCH", reason="不符合"))
    done = admission_review.reject(rt, a.BOSS, case, admission_review.Refused(
        ground="INST.PENALTY", reason="近三年受到重大处罚，未整改"))
    assert (done.state, row(rt, Institution, inst).state) == ("REJECTED", "APPLYING")
    assert notices(rt)[-1] == "ADMISSION_REFUSAL"
    with read(rt) as session:
        letter = session.exec(select(Notice).where(Notice.kind == "ADMISSION_REFUSAL")).one()
    assert [line["code"] for line in letter.payload["reasons"]] == ["INST.PENALTY",
                                                                    "INST.CRITERION"]


def test_another_institutions_case_is_not_found(rt, inst):
    case = a.submitted(rt, inst)
    other = a.registered(rt, "邻市银行", "91110000000000002B")
    for act in (lambda: admission.withdraw(rt, a.maker(other), case, Reasoned(reason="越权")),
                lambda: admission.edit(rt, a.maker(other), case, a.FORM),
                lambda: admission_case(rt, a.maker(other), case)):
        with pytest.raises(NotFound):
            act()
    assert admission_cases(rt, a.maker(other), Filters()).total == 0
    assert admission_cases(rt, a.maker(inst), Filters()).total == 1


def test_a_foreign_file_is_not_attached(rt, inst):
    other = a.registered(rt, "邻市银行", "91110000000000002B")
    file = a.paper(rt, a.maker(other), "别家的")
    case = admission.create(rt, a.maker(inst), a.FORM).id
    with pytest.raises(NotFound):
        admission.attach(rt, a.maker(inst), case,
                         admission.Attached(kind="OTHER", file=file))


def test_a_submitted_form_does_not_change(rt, inst):
    case = a.submitted(rt, inst)
    with pytest.raises(IllegalMove):
        admission.edit(rt, a.maker(inst), case, a.FORM)


def test_the_score_sheet_is_offered_to_who_may_fill_it(rt, inst):
    case = a.accepted(rt, inst)
    for who, offered in ((a.BIZ, True), (a.COMP, False), (caller("shou", "BIZ_REVIEW"), False)):
        allowed = {choice.action for choice in admission_case(rt, who, case).choices
                   if choice.allowed}
        assert ("submit_diligence" in allowed) is offered


def test_the_applicant_does_not_see_the_examination(rt, inst):
    case = a.reviewed(rt, inst)
    seen = admission_case(rt, a.maker(inst), case)
    assert not (seen.criteria or seen.opinions or seen.like or seen.diligence)
    assert seen.related_party is None and seen.on_related_list is None
    staff = admission_case(rt, a.BOSS, case)
    assert len(staff.criteria) == 8 and len(staff.opinions) == 2
    assert {choice.action: choice.allowed for choice in staff.choices} == {
        "approve": True, "reject": True, "withdraw": False}
    assert not [choice for choice in admission_case(rt, a.COMP, case).choices if choice.allowed]


@pytest.mark.parametrize("who", [a.AUDITOR, caller("adm", "SYS_ADMIN"),
                                 caller("lia", "DEPT_LIAISON", department="d")])
def test_others_take_no_part(rt, inst, who):
    case = a.submitted(rt, inst)
    for act in (lambda: admission_review.accept(rt, who, case, NONE),
                lambda: admission.create(rt, who, a.FORM)):
        with pytest.raises((NotAllowed, NotFound)):
            act()


def test_two_approvers_at_once_make_one_transition(rt, inst):
    case = a.reviewed(rt, inst)

    def press(person):
        try:
            return admission_review.approve(rt, caller(person, "APPROVER"), case,
                                            admission_review.Approval()).state
        except (IllegalMove, Stale, NotRecorded) as error:
            return error

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(press, ["p1", "p2", "p3", "p4"]))
    assert outcomes.count("DONE") == 1
    assert all(isinstance(found, Refusal) for found in outcomes if found != "DONE")
    with read(rt) as session:
        assert len(session.exec(select(Transition).where(
            Transition.object_id == case, Transition.action == "approve")).all()) == 1
