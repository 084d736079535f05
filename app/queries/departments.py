"""Departments as people see them: the list and the sheet of one."""

from dataclasses import dataclass

from sqlalchemy import func, or_
from sqlmodel import select

from app.domain.callers import Caller
from app.domain.departments import DEPARTMENT
from app.queries.course import course, filing
from app.queries.possible import Choice, Happening, OpenTask, RunningClock
from app.queries.query import Filters, Page, like, may_read, one, page_of, query
from app.store.situations_supply import department_situation
from app.store.tables_supply import Dataset, Department
from app.store.unit import read


@dataclass(frozen=True)
class DepartmentLine:
    """One department of the list."""

    id: str
    number: str
    name: str
    liaison: str
    state: str
    datasets: int
    version: int


@dataclass(frozen=True)
class DepartmentSheet:
    """One department with what may be done to it."""

    id: str
    number: str
    name: str
    uscc: str
    liaison: str
    contact: str
    state: str
    agreement: dict
    version: int
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]
    clocks: tuple[RunningClock, ...]
    tasks: tuple[OpenTask, ...]


@query("department", "数据提供部门", "Departments")
def departments(rt, caller: Caller, filters: Filters) -> Page[DepartmentLine]:
    """Departments by number; `q` finds number and name."""
    may_read(rt, caller, "department")
    statement = select(Department)
    if filters.q:
        statement = statement.where(or_(Department.name.like(like(filters.q), escape="\\"),
                                        Department.number.like(like(filters.q), escape="\\")))
    if filters.state:
        statement = statement.where(Department.state == filters.state)
    with read(rt) as session:
        counts = dict(session.exec(select(Dataset.department_id, func.count()).group_by(
            Dataset.department_id)).all())
        return page_of(session, caller, Department, statement, filters,
                       order=(Department.number,),
                       line=lambda row: DepartmentLine(
                           row.id, row.number, row.name, row.liaison, row.state,
                           counts.get(row.id, 0), row.version))


@query("department", "数据提供部门", "Department", single=True)
def department(rt, caller: Caller, ref: str) -> DepartmentSheet:
    """One department by id or number."""
    may_read(rt, caller, "department")
    with read(rt) as session:
        row = one(session, caller, Department, ref)
        situation = department_situation(rt, session, caller, row)
        return DepartmentSheet(
            row.id, row.number, row.name, row.uscc, row.liaison, row.contact, row.state,
            row.agreement, row.version,
            **course(rt, session, caller, DEPARTMENT, row, situation, filings=(
                filing(rt, caller, row, "file_agreement", ("登记数据提供协议", "File agreement"),
                       ("CANDIDATE", "ACTIVE", "SUSPENDED")),
                filing(rt, caller, row, "edit", ("修改部门信息", "Edit"),
                       ("CANDIDATE", "ACTIVE", "SUSPENDED")))))
