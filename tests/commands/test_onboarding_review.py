"""Grades are confirmed by two, cases decided by fresh eyes, agreements signed by both sides."""

import threading

import pytest
from sqlmodel import select

from app.commands import grading_proposals, gradings, onboarding_review, onboarding_signing
from app.domain.instruments import Kind
from app.domain.refusals import GuardFailed, IllegalMove, Invalid, NotAllowed, Refusal
from app.store.situations_onboarding import fields_of
from app.store.tables import Clock, Transition
from app.store.tables_notices import Notice
from app.store.tables_people import Person
from app.store.tables_supply import Dataset, OnboardingCase
from app.store.unit import begin, read
from tests.commands import supply
from tests.conftest import caller


@pytest.fixture
def home(rt):
    return supply.department(rt)


def row(rt, model, key):
    with read(rt) as session:
        return session.get(model, key)


def fields(rt, case):
    with read(rt) as session:
        return fields_of(session, supply.dataset_id(rt, case))


def guards(run, *args) -> list[str]:
    with pytest.raises(GuardFailed) as found:
        run(*args)
    return found.value.facts["guards"]


def propose(rt, case: str, **said) -> None:
    grading_proposals.propose_gradings(
        rt, supply.SEC, supply.dataset_id(rt, case), grading_proposals.Proposals(
            by="classifier 2026-1", items=[{"field": "NSE", "category": "tax_paid", "grade": 3,
                                            "confidence": 80, **said}]))


def test_every_field_is_graded_before_the_grading_is_submitted(rt, home):
    case = supply.accepted(rt, home)
    assert guards(gradings.submit_grading, rt, supply.SEC, case, supply.WHY) == [
        "every_field_is_graded"]


def test_a_proposal_binds_nobody_until_a_person_confirms_it(rt, home):
    case = supply.accepted(rt, home)
    propose(rt, case)
    assert [field.grade for field in fields(rt, case)] == [None, None]
    confirmed = gradings.confirm_proposals(rt, supply.SEC, supply.dataset_id(rt, case),
                                           gradings.Confirmation(reason="逐项核对"))
    assert confirmed.detail == {"confirmed": 2}
    assert [(field.code, field.grade, field.confirmed_by) for field in fields(rt, case)] == [
        ("TYSHXYDM", 1, "sun"), ("NSE", 3, "sun")]


def test_leaving_a_proposal_needs_a_reason(rt, home):
    case = supply.accepted(rt, home)
    propose(rt, case)
    with pytest.raises(Invalid):
        supply.grade(rt, case, reason="")
    supply.grade(rt, case, reason="汇总后不敏感")
    assert gradings.submit_grading(rt, supply.SEC, case, supply.WHY).waiting == ("check",)
    gradings.submit_grading(rt, supply.SEC2, case, supply.WHY)
    assert row(rt, OnboardingCase, case).grading["overrides"] == 2


@pytest.mark.parametrize("said", [
    {"mask": "BLUR"}, {"negative": True}, {"sensitive": True}])
def test_a_judgement_that_contradicts_itself_is_refused_whole(rt, home, said):
    case = supply.accepted(rt, home)
    with pytest.raises(Invalid) as found:
        supply.grade(rt, case, **said)
    assert {item["at"] for item in found.value.facts["errors"]} == {"TYSHXYDM", "NSE"}
    assert [field.grade for field in fields(rt, case)] == [None, None]


def test_one_field_can_be_graded_alone(rt, home):
    case = supply.accepted(rt, home)
    key = fields(rt, case)[0].id
    gradings.set_grading(rt, supply.SEC, key, gradings.Grading(category="ent_name", grade=1,
                                                               reason="按登记事项归类"))
    assert fields(rt, case)[0].grade == 1


def test_grades_are_set_only_while_the_case_is_graded(rt, home):
    case = supply.graded(rt, home)
    with pytest.raises(IllegalMove):
        supply.grade(rt, case, grade=1)


def test_INV_05_the_submitter_does_not_grade(rt, home):
    case = supply.accepted(rt, home)
    with begin(rt, supply.BIZ) as act:
        act.get(OnboardingCase, case).maker = supply.SEC.person
        act.record("test.case", f"onboarding_case/{case}")
    with pytest.raises(NotAllowed) as found:
        supply.grade(rt, case)
    assert found.value.code == "G-SOD"


def test_two_persons_sign_the_same_grades_or_start_again(rt, home):
    case = supply.accepted(rt, home)
    supply.grade(rt, case)
    gradings.submit_grading(rt, supply.SEC, case, supply.WHY)
    with pytest.raises(NotAllowed):
        gradings.submit_grading(rt, supply.SEC, case, supply.WHY)
    supply.grade(rt, case, grade=1)
    assert gradings.submit_grading(rt, supply.SEC2, case, supply.WHY).waiting == ("check",)
    assert gradings.submit_grading(rt, supply.SEC, case, supply.WHY).state == "ASSESSING"


