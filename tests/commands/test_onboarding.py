"""A dataset is proposed, sent back once, taken in, and every way out ends in a numbered notice."""

import pytest
from sqlmodel import select

from app.commands import onboarding, onboarding_intake
from app.commands.command import Reasoned
from app.domain.instruments import Kind
from app.domain.refusals import GuardFailed, IllegalMove, Invalid, NotAllowed, NotFound
from app.store.tables import Clock, Task, TrailEntry, Transition
from app.store.tables_notices import Notice
from app.store.tables_supply import OnboardingCase
from app.store.unit import read
from tests.commands import supply
from tests.conftest import caller

BY_HAND = Reasoned(reason="暂不提供")


@pytest.fixture
def home(rt):
    return supply.department(rt)


def rows(rt, model, *conditions):
    with read(rt) as session:
        return session.exec(select(model).where(*conditions)).all()


def clocks(rt, case: str) -> dict[str, Clock]:
    return {clock.kind: clock for clock in rows(rt, Clock, Clock.object_id == case,
                                                Clock.stopped_at.is_(None))}


def owed(rt, case: str) -> set[tuple[str, str]]:
    return {(task.role, task.action) for task in rows(
        rt, Task, Task.object_id == case, Task.done_at.is_(None))}


def notice(*places: str, **said) -> onboarding_intake.SupplementNotice:
    return onboarding_intake.SupplementNotice(defects=[
        {"field": place, "zh": "材料不清晰", "en": "not legible", **said} for place in places])


def answers(*places: str) -> onboarding.Answers:
    return onboarding.Answers(answers=[{"field": place, "answer": "已更换"} for place in places])


def refused(code: str, guard_name: str, run, *args) -> None:
    with pytest.raises(GuardFailed) as found:
        run(*args)
    assert guard_name in found.value.facts["guards"], found.value.facts
    assert code in found.value.facts["codes"]


def test_submitting_starts_the_time_to_accept_and_somebody_owes_it(rt, home):
    case = supply.submitted(rt, home)
    assert set(clocks(rt, case)) == {"acceptance"}
    assert clocks(rt, case)["acceptance"].days == 3
    assert owed(rt, case) == {("INTAKE", "accept")}
    assert rows(rt, OnboardingCase, OnboardingCase.id == case)[0].form_digest.startswith("sha256:")


def test_a_draft_lacks_what_the_guards_name(rt, home):
    he = supply.liaison(home)
    made = onboarding.create(rt, he, onboarding.NewCase(code="T", name="表", reshared_from="市局"))
    with pytest.raises(GuardFailed) as found:
        onboarding.submit(rt, he, made.id, supply.NOW)
    assert found.value.facts["guards"] == [
        "required_papers_are_attached", "legality_is_stated", "shared_consent_is_attached"]


def test_shared_data_comes_with_the_consent_of_its_first_department(rt, home):
    he = supply.liaison(home)
    made = onboarding.create(rt, he, onboarding.NewCase(code="T", name="表", legality="共享取得",
                                                        reshared_from="市市场监管局"))
    for kind in ("QUALITY_REPORT", "SHARED_CONSENT"):
        onboarding.attach(rt, he, made.id, onboarding.Attached(
            kind=kind, file=supply.file(rt, kind, department_id=home)))
    assert onboarding.submit(rt, he, made.id, supply.NOW).state == "SUBMITTED"


def test_a_file_of_somebody_else_cannot_be_attached(rt, home):
    case = supply.drafted(rt, home)
    with pytest.raises(Invalid) as found:
        onboarding.attach(rt, supply.liaison(home), case, onboarding.Attached(
            kind="OTHER", file=supply.file(rt, "theirs", institution_id="i1")))
    assert found.value.code == "G-EVIDENCE"


def test_a_submitted_case_is_not_edited(rt, home):
    case = supply.submitted(rt, home)
    with pytest.raises(IllegalMove):
        onboarding.edit(rt, supply.liaison(home), case, onboarding.CaseForm(name="别的"))


def test_another_department_does_not_see_the_case(rt, home):
    case = supply.submitted(rt, home)
    with pytest.raises(NotFound):
        onboarding.withdraw(rt, caller("x", "DEPT_LIAISON", department="other"), case, BY_HAND)


def test_only_the_submitter_withdraws(rt, home):
    case = supply.submitted(rt, home)
    refused("GUARD.FAILED", "caller_is_submitter", onboarding.withdraw, rt, supply.BIZ, case,
            BY_HAND)


def test_intake_accepts_with_a_notice_and_the_grading_begins(rt, home):
    case = supply.accepted(rt, home)
    assert set(clocks(rt, case)) == {"grading"}
    assert owed(rt, case) == {("SEC_REVIEW", "submit_grading")}
    found = rows(rt, Notice, Notice.about_id == case)
    assert [item.kind for item in found] == [str(Kind.ACCEPTANCE)]


def test_INV_05_who_made_a_case_does_not_take_it_in(rt, home):
    both = caller("li", "BIZ_REVIEW", "INTAKE")
    made = onboarding.create(rt, both, onboarding.NewCase(
        code="T", name="表", legality="依法", department=home))
    onboarding.list_fields(rt, both, made.id, onboarding.FieldList(
        fields=[{"code": "A", "name": "甲", "type": "INT"}]))
    onboarding.attach(rt, both, made.id, onboarding.Attached(
        kind="QUALITY_REPORT", file=supply.file(rt, "q")))
    onboarding.submit(rt, both, made.id, supply.NOW)
    refused("G-SOD", "intake_is_apart", onboarding_intake.accept, rt, both, made.id, supply.NOW)


