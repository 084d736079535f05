"""A head agreement is signed by three on a complete file, amended with its difference, and ends."""

from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from app.commands import head_agreements as verbs
from app.domain.refusals import GuardFailed, IllegalMove, Invalid, NotAllowed
from app.store.tables import PolicyChange, Task, TrailEntry, Transition
from app.store.tables_supply import HeadAgreement
from app.store.unit import read
from tests.commands import supply


def row(rt, key) -> HeadAgreement:
    with read(rt) as session:
        return session.get(HeadAgreement, key)


def drafted(rt, **said) -> str:
    return verbs.create(rt, supply.BIZ, supply.agreement_text(rt, **said)).id


def guards(run, *args) -> list[str]:
    with pytest.raises(GuardFailed) as found:
        run(*args)
    return found.value.facts["guards"]


@pytest.mark.parametrize(("said", "missing"), [
    ({"clauses": supply.HEAD_CLAUSES[:-1]}, ["clauses_are_complete"]),
    ({"clauses": []}, ["clauses_are_complete"]),
    ({"last_day": date(2031, 1, 1)}, ["term_is_bounded"]),
    ({"signatories": ["甲"]}, ["agreement_is_attached"]),
    ({"files": []}, ["minutes_are_attached", "agreement_is_attached"])])
def test_signing_asks_for_a_complete_file(rt, said, missing):
    key = drafted(rt, **said)
    assert guards(verbs.sign, rt, supply.BIZ, key, supply.WHY) == missing
    assert row(rt, key).state == "DRAFT"


def test_a_term_of_exactly_five_years_is_fine(rt):
    key = drafted(rt)
    assert (row(rt, key).valid_from, row(rt, key).valid_to) == (
        datetime(2025, 12, 31, 16, tzinfo=UTC), datetime(2030, 12, 31, 16, tzinfo=UTC))
    assert verbs.sign(rt, supply.BIZ, key, supply.WHY).waiting == ("review", "approve")


def test_three_persons_sign(rt):
    key = drafted(rt)
    verbs.sign(rt, supply.BIZ, key, supply.WHY)
    with pytest.raises(NotAllowed):
        verbs.sign(rt, supply.BIZ, key, supply.WHY)
    verbs.sign(rt, supply.COMP, key, supply.WHY)
    assert verbs.sign(rt, supply.BOSS, key, supply.WHY).state == "SIGNED"
    with read(rt) as session:
        persons = session.exec(select(Transition.person).where(
            Transition.object_id == key)).all()
    assert sorted(persons) == ["qian", "wu", "zhao"]


def owing(rt, key) -> list[str]:
    """The roles whose signature is owed now."""
    with read(rt) as session:
        return sorted(session.exec(select(Task.role).where(
            Task.object_id == key, Task.action == "sign", Task.done_at.is_(None))).all())


def test_a_signature_is_owed_by_whose_turn_it_is_and_only_of_what_can_be_signed(rt):
    key = drafted(rt, signatories=["甲"])
    assert owing(rt, key) == []
    verbs.edit(rt, supply.BIZ, key, supply.agreement_text(rt))
    assert owing(rt, key) == ["BIZ_REVIEW", "COMP_REVIEW"]
    verbs.sign(rt, supply.BIZ, key, supply.WHY)
    assert owing(rt, key) == ["COMP_REVIEW", "SEC_REVIEW"]
    verbs.sign(rt, supply.COMP, key, supply.WHY)
    assert owing(rt, key) == ["APPROVER"]
    verbs.edit(rt, supply.BIZ, key, supply.agreement_text(rt, title="新名称"))
    assert owing(rt, key) == ["BIZ_REVIEW", "COMP_REVIEW"]
    verbs.edit(rt, supply.BIZ, key, supply.agreement_text(rt, files=[]))
    assert owing(rt, key) == []


def test_INV_06_a_draft_is_edited_a_signed_one_is_not(rt):
    key = drafted(rt)
    verbs.edit(rt, supply.BIZ, key, supply.agreement_text(rt, title="新名称"))
    assert row(rt, key).title == "新名称"
    for who in (supply.BIZ, supply.COMP, supply.BOSS):
        verbs.sign(rt, who, key, supply.WHY)
    with pytest.raises(IllegalMove):
        verbs.edit(rt, supply.BIZ, key, supply.agreement_text(rt))


