"""The institution's laws: one person stops it, two start it again, three after a breach."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from app.commands import institutions as verbs
from app.commands.command import Reasoned
from app.domain.callers import SYSTEM
from app.domain.institutions import next_review
from app.domain.refusals import GuardFailed, IllegalMove, Invalid, NotAllowed, NotFound
from app.queries.institutions import InstitutionFilters, institution, institutions
from app.store.tables import PolicyChange, Task
from app.store.tables_institutions import Institution
from app.store.tables_notices import Notice
from app.store.unit import begin, read
from tests import zone
from tests.commands import applicants as a
from tests.conftest import caller

STOP = verbs.Suspension(ground="HOLD.EMERGENCY", reason="发现异常批量调用")
WHY = Reasoned(reason="情况属实")


@pytest.fixture
def inst(rt):
    with begin(rt, SYSTEM) as act:
        return zone.institution(act).id


@pytest.fixture
def file(rt):
    return a.paper(rt, a.COMP)


def row(rt, inst):
    with read(rt) as session:
        return session.get(Institution, inst)


def changes(rt, inst):
    with read(rt) as session:
        return [change.stops for change in session.exec(select(PolicyChange).where(
            PolicyChange.object_id == inst).order_by(PolicyChange.epoch))]


def notices(rt):
    with read(rt) as session:
        return [line.kind for line in session.exec(select(Notice).order_by(Notice.created_at))]


def evidenced(file, reason="已整改"):
    return verbs.Evidenced(reason=reason, evidence=[file])


@pytest.mark.parametrize("who", [a.SEC, a.COMP, a.DSO])
def test_INV_04_one_person_stops_an_institution_and_decisions_follow(rt, inst, who):
    before = len(changes(rt, inst))
    done = verbs.suspend(rt, who, inst, STOP)
    assert (done.state, done.waiting) == ("SUSPENDED", ())
    assert changes(rt, inst)[before:] == [True]
    assert notices(rt) == ["SUSPENSION"]
    assert (row(rt, inst).suspended_for, row(rt, inst).automatic) == ("HOLD.EMERGENCY", False)


@pytest.mark.parametrize("who", [a.BOSS, a.OPS, a.AUDITOR, a.BIZ])
def test_others_stop_nothing(rt, inst, who):
    with pytest.raises(NotAllowed):
        verbs.suspend(rt, who, inst, STOP)
    assert row(rt, inst).state == "ADMITTED"


def test_an_unknown_ground_stops_nothing(rt, inst):
    with pytest.raises(Invalid):
        verbs.suspend(rt, a.SEC, inst, verbs.Suspension(ground="DOC.MISSING", reason="不适用"))


def test_INV_04_two_persons_resume_and_sign_the_same_evidence(rt, inst, file):
    verbs.suspend(rt, a.SEC, inst, STOP)
    with pytest.raises(GuardFailed, match="evidence"):
        verbs.resume(rt, a.COMP, inst, verbs.Evidenced(reason="已整改"))
    first = verbs.resume(rt, a.COMP, inst, evidenced(file))
    assert (first.state, first.waiting) == ("SUSPENDED", ("check",))
    with pytest.raises(NotAllowed):
        verbs.resume(rt, caller("zhao", "APPROVER"), inst, verbs.Evidenced(reason="同意"))
    done = verbs.resume(rt, a.BOSS, inst, verbs.Evidenced(reason="同意"))
    assert done.state == "ADMITTED"
    assert notices(rt) == ["SUSPENSION", "RESUMPTION"]
    assert not changes(rt, inst)[-1] and row(rt, inst).suspended_for == ""


def test_after_a_breach_the_security_officer_signs_too(rt, inst, file):
    verbs.suspend(rt, a.SEC, inst, verbs.Suspension(ground="BREACH.PURPOSE", reason="超范围使用"))
    verbs.resume(rt, a.COMP, inst, evidenced(file))
    assert verbs.resume(rt, a.BOSS, inst, verbs.Evidenced(reason="同意")).waiting == ("second",)
    assert verbs.resume(rt, a.DSO, inst, verbs.Evidenced(reason="同意")).state == "ADMITTED"
    assert not row(rt, inst).after_breach


@pytest.mark.parametrize("name", ["licence_expires", "security_expires"])
@pytest.mark.parametrize(("day", "lawful"), [(date(2026, 11, 23), True),
                                             (date(2026, 11, 22), False)])
def test_nobody_resumes_on_a_certificate_that_lapsed(rt, inst, file, name, day, lawful):
    verbs.suspend(rt, a.SEC, inst, STOP)
    with begin(rt, SYSTEM) as act:
        setattr(act.find(Institution, inst), name, day)
        act.record("institution.place", f"institution/{inst}")
    if lawful:
        verbs.resume(rt, a.COMP, inst, evidenced(file))
    else:
        with pytest.raises(GuardFailed):
            verbs.resume(rt, a.COMP, inst, evidenced(file))


def test_an_automatic_stop_is_confirmed_by_two_within_72_hours(rt, inst, clock):
    verbs.suspend(rt, SYSTEM, inst, STOP)
    found = row(rt, inst)
    assert found.automatic and found.confirm_by == clock() + timedelta(hours=72)
    assert verbs.confirm_suspension(rt, a.SEC, inst, WHY).waiting == ("check",)
    assert verbs.confirm_suspension(rt, a.BOSS, inst, WHY).state == "SUSPENDED"
    assert row(rt, inst).confirm_by is None and not row(rt, inst).automatic
    with pytest.raises(GuardFailed):
        verbs.confirm_suspension(rt, a.SEC, inst, WHY)


def owing(rt, inst) -> set[tuple[str, str]]:
    """Whose hand is owed to which move of the institution."""
    with read(rt) as session:
        return set(session.exec(select(Task.action, Task.role).where(
            Task.object_id == inst, Task.done_at.is_(None))).all())


@pytest.mark.parametrize(("due", "lawful"), [(date(2026, 11, 24), True),
                                             (date(2026, 11, 23), False)])
def test_two_persons_order_to_rectify_by_a_day_ahead(rt, inst, due, lawful):
    order = verbs.RectifyOrder(reason="日志留存不足", due=due, stop=True)
    if not lawful:
        with pytest.raises(GuardFailed):
            verbs.order_rectify(rt, a.COMP, inst, order)
        return
    assert verbs.order_rectify(rt, a.COMP, inst, order).waiting == ("check",)
    assert owing(rt, inst) == {("order_rectify", "APPROVER"), ("order_rectify", "COMP_REVIEW")}
    second = verbs.RectifyOrder(reason="同意")
    assert verbs.order_rectify(rt, a.BOSS, inst, second).state == "RECTIFYING"
    found = row(rt, inst)
    assert (found.rectify_due, found.stop_order) == (due, True)
    assert owing(rt, inst) == set()
    assert changes(rt, inst)[-1]


def test_a_rectification_is_accepted_by_two_on_evidence(rt, inst, file):
    order = verbs.RectifyOrder(reason="日志留存不足", due=date(2026, 12, 31), stop=True)
    verbs.order_rectify(rt, a.COMP, inst, order)
    verbs.order_rectify(rt, a.BOSS, inst, verbs.RectifyOrder(reason="同意"))
    with pytest.raises(GuardFailed):
        verbs.accept_rectify(rt, a.COMP, inst, verbs.Evidenced(reason="已整改"))
    verbs.accept_rectify(rt, a.COMP, inst, evidenced(file))
    assert verbs.accept_rectify(rt, a.BOSS, inst, verbs.Evidenced()).state == "ADMITTED"
    assert (row(rt, inst).stop_order, row(rt, inst).rectify_due) == (False, None)


def test_the_annual_review_takes_two_and_sets_the_next(rt, inst, file):
    said = verbs.Evidenced(evidence=[file], licence_expires=date(2031, 1, 1))
    verbs.annual_review(rt, a.COMP, inst, said)
    done = verbs.annual_review(rt, a.BOSS, inst, verbs.Evidenced())
    found = row(rt, inst)
    assert (done.state, found.licence_expires) == ("ADMITTED", date(2031, 1, 1))
    assert (found.review_due, found.security_expires) == (date(2027, 11, 23), date(2027, 12, 31))


@pytest.mark.parametrize(("day", "later"), [("2024-02-29", "2025-02-28"),
                                            ("2026-11-23", "2027-11-23")])
def test_the_next_review_is_a_year_later(day, later):
    assert next_review(date.fromisoformat(day)) == date.fromisoformat(later)


def test_an_exit_is_proposed_by_one_and_confirmed_by_the_approver(rt, inst):
    signer = a.signer(inst)
    with pytest.raises(Invalid):
        verbs.start_exit(rt, signer, inst, verbs.ExitStart(reason="业务调整"))
    said = verbs.ExitStart(trigger="VOLUNTARY", reason="业务调整")
    assert verbs.start_exit(rt, signer, inst, said).waiting == ("check",)
    done = verbs.start_exit(rt, a.BOSS, inst, verbs.ExitStart(reason="同意"))
    assert (done.state, row(rt, inst).exit_trigger) == ("EXITING", "VOLUNTARY")
    assert changes(rt, inst)[-1]
    with pytest.raises(IllegalMove):
        verbs.suspend(rt, a.SEC, inst, STOP)


def test_INV_05_an_interest_in_the_institution_recuses(rt, inst, file):
    with begin(rt, SYSTEM) as act:
        zone.person(act, "zhao", interests=[inst])
    verbs.suspend(rt, a.SEC, inst, STOP)
    with pytest.raises(GuardFailed, match="an interest in a party"):
        verbs.resume(rt, a.COMP, inst, evidenced(file))


@pytest.mark.parametrize(
    "said",
    [{"uscc": "91110000000000001a"}, {"uscc": "9111"}, {"kind": "CASINO"}, {"name": "x\u202e"},
     {"business_ref_pattern": "(a+)+$"}],
)
def test_a_body_that_makes_no_sense_is_refused(said):
    with pytest.raises(ValueError):
        verbs.NewInstitution(**{"name": "滨海银行", "uscc": "91110000000000001A", "kind": "BANK",
                                **said})


def test_two_institutions_never_share_a_uscc(rt):
    a.registered(rt)
    with pytest.raises(Invalid):
        a.registered(rt, name="另一家")


def test_an_institution_sees_itself_only(rt, inst):
    other = a.registered(rt)
    assert institution(rt, a.maker(inst), inst).state == "ADMITTED"
    with pytest.raises(NotFound):
        institution(rt, a.maker(inst), other)
    assert institutions(rt, a.maker(inst), InstitutionFilters()).total == 1
    assert institutions(rt, a.BOSS, InstitutionFilters(kind="BANK")).total == 2


def test_the_profile_shows_what_hangs_on_it_and_what_may_be_done(rt):
    made = zone.tiny(rt)
    seen = institution(rt, a.SEC, made.institution.number)
    assert [held.number for held in seen.grants] == [made.grant.number]
    assert [held.extra for held in seen.apps] == ["203.0.113.0/24"]
    assert [held.extra for held in seen.credentials] == [made.credential.prefix]
    assert made.secret not in repr(seen)
    allowed = {choice.action for choice in seen.choices if choice.allowed}
    assert allowed == {"suspend", "tighten_quota"}
    allowed = {choice.action for choice in institution(rt, a.COMP, made.institution.id).choices
               if choice.allowed}
    assert allowed == {"suspend", "annual_review", "order_rectify", "start_exit", "tighten_quota",
                       "widen_quota"}


def test_a_lapsed_licence_is_renewed_when_the_institution_resumes(rt, inst, file):
    with begin(rt, SYSTEM) as act:
        act.find(Institution, inst).licence_expires = date(2026, 11, 1)
        act.record("institution.place", f"institution/{inst}")
    lapsed = verbs.Suspension(ground="HOLD.QUALIFICATION", reason="许可证到期")
    verbs.suspend(rt, a.SEC, inst, lapsed)
    renewed = verbs.Evidenced(reason="已换证", evidence=[file], licence_expires=date(2031, 1, 1))
    verbs.resume(rt, a.COMP, inst, renewed)
    assert verbs.resume(rt, a.BOSS, inst, verbs.Evidenced(reason="同意")).state == "ADMITTED"
    assert row(rt, inst).licence_expires == date(2031, 1, 1)
