"""Tasks and time limits of a case: opened, paused, stopped inside the act that causes it."""

from datetime import date, datetime, timedelta

from sqlmodel import select

from app.domain.canonical import instant, parse_instant
from app.domain.workdays import Pause, deadline, start_of, workdays_between
from app.store.tables import Clock, Registered, Task
from app.store.unit import Act


def open_task(act: Act, row: Registered, action: str, role: str, title: str, *,
              due: datetime | None = None, assignee: str | None = None) -> Task:
    """Somebody with `role` (or one assignee) owes `action` to the object."""
    return act.add(Task(
        id=act.new_id(), noun=row.noun, object_id=row.id, number=getattr(row, "number", row.id),
        title=title, action=action, role=role, assignee=assignee, opened_at=act.at, due_at=due,
        institution_id=getattr(row, "institution_id", None),
        department_id=getattr(row, "department_id", None)))


def close_tasks(act: Act, row: Registered, action: str = "", role: str = "") -> None:
    """The open tasks of the object are done: all, or those of one action or one role."""
    statement = select(Task).where(Task.noun == row.noun, Task.object_id == row.id,
                                   Task.done_at.is_(None))
    if action:
        statement = statement.where(Task.action == action)
    if role:
        statement = statement.where(Task.role == role)
    for task in act.all(statement):
        task.done_at, task.done_by = act.at, act.caller.account
        act.session.add(task)


def start_clock(act: Act, row: Registered, kind: str, days: int, *,
                working: bool = True) -> Clock:
    """A time limit starts now, in working days unless told otherwise."""
    due = deadline(act.rt.holidays, act.at, days, working=working)
    return act.add(Clock(id=act.new_id(), noun=row.noun, object_id=row.id, kind=kind, days=days,
                         working=working, started_at=act.at, due_at=due.at,
                         provisional=due.provisional))


def start_notice(act: Act, row: Registered, kind: str, last_day: date) -> Clock:
    """A notice period runs from now to the end of a last day; `days` are its working days."""
    table, after = act.rt.holidays, last_day + timedelta(days=1)
    spans = (act.day + timedelta(days=more) for more in range(1, (after - act.day).days))
    return act.add(Clock(
        id=act.new_id(), noun=row.noun, object_id=row.id, kind=kind, working=True,
        days=workdays_between(table, act.day, last_day), started_at=act.at,
        due_at=start_of(after), provisional=any(table.is_provisional(day) for day in spans)))


def running(act: Act, row: Registered, kind: str = "") -> list[Clock]:
    statement = select(Clock).where(Clock.noun == row.noun, Clock.object_id == row.id,
                                    Clock.stopped_at.is_(None))
    return act.all(statement.where(Clock.kind == kind) if kind else statement)


def stop_clocks(act: Act, row: Registered, kind: str = "") -> None:
    """The clocks stop; one that ran over is kept as breached."""
    for clock in running(act, row, kind):
        clock.stopped_at = act.at
        if clock.paused_at is None and act.at >= clock.due_at and clock.breached_at is None:
            clock.breached_at = act.at
        act.session.add(clock)


def pause_clocks(act: Act, row: Registered, kind: str = "") -> None:
    """The clocks stand still, as while an applicant supplements (shown separately)."""
    for clock in running(act, row, kind):
        clock.paused_at = clock.paused_at or act.at
        act.session.add(clock)


def resume_clocks(act: Act, row: Registered, kind: str = "") -> None:
    """The clocks run again; the due instant moves by the days they stood still."""
    for clock in running(act, row, kind):
        if clock.paused_at is None:
            continue
        clock.pauses = [*clock.pauses, [instant(clock.paused_at), instant(act.at)]]
        clock.paused_at = None
        pauses = tuple(Pause(parse_instant(since), parse_instant(until))
                       for since, until in clock.pauses)
        due = deadline(act.rt.holidays, clock.started_at, clock.days, pauses, clock.working)
        clock.due_at, clock.provisional = due.at, due.provisional
        act.session.add(clock)
