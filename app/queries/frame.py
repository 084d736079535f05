"""What the frame of every page says about its reader: how much waits, and for whom they act."""

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import select

from app.domain.callers import Caller
from app.queries.tasks import owed_to
from app.store.tables import Task
from app.store.tables_institutions import Institution
from app.store.tables_supply import Department
from app.store.unit import read


@dataclass(frozen=True)
class Frame:
    """`body` is the institution or department the caller belongs to, empty for staff."""

    waiting: int
    body: str


def frame(rt, caller: Caller) -> Frame:
    """The frame for one caller."""
    with read(rt) as session:
        waiting = session.exec(owed_to(caller, select(func.count()).select_from(Task))).one()
        row = None
        if caller.institution:
            row = session.get(Institution, caller.institution)
        elif caller.department:
            row = session.get(Department, caller.department)
        return Frame(int(waiting), row.name if row else "")