def test_a_field_list_with_gaps_is_not_accepted(rt, home):
    case = supply.submitted(rt, home, fields=(("A", "", "INT"),))
    refused("GUARD.FAILED", "field_list_is_complete", onboarding_intake.accept, rt,
            supply.INTAKE, case, supply.NOW)


def test_a_supplement_stops_the_clock_and_resubmission_lets_it_run_on(rt, home, clock):
    case = supply.submitted(rt, home)
    due = clocks(rt, case)["acceptance"].due_at
    clock.forward(days=1)
    onboarding_intake.request_supplement(rt, supply.INTAKE, case, notice("质量报告"))
    waiting = clocks(rt, case)
    assert waiting["acceptance"].paused_at is not None and waiting["supplement"].days == 10
    assert owed(rt, case) == {("DEPT_LIAISON", "resubmit")}
    clock.forward(days=3)
    onboarding.resubmit(rt, supply.liaison(home), case, answers("质量报告"))
    running = clocks(rt, case)
    assert set(running) == {"acceptance"} and running["acceptance"].paused_at is None
    assert running["acceptance"].due_at > due
    assert owed(rt, case) == {("INTAKE", "accept")}


def test_every_defect_is_answered(rt, home):
    case = supply.submitted(rt, home)
    onboarding_intake.request_supplement(rt, supply.INTAKE, case, notice("甲", "乙"))
    refused("GUARD.FAILED", "every_defect_is_answered", onboarding.resubmit, rt,
            supply.liaison(home), case, answers("甲"))
    with pytest.raises(Invalid):
        onboarding.resubmit(rt, supply.liaison(home), case, answers("甲", "乙", "丙"))
    assert onboarding.resubmit(rt, supply.liaison(home), case,
                               answers("甲", "乙")).state == "SUBMITTED"


def test_defects_are_told_once_and_only_those_may_come_back(rt, home):
    case = supply.submitted(rt, home)
    onboarding_intake.request_supplement(rt, supply.INTAKE, case, notice("甲"))
    with pytest.raises(IllegalMove):
        onboarding_intake.request_supplement(rt, supply.INTAKE, case, notice("乙"))
    onboarding.resubmit(rt, supply.liaison(home), case, answers("甲"))
    refused("G-ONE-NOTICE", "defects_are_told_once", onboarding_intake.request_supplement, rt,
            supply.INTAKE, case, notice("甲", "乙"))
    assert onboarding_intake.request_supplement(rt, supply.INTAKE, case,
                                                notice("甲")).state == "SUPPLEMENT"


def test_an_unknown_reason_code_is_refused_and_nothing_is_told(rt, home):
    case = supply.submitted(rt, home)
    with pytest.raises(Invalid):
        onboarding_intake.request_supplement(rt, supply.INTAKE, case, notice("甲", code="NO.SUCH"))
    assert rows(rt, OnboardingCase, OnboardingCase.id == case)[0].state == "SUBMITTED"
    assert rows(rt, Notice, Notice.about_id == case) == []


def test_a_case_not_mended_in_ten_working_days_is_closed_by_the_system(rt, home, clock):
    case = supply.submitted(rt, home)
    onboarding_intake.request_supplement(rt, supply.INTAKE, case, notice("甲"))
    assert onboarding_intake.lapse_due(rt) == 0
    clock.at = clocks(rt, case)["supplement"].due_at
    refused("SUPPLEMENT.LATE", "supplement_period_runs", onboarding.resubmit, rt,
            supply.liaison(home), case, answers("甲"))
    assert (onboarding_intake.lapse_due(rt), onboarding_intake.lapse_due(rt)) == (1, 0)
    assert rows(rt, OnboardingCase, OnboardingCase.id == case)[0].state == "WITHDRAWN"
    assert clocks(rt, case) == {} and owed(rt, case) == set()
    assert {item.kind for item in rows(rt, Notice, Notice.about_id == case)} == {
        str(Kind.SUPPLEMENT), str(Kind.CLOSING)}
    last = rows(rt, Transition, Transition.object_id == case, Transition.action == "lapse")
    assert [(move.person, move.capacity) for move in last] == [("system", "SYSTEM")]


def test_nobody_lapses_a_case_by_hand(rt, home):
    case = supply.submitted(rt, home)
    onboarding_intake.request_supplement(rt, supply.INTAKE, case, notice("甲"))
    with pytest.raises(NotAllowed):
        onboarding_intake.lapse(rt, supply.INTAKE, case, supply.NOW)


@pytest.mark.parametrize("stage", [supply.drafted, supply.submitted, supply.accepted,
                                   supply.assessed, supply.approved, supply.in_trial])
def test_INV_14_withdrawal_from_any_open_state_ends_in_a_closing_notice(rt, home, stage):
    case = stage(rt, home)
    assert onboarding.withdraw(rt, supply.liaison(home), case, BY_HAND).state == "WITHDRAWN"
    assert str(Kind.CLOSING) in {item.kind for item in rows(rt, Notice, Notice.about_id == case)}
    assert clocks(rt, case) == {} and owed(rt, case) == set()
    with pytest.raises(IllegalMove):
        onboarding.withdraw(rt, supply.liaison(home), case, BY_HAND)


def test_INV_13_each_move_leaves_its_transition_in_the_same_act(rt, home):
    case = supply.accepted(rt, home)
    with read(rt) as session:
        moves = session.exec(select(Transition).where(Transition.object_id == case).order_by(
            Transition.seq)).all()
        kinds = dict(session.exec(select(TrailEntry.seq, TrailEntry.kind)).all())
    assert [(move.action, move.source, move.target) for move in moves] == [
        ("submit", "DRAFT", "SUBMITTED"), ("accept", "SUBMITTED", "GRADING")]
    assert [kinds[move.seq] for move in moves] == ["onboarding_case.submit",
                                                   "onboarding_case.accept"]
