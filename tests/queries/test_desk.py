"""The desk: a person sees what their roles owe, most urgent first, and never another body's."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.commands.clocks import open_task
from app.domain.callers import SYSTEM
from app.domain.canonical import instant
from app.queries import desk as desks
from app.queries.desk import desk
from app.queries.search import Sought, hits
from app.queries.tasks import TaskFilters, tasks
from app.store.tables import TrailEntry
from app.store.tables_decisions import DecisionIndex
from app.store.unit import begin
from tests import zone as rows
from tests.conftest import caller

LI = caller("li", "INTAKE")


def owe(rt, row, action, role, hours=None, *, paused=False, assignee=None):
    """An open task, due in so many hours."""
    with begin(rt, SYSTEM) as act:
        due = act.at + timedelta(hours=hours) if hours is not None else None
        task = open_task(act, row, action, role, f"办理{action}", due=due, assignee=assignee)
        task.paused_at = act.at if paused else None
        act.record("task.open", f"task/{task.id}")


def found(rt, who, **filters):
    return [line.action for line in tasks(rt, who, TaskFilters(**filters)).items]


@pytest.fixture
def zone(rt):
    return rows.tiny(rt)


def test_tasks_come_by_role_and_due_first(rt, zone):
    owe(rt, zone.institution, "later", "INTAKE", 50)
    owe(rt, zone.institution, "late", "INTAKE", -3)
    owe(rt, zone.institution, "whenever", "INTAKE")
    owe(rt, zone.institution, "foreign", "APPROVER", 1)
    owe(rt, zone.institution, "personal", "APPROVER", 2, assignee="acc-li")
    assert found(rt, LI) == ["late", "personal", "later", "whenever"]
    assert found(rt, LI, mine=True) == ["personal"]
    assert found(rt, caller("wu", "AUDITOR")) == []


def test_urgency_splits_overdue_today_and_paused(rt, zone):
    owe(rt, zone.institution, "late", "INTAKE", -1)
    owe(rt, zone.institution, "late-but-paused", "INTAKE", -1, paused=True)
    owe(rt, zone.institution, "today", "INTAKE", 13)
    owe(rt, zone.institution, "tomorrow", "INTAKE", 14)
    assert found(rt, LI, urgency="OVERDUE") == ["late"]
    assert found(rt, LI, urgency="PAUSED") == ["late-but-paused"]
    assert found(rt, LI, urgency="TODAY") == ["today"]
    queues = {queue.action: queue for queue in desk(rt, LI, "me").queues}
    assert [queue.action for queue in desk(rt, LI, "me").queues][0] == "late"
    assert queues["late"].overdue == queues["today"].today == 1
    assert queues["late-but-paused"].paused == 1 and queues["late-but-paused"].overdue == 0


def test_an_institution_sees_only_its_own_tasks(rt, zone):
    with begin(rt, SYSTEM) as act:
        other = rows.institution(act)
    owe(rt, zone.institution, "own", "INST_MAKER", 5)
    owe(rt, other, "foreign", "INST_MAKER", 5)
    owe(rt, zone.department, "departments", "INST_MAKER", 5)
    maker = caller("he", "INST_MAKER", institution=zone.institution.id)
    assert found(rt, maker) == ["own"]
    assert [queue.action for queue in desk(rt, maker, "me").queues] == ["own"]


def test_a_done_task_is_gone(rt, zone, clock):
    from app.commands.clocks import close_tasks

    owe(rt, zone.institution, "done", "INTAKE", 5)
    with begin(rt, SYSTEM) as act:
        close_tasks(act, act.find(type(zone.institution), zone.institution.id))
        act.record("task.close", f"institution/{zone.institution.id}")
    assert found(rt, LI) == []


def test_what_ends_within_ninety_days_is_shown_to_those_who_may_read_it(rt, zone):
    reader = caller("xu", "BIZ_REVIEW")
    for days, shown in ((91, []), (89, [zone.grant.number])):
        rows.set_state(rt, zone.grant, "ACTIVE", valid_to=rt.clock() + timedelta(days=days))
        endings = [one.number for one in desk(rt, reader, "me").endings if one.noun == "grant"]
        assert endings == shown
    assert desk(rt, caller("nobody"), "me").endings == ()


def refuse(rt, zone, count):
    """So many refused calls of the zone's institution, now."""
    with begin(rt, SYSTEM) as act:
        for _ in range(count):
            act.record("decision.sample", "decision/sample")
    with begin(rt, SYSTEM) as act:
        places = act.all(select(TrailEntry.seq).where(TrailEntry.kind == "decision.sample")
                         .order_by(TrailEntry.seq.desc()).limit(count))
        for seq in places:
            act.add(DecisionIndex(seq=seq, id=f"d{seq}", at=instant(act.at), permits=False,
                                  institution_id=zone.institution.id, epoch=1))
        act.record("decision.index", "decision/sample")


def test_denials_are_unusual_only_when_there_are_many(rt, zone):
    reader = caller("xu", "SEC_REVIEW")
    refuse(rt, zone, desks.UNUSUAL_LEAST - 1)
    assert desk(rt, reader, "me").denials == ()
    refuse(rt, zone, 1)
    assert [one.count for one in desk(rt, reader, "me").denials] == [desks.UNUSUAL_LEAST]
    assert desk(rt, caller("nobody"), "me").denials == ()


def test_denials_are_unusual_only_when_there_are_more_than_usual(rt, zone, clock):
    reader = caller("xu", "SEC_REVIEW")
    refuse(rt, zone, 70)
    clock.forward(days=2)
    assert desk(rt, reader, "me").denials == ()
    refuse(rt, zone, 29)
    assert desk(rt, reader, "me").denials == ()
    refuse(rt, zone, 1)
    assert [(one.count, one.usual) for one in desk(rt, reader, "me").denials] == [(30, 10)]


def test_a_search_finds_by_name_and_number_and_passes_over_what_is_not_the_callers(rt, zone):
    staff = caller("xu", "BIZ_REVIEW")
    number = zone.department.number
    assert (("department", number) in
            [(hit.noun, hit.number) for hit in hits(rt, staff, Sought(q=number)).items])
    assert hits(rt, staff, Sought(q="x")).total == 0
    stranger = caller("he", "INST_MAKER", institution="no-such-institution")
    assert hits(rt, stranger, Sought(q=number)).total == 0
