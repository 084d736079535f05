"""A department is activated by two persons, stopped by one, and takes its datasets with it."""

import pytest
from sqlmodel import select

from app.commands import departments as verbs
from app.commands.command import Reasoned
from app.domain.refusals import GuardFailed, IllegalMove, NotAllowed, NotFound, Stale
from app.queries.departments import department
from app.store.tables import ObjectVersion, TrailEntry, TrailHead, Transition
from app.store.unit import read
from tests.conftest import caller

BIZ, COMP, BOSS = (caller("wu", "BIZ_REVIEW"), caller("zhao", "COMP_REVIEW"),
                   caller("qian", "APPROVER"))
WHY = Reasoned(reason="按季度计划办理")


@pytest.fixture
def ready(rt):
    made = verbs.create(rt, BIZ, verbs.NewDepartment(name="市税务局", liaison="周某"))
    verbs.file_agreement(rt, BIZ, made.id, verbs.ProvisionAgreement(
        signed_on="2026-11-01", clauses=["1"], liaison="周某"))
    return made.id


def test_activation_waits_for_a_second_person(rt, ready):
    first = verbs.activate(rt, BIZ, ready, WHY)
    assert (first.state, first.waiting) == ("CANDIDATE", ("check",))
    second = verbs.activate(rt, BOSS, ready, WHY)
    assert (second.state, second.waiting) == ("ACTIVE", ())
    with read(rt) as session:
        persons = session.exec(select(Transition.person).where(
            Transition.action == "activate").order_by(Transition.duty)).all()
        assert set(persons) == {"wu", "qian"}


def test_one_person_never_fills_two_seats(rt, ready):
    both = caller("sun", "BIZ_REVIEW", "APPROVER")
    verbs.activate(rt, both, ready, WHY)
    with pytest.raises(NotAllowed):
        verbs.activate(rt, both, ready, WHY)


def test_a_guard_names_what_is_missing_and_nothing_changes(rt):
    made = verbs.create(rt, BIZ, verbs.NewDepartment(name="市统计局"))
    with pytest.raises(GuardFailed) as refused:
        verbs.activate(rt, BIZ, made.id, WHY)
    assert refused.value.facts["guards"] == ["agreement_is_signed", "liaison_is_named"]
    with read(rt) as session:
        assert session.exec(select(TrailHead.size)).one() == 2


def test_an_action_from_the_wrong_state_says_what_is_possible(rt, ready):
    with pytest.raises(IllegalMove) as refused:
        verbs.resume(rt, BOSS, ready, WHY)
    assert refused.value.facts["possible"] == ["activate"]


def test_a_stale_version_is_refused(rt, ready):
    with pytest.raises(Stale):
        verbs.activate(rt, BIZ.expecting(1), ready, WHY)


def test_another_departments_liaison_does_not_see_it(rt, ready):
    with pytest.raises(NotFound):
        department(rt, caller("he", "DEPT_LIAISON", department="other"), ready)
    assert department(rt, caller("he", "DEPT_LIAISON", department=ready), ready).name == "市税务局"


def test_every_version_is_kept_with_its_entry(rt, ready):
    verbs.activate(rt, BIZ, ready, WHY)
    verbs.activate(rt, BOSS, ready, WHY)
    with read(rt) as session:
        versions = session.exec(select(ObjectVersion).order_by(ObjectVersion.version)).all()
        assert [version.version for version in versions] == [1, 2, 3]
        entries = session.exec(select(TrailEntry.kind).order_by(TrailEntry.seq)).all()
        assert entries == ["zone.found", "department.create", "department.file_agreement",
                           "department.endorse", "department.activate"]


def test_the_sheet_says_why_an_action_is_not_possible(rt, ready):
    sheet = department(rt, BIZ, ready)
    assert [(choice.action, choice.allowed) for choice in sheet.choices] == [
        ("file_agreement", True), ("edit", True), ("activate", True)]
    assert not department(rt, caller("a", "AUDITOR"), ready).choices[0].allowed


def test_Z05_a_stand_in_and_the_person_behind_are_one_for_every_seat(rt, ready):
    """Whoever stands in for the first signer, or the first signer standing in, cannot be second."""
    from dataclasses import replace

    verbs.activate(rt, BIZ, ready, WHY)
    stand_in = replace(caller("li", "APPROVER"), on_behalf_of="wu", capacity="DELEGATE")
    with pytest.raises(NotAllowed):
        verbs.activate(rt, stand_in, ready, WHY)
    assert verbs.activate(rt, BOSS, ready, WHY).state == "ACTIVE"
