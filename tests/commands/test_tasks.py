"""Tasks are claimed by one, given back by the same, handed over with a reason."""

import pytest
from sqlmodel import select

from app.commands import tasks
from app.commands.command import Empty
from app.domain.callers import SYSTEM
from app.domain.refusals import IllegalMove, Invalid, NotAllowed, NotFound
from app.store.tables import Task, TrailEntry, TrailPrivate
from app.store.tables_people import Account
from app.store.unit import begin, read
from tests.commands.zone_people import BIZ, INTAKE, INTAKE_2, Walk
from tests.conftest import caller


@pytest.fixture
def owed(rt):
    walk = Walk(rt).draft().submit()
    with read(rt) as session:
        return session.exec(select(Task).where(Task.object_id == walk.id,
                                               Task.done_at.is_(None))).one()


def account(rt, login: str, *roles: str, **values) -> None:
    with begin(rt, SYSTEM) as act:
        act.create(Account, login=login, person_id=f"p-{login}", name=login, roles=list(roles),
                   **values)
        act.record("account.create", f"account/{login}")


def assignee(rt, task: Task) -> str | None:
    with read(rt) as session:
        return session.get(Task, task.id).assignee


def test_one_claims_and_a_second_is_refused(rt, owed):
    assert tasks.claim(rt, INTAKE, owed.id, Empty()).state == "CLAIMED"
    with pytest.raises(IllegalMove):
        tasks.claim(rt, INTAKE_2, owed.id, Empty())
    with pytest.raises(NotAllowed):
        tasks.release(rt, INTAKE_2, owed.id, Empty())
    tasks.release(rt, INTAKE, owed.id, Empty())
    assert assignee(rt, owed) is None


@pytest.mark.parametrize("by, why", [
    (BIZ, NotAllowed), (caller("a", "AUDITOR"), NotAllowed),
    (caller("m", "INST_MAKER", institution="another"), NotFound)])
def test_a_task_is_claimed_by_its_role_only(rt, owed, by, why):
    with pytest.raises(why):
        tasks.claim(rt, by, owed.id, Empty())


@pytest.mark.parametrize("login, roles, values", [
    ("nobody", None, {}), ("closed", ["INTAKE"], {"state": "CLOSED"}), ("biz", ["BIZ_REVIEW"], {}),
    ("guest", ["INTAKE"], {"institution_id": "another"})])
def test_a_task_is_handed_only_to_who_may_do_it(rt, owed, login, roles, values):
    if roles:
        account(rt, login, *roles, **values)
    with pytest.raises(Invalid):
        tasks.reassign(rt, INTAKE, owed.id, tasks.Handover(account=login, reason="休假"))


def test_a_handover_is_recorded_with_its_reason_out_of_the_leaf(rt, owed):
    account(rt, "xu", "INTAKE")
    tasks.reassign(rt, INTAKE, owed.id, tasks.Handover(account="xu", reason="休假转办"))
    assert assignee(rt, owed)
    with read(rt) as session:
        entry = session.exec(select(TrailEntry).where(TrailEntry.kind == "task.reassign")).one()
        assert "休假转办".encode() not in entry.body
        assert session.exec(select(TrailPrivate.value).where(
            TrailPrivate.seq == entry.seq)).one() == "休假转办"
