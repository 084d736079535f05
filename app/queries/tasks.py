"""What is owed: open tasks by role and by person, the most urgent first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import Field
from sqlalchemy import and_, case, func, or_
from sqlmodel import select

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.queries.query import Filters, Page, like, query
from app.store.tables import Task
from app.store.unit import read


class TaskFilters(Filters):
    """Tasks by queue (`noun.action`), by urgency, or only one's own."""

    queue: str = Field("", max_length=80, title="队列", json_schema_extra={"en": "Queue"})
    urgency: str = Field("", pattern="^(|OVERDUE|TODAY|PAUSED)$", title="缓急",
                         json_schema_extra={"en": "Urgency"})
    mine: bool = Field(False, title="只看我的", json_schema_extra={"en": "Mine only"})


@dataclass(frozen=True)
class TaskLine:
    """One thing somebody owes to an object; `number` is the object's, its id where it has none."""

    id: str
    noun: str
    object_id: str
    number: str
    title: str
    action: str
    role: str
    assignee: str
    opened_at: str
    due_at: str
    paused: bool


@dataclass(frozen=True)
class Queue:
    """The open tasks of one action: how many, how urgent, and since when the oldest waits."""

    noun: str
    action: str
    count: int
    overdue: int
    today: int
    paused: int
    oldest: str


def owed_to(caller: Caller, statement):
    """The select narrowed to open tasks of the caller's roles and scope, or assigned to them."""
    own = or_(Task.assignee == caller.account, Task.role.in_(sorted(caller.roles)))
    statement = statement.where(Task.done_at.is_(None), own)
    if caller.is_staff:
        return statement
    return statement.where(or_(
        and_(Task.institution_id.is_not(None), Task.institution_id == caller.institution),
        and_(Task.department_id.is_not(None), Task.department_id == caller.department)))


def end_of_day(rt, at: datetime) -> datetime:
    """The instant at which the zone's calendar day of ``at`` is over."""
    local = at.astimezone(rt.settings.zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


@query("task", "待办", "Tasks")
def tasks(rt, caller: Caller, filters: TaskFilters) -> Page[TaskLine]:
    """Open tasks the caller may take up; due first, tasks without a limit last."""
    statement = _narrowed(rt, owed_to(caller, select(Task)), caller, filters)
    with read(rt) as session:
        total = session.exec(select(func.count()).select_from(statement.subquery())).one()
        rows = session.exec(statement.order_by(
            Task.due_at.is_(None), Task.due_at, Task.opened_at, Task.id)
            .limit(filters.limit).offset(filters.offset)).all()
    return Page(tuple(_line(row) for row in rows), int(total), filters.limit, filters.offset)


def _narrowed(rt, statement, caller: Caller, filters: TaskFilters):
    now = rt.clock()
    if filters.q:
        pattern = like(filters.q)
        statement = statement.where(or_(Task.title.like(pattern, escape="\\"),
                                        Task.number.like(pattern, escape="\\")))
    if filters.queue:
        noun, _, action = filters.queue.partition(".")
        statement = statement.where(Task.noun == noun, Task.action == action)
    if filters.mine:
        statement = statement.where(Task.assignee == caller.account)
    if filters.urgency == "PAUSED":
        return statement.where(Task.paused_at.is_not(None))
    if filters.urgency == "OVERDUE":
        return statement.where(Task.paused_at.is_(None), Task.due_at < now)
    if filters.urgency == "TODAY":
        return statement.where(Task.paused_at.is_(None), Task.due_at >= now,
                               Task.due_at < end_of_day(rt, now))
    return statement


def _line(row: Task) -> TaskLine:
    return TaskLine(row.id, row.noun, row.object_id, row.number, row.title, row.action,
                    row.role, row.assignee or "", instant(row.opened_at),
                    instant(row.due_at) if row.due_at else "", row.paused_at is not None)


def task_queues(rt, session, caller: Caller) -> tuple[Queue, ...]:
    """Every queue that holds something for the caller, the one with the most overdue first."""
    now = rt.clock()
    runs = Task.paused_at.is_(None)
    late = and_(runs, Task.due_at < now)
    soon = and_(runs, Task.due_at >= now, Task.due_at < end_of_day(rt, now))
    rows = session.exec(owed_to(caller, select(
        Task.noun, Task.action, func.count(), _times(late), _times(soon),
        _times(Task.paused_at.is_not(None)), func.min(Task.opened_at)))
        .group_by(Task.noun, Task.action)).all()
    found = [Queue(noun, action, count, int(overdue or 0), int(today or 0), int(paused or 0),
                   instant(oldest))
             for noun, action, count, overdue, today, paused, oldest in rows]
    return tuple(sorted(found, key=lambda one: (-one.overdue, -one.today, -one.count, one.noun,
                                                one.action)))


def _times(condition):
    return func.sum(case((condition, 1), else_=0))