def test_two_persons_sign_when_a_negative_record_ends(rt, home):
    case = supply.accepted(rt, home)
    supply.grade(rt, case, negative=True, event_end_field="NSE")
    gradings.submit_grading(rt, supply.SEC, case, supply.WHY)
    supply.grade(rt, case, negative=True, event_end_field="TYSHXYDM")
    assert gradings.submit_grading(rt, supply.SEC2, case, supply.WHY).waiting == ("check",)


def test_the_highest_grade_and_the_person_mark_reach_the_dataset(rt, home):
    case = supply.accepted(rt, home)
    supply.grade(rt, case)
    gradings.set_grading(rt, supply.SEC, fields(rt, case)[0].id, gradings.Grading(
        category="person_name", grade=4, subject_kind="PERSON", sensitive=True, reason="含身份"))
    gradings.submit_grading(rt, supply.SEC, case, supply.WHY)
    gradings.submit_grading(rt, supply.SEC2, case, supply.WHY)
    dataset = row(rt, Dataset, supply.dataset_id(rt, case))
    assert (dataset.grade, dataset.grade_class, dataset.has_person) == (4, "GENERAL", True)


def test_INV_10_core_data_is_never_onboarded(rt, home):
    case = supply.accepted(rt, home)
    supply.grade(rt, case, grade=5, grade_class="CORE")
    assert guards(gradings.submit_grading, rt, supply.SEC, case, supply.WHY) == [
        "nothing_is_core"]
    assert row(rt, Dataset, supply.dataset_id(rt, case)).state == "PENDING"


@pytest.mark.parametrize(("judged", "missing"), [
    ({}, ["linkage_is_stated"]),
    ({"grade": 5, "grade_class": "IMPORTANT"}, ["risk_is_assessed", "linkage_is_stated"]),
    ({"subject_kind": "PERSON"}, ["impact_is_assessed", "linkage_is_stated"])])
def test_INV_10_reports_that_the_data_calls_for_must_be_on_file(rt, home, judged, missing):
    case = supply.graded(rt, home, judged=judged)
    assert guards(onboarding_review.submit_assessment, rt, supply.COMP, case,
                  supply.assessment(rt, linkage="")) == missing


def test_INV_05_who_graded_does_not_assess(rt, home):
    case = supply.graded(rt, home)
    both = caller("sun", "COMP_REVIEW")
    assert "reviewer_is_apart" in guards(onboarding_review.submit_assessment, rt, both, case,
                                         supply.assessment(rt))


@pytest.mark.parametrize(("person", "stage"), [
    ("he", "made"), ("shou", "took in"), ("sun", "graded"), ("sun2", "checked"),
    ("zhao", "assessed")])
def test_INV_05_who_made_took_in_or_reviewed_does_not_decide(rt, home, person, stage):
    case = supply.assessed(rt, home)
    name = supply.liaison(home).person if person == "he" else person
    assert guards(onboarding_review.approve, rt, caller(name, "APPROVER"), case,
                  supply.WHY) == ["decider_is_apart"]


def test_INV_05_who_holds_an_interest_does_not_decide(rt, home):
    case = supply.assessed(rt, home)
    with begin(rt, supply.BIZ) as act:
        act.add(Person(id="qian", version=1, created_at=act.at, updated_at=act.at, name="钱",
                       interests=[home]))
        act.record("person.create", "person/qian")
    assert guards(onboarding_review.approve, rt, supply.BOSS, case, supply.WHY) == [
        "has_no_interest"]


def test_an_opinion_that_disagrees_bars_approval(rt, home):
    case = supply.graded(rt, home)
    onboarding_review.submit_assessment(rt, supply.COMP, case,
                                        supply.assessment(rt, result="DISAGREE"))
    assert guards(onboarding_review.approve, rt, supply.BOSS, case, supply.WHY) == [
        "no_opinion_disagrees"]


@pytest.mark.parametrize(("judged", "waiting"), [
    ({"grade": 2}, ()), ({"grade": 3}, ("second",)), ({"grade": 4}, ("second",)),
    ({"grade": 1, "grade_class": "IMPORTANT"}, ("second",)),
    ({"grade": 1, "subject_kind": "PERSON"}, ("second",))])
def test_a_second_approver_is_needed_for_what_is_sensitive(rt, home, judged, waiting):
    case = supply.assessed(rt, home, judged=judged)
    first = onboarding_review.approve(rt, supply.BOSS, case, supply.WHY)
    assert first.waiting == waiting
    assert first.state == ("APPROVAL" if waiting else "APPROVED")
    if waiting:
        assert row(rt, OnboardingCase, case).decision == {}
        assert onboarding_review.approve(rt, supply.DSO, case, supply.WHY).state == "APPROVED"


def test_a_refusal_states_its_reason_code_in_a_numbered_notice(rt, home):
    case = supply.assessed(rt, home)
    done = onboarding_review.reject(rt, supply.BOSS, case, onboarding_review.Refusal(
        code="SECURITY.LINKAGE", reason="关联汇聚风险未说明"))
    assert done.state == "REJECTED"
    found = row(rt, OnboardingCase, case)
    with read(rt) as session:
        letter = session.exec(select(Notice).where(
            Notice.kind == str(Kind.ONBOARDING_REFUSAL))).one()
        move = session.exec(select(Transition).where(Transition.action == "reject")).one()
    assert found.decision["notice"] == letter.serial and move.reason_code == "SECURITY.LINKAGE"


