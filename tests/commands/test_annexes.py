"""The annex of a narrowing: owed within 20 working days, filed with its digest, late ones shown."""

from datetime import date

import pytest
from sqlmodel import select

from app.commands import annexes, attachments, contracts, due
from app.domain.refusals import GuardFailed, IllegalMove, Invalid, NotAllowed
from app.queries.contracts import contract as sheet
from app.store.tables import Clock, Task, Transition
from app.store.tables_grants import Contract
from app.store.unit import read
from tests.commands.test_grant_decisions import amendment, decided
from tests.commands.zone_people import BOSS, CLAUSES, OPERATOR, OPS, Walk

TODAY = date(2026, 11, 23)


@pytest.fixture
def walk(rt) -> Walk:
    """A decided narrowing."""
    first = decided(rt).approve().prepare().sign()
    return amendment(rt, first, retention_days=90).submit().accept().opinions().approve()


def signed(rt, walk, **changes) -> annexes.SignedAnnex:
    file = attachments.store_file(rt, OPERATOR, "annex.txt", "双方签署的附件".encode()).id
    return annexes.SignedAnnex(**{
        "signed_on": TODAY, "file": file, "institution_signatory": "孙某",
        "operator_signatory": "江某", "scope_digest": walk.row().scope_digest, **changes})


def owed(rt, walk) -> tuple[list[Task], Clock]:
    with read(rt) as session:
        key = walk.contract().id
        return (session.exec(select(Task).where(Task.object_id == key,
                                                Task.done_at.is_(None))).all(),
                session.exec(select(Clock).where(Clock.object_id == key)).one())


def test_a_narrowing_owes_an_annex_within_twenty_working_days(rt, walk):
    [task], clock = owed(rt, walk)
    assert (task.action, task.role, task.due_at) == ("file_annex", "OPERATOR_SIGNER", clock.due_at)
    assert (clock.kind, clock.days) == ("annex", 20)
    row = walk.contract()
    assert (row.template, row.state, row.scope_digest) == (
        "annex", "DRAFT", walk.row().scope_digest)
    assert row.grant_id == walk.row().grant_id


def test_the_signed_annex_closes_task_and_clock_and_is_sealed_with_its_file(rt, walk):
    body = signed(rt, walk)
    assert annexes.file_annex(rt, OPERATOR, walk.contract().number, body).state == "SIGNED"
    tasks, clock = owed(rt, walk)
    row = walk.contract()
    assert not tasks and clock.stopped_at is not None and clock.breached_at is None
    assert (row.file, row.signed_on) == (body.file, TODAY)
    assert [item["side"] for item in row.signatures] == ["INSTITUTION", "OPERATOR"]
    with read(rt) as session:
        move = session.exec(select(Transition).where(Transition.action == "file_annex")).one()
    assert move.evidence == [body.file]
    with pytest.raises(IllegalMove):
        annexes.file_annex(rt, OPERATOR, row.id, body)


@pytest.mark.parametrize("changes, guard", [
    ({"scope_digest": "sha256:" + "0" * 64}, "annex_is_as_approved"),
    ({"signed_on": date(2026, 11, 24)}, "day_of_signing_is_possible"),
    ({"signed_on": date(2026, 11, 22)}, "day_of_signing_is_possible")])
def test_an_annex_that_is_not_what_was_decided_is_refused(rt, walk, changes, guard):
    with pytest.raises(GuardFailed) as refused:
        annexes.file_annex(rt, OPERATOR, walk.contract().id, signed(rt, walk, **changes))
    assert refused.value.facts["guards"] == [guard] and owed(rt, walk)[0]


def test_an_annex_needs_a_file_that_was_handed_in_and_the_operators_signer(rt, walk):
    with pytest.raises(Invalid):
        annexes.file_annex(rt, OPERATOR, walk.contract().id, signed(rt, walk, file="0" * 64))
    with pytest.raises(NotAllowed):
        annexes.file_annex(rt, BOSS, walk.contract().id, signed(rt, walk))


def test_a_late_annex_is_a_breach_and_can_still_be_filed(rt, walk, clock):
    clock.forward(days=40)
    due.advance_due(rt)
    assert owed(rt, walk)[1].breached_at is not None
    assert sheet(rt, OPERATOR, walk.contract().id).clocks[0].breached
    assert annexes.file_annex(rt, OPERATOR, walk.contract().id, signed(rt, walk)).state == "SIGNED"


def test_a_contract_of_an_application_is_no_annex_and_an_annex_is_not_prepared(rt, walk):
    with read(rt) as session:
        first = session.exec(select(Contract).where(Contract.template != "annex")).one()
    with pytest.raises(IllegalMove):
        annexes.file_annex(rt, OPERATOR, first.id, signed(rt, walk))
    with pytest.raises(IllegalMove):
        contracts.prepare(rt, OPS, walk.contract().id, contracts.Prepared(clauses=CLAUSES))
    fresh = decided(rt).approve()
    with pytest.raises(GuardFailed):
        annexes.file_annex(rt, OPERATOR, fresh.contract().id, signed(rt, walk))


def test_the_sheet_offers_the_annex_to_the_operators_signer(rt, walk):
    shown = sheet(rt, OPERATOR, walk.contract().id)
    assert [choice.action for choice in shown.choices if choice.allowed] == ["file_annex"]
    assert shown.contract.missing == ()
