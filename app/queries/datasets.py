"""Datasets as people see them: the list, and the sheet of one."""

from dataclasses import dataclass

from pydantic import Field
from sqlalchemy import func, or_
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.datasets import DATASET
from app.queries.course import course, filing, moment
from app.queries.fields import FieldLine, field_lines, judgements
from app.queries.possible import (
    Choice,
    Happening,
    OpenTask,
    RunningClock,
    clocks,
    open_tasks,
)
from app.queries.query import Filters, Page, like, may_read, one, page_of, query
from app.store.situations_onboarding import fields_of, is_open
from app.store.situations_supply import dataset_situation, products_on
from app.store.tables_supply import Dataset, DatasetField, Department, OnboardingCase
from app.store.unit import read


class DatasetFilters(Filters):
    """Datasets of a department, of a grade, by the state of their registration."""

    department: str = Field("", max_length=64, title="数据提供部门",
                            json_schema_extra={"en": "Department"})
    grade: int | None = Field(None, ge=1, le=5, title="分级", json_schema_extra={"en": "Grade"})
    registration: str = Field("", max_length=20, title="登记状态",
                              json_schema_extra={"en": "Registration"})


@dataclass(frozen=True)
class DatasetLine:
    """One dataset of the list."""

    id: str
    number: str
    code: str
    name: str
    department: str
    update_cycle: str
    grade: int | None
    grade_class: str
    has_person: bool
    registration: str
    fields: int
    state: str
    version: int


@dataclass(frozen=True)
class UsedBy:
    """One product that draws on the dataset."""

    id: str
    number: str
    name: str
    state: str


@dataclass(frozen=True)
class DatasetSheet:
    """One dataset with its fields and what draws on it."""

    id: str
    number: str
    code: str
    name: str
    department_id: str
    department: str
    state: str
    update_cycle: str
    category: str
    owner: str
    grade: int | None
    grade_class: str
    has_person: bool
    consent_mode: str
    allowed_purposes: tuple[str, ...]
    forbidden_purposes: tuple[str, ...]
    reshared_from: str
    registration: str
    registration_code: str
    registration_due: str
    registration_valid_to: str
    retires_on: str
    fields: tuple[FieldLine, ...]
    products: tuple[UsedBy, ...]
    version: int
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]
    clocks: tuple[RunningClock, ...]
    tasks: tuple[OpenTask, ...]

    @property
    def dataset_version(self) -> int:
        return self.version

    @property
    def judgements(self) -> list[dict]:
        return judgements(self.fields)


@query("dataset", "数据资源", "Datasets")
def datasets(rt, caller: Caller, filters: DatasetFilters) -> Page[DatasetLine]:
    """Datasets by number; `q` finds number, code and name."""
    may_read(rt, caller, "dataset")
    statement = select(Dataset)
    if filters.q:
        text = like(filters.q)
        statement = statement.where(or_(*(column.like(text, escape="\\") for column in (
            Dataset.number, Dataset.code, Dataset.name))))
    for column, wanted in ((Dataset.state, filters.state), (Dataset.grade, filters.grade),
                           (Dataset.registration, filters.registration)):
        if wanted:
            statement = statement.where(column == wanted)
    if filters.department:
        statement = statement.where(Dataset.department_id.in_(select(Department.id).where(
            or_(Department.id == filters.department, Department.number == filters.department))))
    with read(rt) as session:
        names = dict(session.exec(select(Department.id, Department.name)).all())
        counts = field_counts(session)
        return page_of(session, caller, Dataset, statement, filters, order=(Dataset.number,),
                       line=lambda row: DatasetLine(
                           row.id, row.number, row.code, row.name,
                           names.get(row.department_id, ""), row.update_cycle, row.grade,
                           row.grade_class, row.has_person, row.registration,
                           counts.get(row.id, 0), row.state, row.version))


@query("dataset", "数据资源", "Dataset", single=True)
def dataset(rt, caller: Caller, ref: str) -> DatasetSheet:
    """One dataset by id or number."""
    may_read(rt, caller, "dataset")
    with read(rt) as session:
        row = one(session, caller, Dataset, ref)
        department = session.get(Department, row.department_id)
        return DatasetSheet(
            id=row.id, number=row.number, code=row.code, name=row.name,
            department_id=row.department_id, department=department.name if department else "",
            state=row.state, update_cycle=row.update_cycle, category=row.category,
            owner=row.owner, grade=row.grade, grade_class=row.grade_class,
            has_person=row.has_person, consent_mode=row.consent_mode,
            allowed_purposes=tuple(row.allowed_purposes),
            forbidden_purposes=tuple(row.forbidden_purposes), reshared_from=row.reshared_from,
            registration=row.registration, registration_code=row.registration_code,
            registration_due=moment(row.registration_due),
            registration_valid_to=moment(row.registration_valid_to),
            retires_on=moment(row.retires_on), fields=field_lines(rt, session, row.id),
            products=tuple(UsedBy(item.id, item.number, item.name, item.state)
                           for item in products_on(session, row)), version=row.version,
            **course(rt, session, caller, DATASET, row,
                     dataset_situation(rt, session, caller, row), hidden=frozenset({"go_live"}),
                     filings=_filings(rt, session, caller, row)))


IN_SERVICE = ("ONLINE", "FROZEN", "RETIRING")
FILINGS = (
    ("propose_gradings", ("提出分类分级建议", "Propose grades"), ("PENDING",)),
    ("propose_by_rules", ("机器建议", "Propose by rules"), ("PENDING", "ONLINE", "FROZEN")),
    ("record_registration", ("登记公共数据资源登记结果", "Record the registration"), IN_SERVICE),
    ("file_storage_proof", ("登记清除或返还证明", "File the storage certificate"),
     ("RETIRING",)),
)
SET = ("set_gradings", ("批量确认分类分级", "Set the grades"))
IMPORT = ("import_gradings", ("导入分级表", "Import a grading sheet"))
CONFIRM = ("confirm_proposals", ("确认建议", "Confirm proposals"))
REVIEW = ("review_changes", ("核对来源变化", "Review the source's changes"))
RESCREEN = ("record_rescreen", ("登记复核结果", "Record the re-screening"))
SETTLE = ("settle_contradictions", ("核对后维持分级", "Check and keep the grades"))


def _filings(rt, session: Session, caller: Caller, row: Dataset) -> tuple[Choice | None, ...]:
    """Grades are set while the case of the dataset is being graded, what is owed while it is owed,
    the rest by the dataset's own state."""
    graded = row.state == "PENDING" and session.exec(select(OnboardingCase.id).where(
        OnboardingCase.dataset_id == row.id, OnboardingCase.state == "GRADING")).first()
    fields = fields_of(session, row.id)
    owed = {task.action for task in open_tasks(session, row, moment)}
    due = any(clock.kind == "rescreen" for clock in clocks(session, row, moment))
    possible = ((SET, graded), (IMPORT, graded), (CONFIRM, graded and any(map(is_open, fields))),
                (REVIEW, REVIEW[0] in owed), (RESCREEN, due),
                (SETTLE, any(field.contradicted for field in fields)))
    return tuple(filing(rt, caller, row, action, title, states) for action, title, states in (
        *FILINGS, *((*each, (row.state,) if now else ()) for each, now in possible)))


def field_counts(session: Session) -> dict[str, int]:
    """How many fields each dataset has, by its id; one without fields is left out."""
    return dict(session.exec(select(DatasetField.dataset_id, func.count()).group_by(
        DatasetField.dataset_id)).all())