def test_a_refusal_without_a_known_reason_changes_nothing(rt, home):
    case = supply.assessed(rt, home)
    with pytest.raises(Invalid):
        onboarding_review.reject(rt, supply.BOSS, case, onboarding_review.Refusal(
            code="BECAUSE", reason="就是不行"))
    assert row(rt, OnboardingCase, case).state == "APPROVAL"


def test_two_persons_approve_at_once_and_one_wins(rt, home):
    case = supply.assessed(rt, home)
    outcomes, gate = [], threading.Barrier(2)

    def press(who):
        gate.wait()
        try:
            outcomes.append(onboarding_review.approve(rt, who, case, supply.WHY).state)
        except Refusal as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=press, args=(who,)) for who in (supply.BOSS, supply.BOSS2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["APPROVED", "STATE.NOT_ALLOWED"]
    with read(rt) as session:
        assert len(session.exec(select(Transition).where(
            Transition.object_id == case, Transition.action == "approve")).all()) == 1


def test_both_sides_sign_a_complete_agreement(rt, home):
    case = supply.approved(rt, home)
    assert guards(onboarding_signing.sign, rt, supply.SIGNER, case, supply.NOW) == [
        "agreement_is_filed", "clauses_are_complete"]
    onboarding_signing.file_agreement(rt, supply.BIZ, case, onboarding_signing.Agreement(
        file=supply.file(rt, "a"), clauses=supply.CLAUSES[1:]))
    assert guards(onboarding_signing.sign, rt, supply.SIGNER, case, supply.NOW) == [
        "clauses_are_complete"]
    onboarding_signing.file_agreement(rt, supply.BIZ, case, onboarding_signing.Agreement(
        file=supply.file(rt, "a"), clauses=supply.CLAUSES, allowed_purposes=["PF"],
        forbidden_purposes=["PF.RSK"], consent_mode="PER_GRANT"))
    assert onboarding_signing.sign(rt, supply.SIGNER, case, supply.NOW).waiting == ("make",)
    assert onboarding_signing.sign(rt, supply.liaison(home), case, supply.NOW).state == "TRIAL"
    dataset = row(rt, Dataset, supply.dataset_id(rt, case))
    assert (dataset.allowed_purposes, dataset.forbidden_purposes, dataset.consent_mode) == (
        ["PF"], ["PF.RSK"], "PER_GRANT")


def test_a_text_changed_after_one_side_signed_is_signed_again(rt, home):
    case = supply.approved(rt, home)
    terms = {"file": supply.file(rt, "a"), "clauses": supply.CLAUSES}
    onboarding_signing.file_agreement(rt, supply.BIZ, case,
                                      onboarding_signing.Agreement(**terms))
    onboarding_signing.sign(rt, supply.SIGNER, case, supply.NOW)
    onboarding_signing.file_agreement(rt, supply.BIZ, case,
                                      onboarding_signing.Agreement(**terms, trial_loads=1))
    assert onboarding_signing.sign(rt, supply.liaison(home), case,
                                   supply.NOW).waiting == ("check",)


def test_an_agreement_names_known_purposes_and_clauses(rt, home):
    case = supply.approved(rt, home)
    with pytest.raises(Invalid):
        onboarding_signing.file_agreement(rt, supply.BIZ, case, onboarding_signing.Agreement(
            file=supply.file(rt, "a"), clauses=["no-such"]))
    with pytest.raises(Invalid):
        onboarding_signing.file_agreement(rt, supply.BIZ, case, onboarding_signing.Agreement(
            file=supply.file(rt, "a"), clauses=supply.CLAUSES, allowed_purposes=["PF.NO"]))


@pytest.mark.parametrize(("qualities", "said", "missing"), [
    ((990, 979), {}, ["quality_is_met"]), ((990,), {}, ["quality_is_met"]),
    ((990, 980), {"masks_tested": False}, ["masks_are_tested"])])
def test_a_trial_below_the_agreed_quality_does_not_go_live(rt, home, qualities, said, missing):
    case = supply.in_trial(rt, home)
    onboarding_signing.file_trial(rt, supply.OPS, case, supply.trial(rt, *qualities, **said))
    assert guards(onboarding_signing.go_live, rt, supply.OPS, case, supply.NOW) == missing


def test_going_live_puts_the_dataset_online_and_opens_its_registration(rt, home):
    key = supply.online(rt, home)
    dataset = row(rt, Dataset, key)
    assert (dataset.state, dataset.registration) == ("ONLINE", "DUE")
    with read(rt) as session:
        clock = session.exec(select(Clock).where(Clock.object_id == key)).one()
        moves = session.exec(select(Transition.action, Transition.capacity).where(
            Transition.object_id == key)).all()
    assert (clock.kind, clock.days, clock.due_at) == ("registration", 20,
                                                      dataset.registration_due)
    assert moves == [("go_live", "SYSTEM")]
