"""Seats of the supplying side: who is next owes a task, nobody sits twice, one of many wins."""

import itertools
import threading

import pytest
from sqlmodel import select

from app.commands import gradings, onboarding_intake, onboarding_review
from app.domain.callers import Caller
from app.domain.refusals import GuardFailed, NotAllowed, Refusal
from app.store.tables import Task, Transition
from app.store.tables_supply import OnboardingCase
from app.store.unit import read
from tests.commands import supply
from tests.conftest import caller

PEOPLE = ("an", "bo", "ci", "du", "en", "fu", "ge", "hu", "ji")
ROLES = ("INTAKE", "SEC_REVIEW", "COMP_REVIEW", "APPROVER", "DSO")


@pytest.fixture
def home(rt):
    return supply.department(rt)


def owed(rt, key: str) -> set[tuple[str, str]]:
    with read(rt) as session:
        return set(session.exec(select(Task.role, Task.action).where(
            Task.object_id == key, Task.done_at.is_(None))).all())


def test_the_next_seat_owes_its_hand(rt, home):
    case = supply.assessed(rt, home, judged={"grade": 3})
    onboarding_review.approve(rt, supply.BOSS, case, supply.WHY)
    assert owed(rt, case) == {("DSO", "approve"), ("APPROVER", "approve")}
    onboarding_review.approve(rt, supply.DSO, case, supply.WHY)
    assert owed(rt, case) == {("DEPT_LIAISON", "sign"), ("OPERATOR_SIGNER", "sign")}


def test_eight_approvers_press_at_once_and_one_decides(rt, home):
    case = supply.assessed(rt, home)
    outcomes, gate = [], threading.Barrier(8)

    def press(person: str) -> None:
        gate.wait()
        try:
            outcomes.append(onboarding_review.approve(rt, caller(person, "APPROVER"), case,
                                                      supply.WHY).state)
        except Refusal as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=press, args=(f"boss{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(outcomes) == 8 and outcomes.count("APPROVED") == 1
    assert set(outcomes) <= {"APPROVED", "STATE.NOT_ALLOWED", "SYS.UNAVAILABLE"}
    with read(rt) as session:
        assert len(session.exec(select(Transition).where(
            Transition.object_id == case, Transition.action == "approve")).all()) == 1


def callers(seed: int):
    """Everybody holds every role; some act for somebody else. The order depends on the seed."""
    stand_ins = [Caller(f"acc-{person}", person, person, frozenset(ROLES), on_behalf_of=other,
                        capacity="DELEGATE") for person, other in
                 zip(PEOPLE, PEOPLE[seed:] + PEOPLE[:seed], strict=True) if other != person]
    own = [caller(person, *ROLES) for person in PEOPLE]
    mixed = [who for pair in itertools.zip_longest(stand_ins, own) for who in pair if who]
    return mixed[seed:] + mixed[:seed], own[seed:] + own[:seed]


def first_accepted(run, candidates) -> None:
    for who in candidates:
        try:
            run(who)
            return
        except (GuardFailed, NotAllowed):
            continue
    pytest.fail("nobody was let through")


@pytest.mark.parametrize("seed", range(6))
def test_INV_05_no_order_of_people_and_stand_ins_lets_one_person_in_twice(rt, home, seed):
    mixed, own = callers(seed)
    case = supply.submitted(rt, home)
    first_accepted(lambda who: onboarding_intake.accept(rt, who, case, supply.NOW), mixed)
    supply.grade(rt, case, grade=3)
    for _ in range(2):
        first_accepted(lambda who: gradings.submit_grading(rt, who, case, supply.WHY), own)
    first_accepted(lambda who: onboarding_review.submit_assessment(
        rt, who, case, supply.assessment(rt)), mixed)
    for _ in range(2):
        first_accepted(lambda who: onboarding_review.approve(rt, who, case, supply.WHY), own)
    with read(rt) as session:
        assert session.get(OnboardingCase, case).state == "APPROVED"
        moves = session.exec(select(Transition).where(Transition.object_id == case)).all()
    decided = {move.person for move in moves if move.action == "approve"}
    before = {person for move in moves if move.action != "approve"
              for person in (move.person, move.on_behalf_of) if person}
    reviewed = {person for move in moves if move.duty == "review"
                for person in (move.person, move.on_behalf_of) if person}
    took_in = {person for move in moves if move.duty in ("make", "intake")
               for person in (move.person, move.on_behalf_of) if person}
    assert len(decided) == 2 and not decided & before
    assert not reviewed & took_in
