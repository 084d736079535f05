"""Refused readings as people see them: what is not proposed again, where, why and until when."""

from dataclasses import dataclass
from typing import Literal

from pydantic import Field
from sqlalchemy import or_
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.lifecycle import Situation
from app.domain.negative_examples import NEGATIVE_EXAMPLE, Reach
from app.queries.course import course
from app.queries.fields import Sentence
from app.queries.possible import Choice, Happening, OpenTask, RunningClock
from app.queries.query import Filters, Page, like, may_read, one, page_of, query
from app.store.situations import basics
from app.store.tables_supply import Dataset, Department, NegativeExample
from app.store.unit import read


class ExampleFilters(Filters):
    """Refusals of one department, of one element, or of one reach."""

    department: str = Field("", max_length=64, title="数据提供部门",
                            json_schema_extra={"en": "Department"})
    element: str = Field("", max_length=64, title="数据元", json_schema_extra={"en": "Element"})
    reach: Literal["", *Reach.__members__] = Field("", title="范围",
                                                   json_schema_extra={"en": "Reach"})


@dataclass(frozen=True)
class ExampleLine:
    """One refusal of the list; `name` is the element refused, `dataset` a number."""

    id: str
    number: str
    name: Sentence
    element: str
    reach: str
    department: str
    dataset: str
    column: str
    refused_by: str
    expires_at: str
    state: str
    version: int


@dataclass(frozen=True)
class ExampleSheet:
    """One refusal with what may be done to it."""

    id: str
    number: str
    name: Sentence
    element: str
    reach: str
    department: str
    department_number: str
    dataset: str
    dataset_number: str
    column: str
    reason: str
    refused_by: str
    refused_at: str
    expires_at: str
    state: str
    version: int
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]
    clocks: tuple[RunningClock, ...]
    tasks: tuple[OpenTask, ...]


@query("negative_example", "否定样例", "Negative examples")
def negative_examples(rt, caller: Caller, filters: ExampleFilters) -> Page[ExampleLine]:
    """Refusals, the latest first; `q` finds number, code of the field and reason."""
    may_read(rt, caller, "negative_example")
    statement = select(NegativeExample)
    if filters.q:
        text = like(filters.q)
        statement = statement.where(or_(*(column.like(text, escape="\\") for column in (
            NegativeExample.number, NegativeExample.column, NegativeExample.reason))))
    for column, wanted in ((NegativeExample.state, filters.state),
                           (NegativeExample.element, filters.element),
                           (NegativeExample.reach, filters.reach)):
        if wanted:
            statement = statement.where(column == wanted)
    if filters.department:
        statement = statement.where(NegativeExample.department_id.in_(select(Department.id).where(
            or_(Department.id == filters.department, Department.number == filters.department))))
    with read(rt) as session:
        return page_of(session, caller, NegativeExample, statement, filters,
                       order=(NegativeExample.number.desc(),),
                       line=lambda row: _line(rt, session, row))


def _line(rt, session: Session, row: NegativeExample) -> ExampleLine:
    return ExampleLine(
        row.id, row.number, _element(rt, row), row.element, row.reach,
        session.get(Department, row.department_id).name,
        session.get(Dataset, row.dataset_id).number, row.column, row.refused_by,
        instant(row.expires_at), row.state, row.version)


def _element(rt, row: NegativeExample) -> Sentence:
    title = rt.grading_rules().title(row.element)
    return Sentence(title.zh, title.en)


@query("negative_example", "否定样例", "Negative example", single=True)
def negative_example(rt, caller: Caller, ref: str) -> ExampleSheet:
    """One refusal by id or number."""
    may_read(rt, caller, "negative_example")
    with read(rt) as session:
        row = one(session, caller, NegativeExample, ref)
        department = session.get(Department, row.department_id)
        dataset = session.get(Dataset, row.dataset_id)
        return ExampleSheet(
            id=row.id, number=row.number, name=_element(rt, row), element=row.element,
            reach=row.reach, department=department.name, department_number=department.number,
            dataset=dataset.name, dataset_number=dataset.number, column=row.column,
            reason=row.reason, refused_by=row.refused_by, refused_at=instant(row.created_at),
            expires_at=instant(row.expires_at), state=row.state, version=row.version,
            **course(rt, session, caller, NEGATIVE_EXAMPLE, row,
                     Situation(**basics(rt, session, caller, row)), hidden=frozenset({"expire"})))