def test_a_text_edited_between_two_hands_is_signed_from_the_start(rt):
    key = drafted(rt)
    verbs.sign(rt, supply.BIZ, key, supply.WHY)
    verbs.edit(rt, supply.BIZ, key, supply.agreement_text(rt, title="改过"))
    assert verbs.sign(rt, supply.COMP, key, supply.WHY).waiting == ("review", "approve")


def signed(rt, **said) -> str:
    key = drafted(rt, **said)
    for who in (supply.BIZ, supply.COMP, supply.BOSS):
        verbs.sign(rt, who, key, supply.WHY)
    return key


def test_force_needs_its_lists_its_filing_and_its_day(rt):
    key = signed(rt, first_day=date(2027, 1, 1), filing_reference="")
    assert guards(verbs.activate, rt, supply.OPS, key, supply.WHY) == [
        "term_has_begun", "lists_are_loaded", "filing_is_referenced"]


@pytest.fixture
def force(rt):
    home = supply.department(rt)
    dataset = supply.online(rt, home)
    product, _ = supply.product(rt, dataset)
    return supply.head_agreement(rt, [dataset], [product]), dataset, product


def test_INV_06_an_amendment_is_a_new_version_with_its_difference(rt, force):
    key, dataset, product = force
    version = row(rt, key).version
    text = supply.agreement_text(rt, resources=[], products=[product],
                                 last_day=date(2029, 12, 31))
    body = verbs.Amendment(text=text, reason="缩减范围")
    assert verbs.amend(rt, supply.BIZ, key, body).waiting == ("review", "approve")
    assert row(rt, key).resources == [dataset]
    again = verbs.Amendment(reason="同意")
    verbs.amend(rt, supply.COMP, key, again)
    done = verbs.amend(rt, supply.BOSS, key, again)
    assert done.state == "IN_FORCE" and done.version == version + 1
    assert done.detail["diff"]["resources"] == {"added": [], "removed": [dataset]}
    assert done.detail["diff"]["valid_to"]["now"] == "2029-12-31T16:00:00.000000Z"
    assert row(rt, key).resources == []
    with read(rt) as session:
        kinds = session.exec(select(TrailEntry.kind).where(
            TrailEntry.ref == f"head_agreement/{key}")).all()
    assert kinds.count("head_agreement.amend") == 1


def test_an_amendment_is_judged_like_a_signing(rt, force):
    text = supply.agreement_text(rt, last_day=date(2031, 1, 1), clauses=["term"])
    assert guards(verbs.amend, rt, supply.BIZ, force[0],
                  verbs.Amendment(text=text, reason="延长")) == ["clauses_are_complete",
                                                               "term_is_bounded"]


def test_two_persons_terminate_and_everything_below_stops(rt, force):
    assert verbs.terminate(rt, supply.COMP, force[0], supply.WHY).waiting == ("check",)
    assert verbs.terminate(rt, supply.BOSS, force[0], supply.WHY).state == "TERMINATED"
    with read(rt) as session:
        last = session.exec(select(PolicyChange).order_by(PolicyChange.epoch.desc())).first()
    assert (last.noun, last.stops) == ("head_agreement", True)


def test_the_system_expires_what_has_ended_and_nothing_else(rt, force, clock):
    assert verbs.expire_due(rt) == 0
    clock.at = datetime(2030, 12, 31, 16, tzinfo=UTC)
    assert (verbs.expire_due(rt), verbs.expire_due(rt)) == (1, 0)
    assert row(rt, force[0]).state == "EXPIRED"


@pytest.mark.parametrize("said", [{"resources": ["DS-0"]}, {"products": ["PRD-0"]},
                                  {"clauses": ["no-such"]}, {"last_day": date(2025, 1, 1)},
                                  {"files": [{"kind": "MINUTES", "file": "0" * 64}]}])
def test_a_text_that_names_the_unknown_is_refused(rt, said):
    with pytest.raises(Invalid):
        drafted(rt, **said)
    with read(rt) as session:
        assert session.exec(select(HeadAgreement)).all() == []
