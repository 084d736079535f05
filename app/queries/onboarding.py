"""Onboarding cases as people see them: the list, and the sheet of one with its field table."""

from dataclasses import dataclass, replace

from pydantic import Field
from sqlalchemy import or_
from sqlmodel import select

from app.domain.callers import Caller
from app.domain.onboarding import (
    ONBOARDING,
    OPEN,
    OnboardingSituation,
    State,
    needs_second,
)
from app.queries.course import course, filing, moment
from app.queries.datasets import field_counts
from app.queries.fields import FieldLine, field_lines, judgements
from app.queries.possible import Choice, Happening, OpenTask, RunningClock
from app.queries.query import Filters, Page, like, may_read, one, page_of, query
from app.store.situations_onboarding import onboarding_situation
from app.store.tables_supply import Dataset, Department, OnboardingCase
from app.store.unit import read


class CaseFilters(Filters):
    """Cases of a department or a dataset, or only those still open."""

    department: str = Field("", max_length=64, title="数据提供部门",
                            json_schema_extra={"en": "Department"})
    dataset: str = Field("", max_length=64, title="数据资源", json_schema_extra={"en": "Dataset"})
    open: bool = Field(False, title="只看在办", json_schema_extra={"en": "Open only"})


@dataclass(frozen=True)
class CaseLine:
    """One case of the list."""

    id: str
    number: str
    title: str
    department: str
    dataset_number: str
    grade: int | None
    fields: int
    submitted_at: str
    state: str
    version: int


@dataclass(frozen=True)
class CaseSheet:
    """One case with everything put on file in it and the fields of its dataset."""

    id: str
    number: str
    title: str
    name: str
    state: str
    department_id: str
    department: str
    dataset_id: str
    dataset_number: str
    dataset_version: int
    code: str
    update_cycle: str
    category: str
    owner: str
    reshared_from: str
    legality: str
    files: tuple[dict, ...]
    form_digest: str
    defects: tuple[dict, ...]
    rounds: int
    grade: int | None
    grade_class: str
    has_person: bool
    needs_second: bool
    grading: dict
    assessment: dict
    agreement: dict
    trial: dict
    decision: dict
    submitted_at: str
    fields: tuple[FieldLine, ...]
    ungraded: int
    version: int
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]
    clocks: tuple[RunningClock, ...]
    tasks: tuple[OpenTask, ...]

    @property
    def judgements(self) -> list[dict]:
        return judgements(self.fields)


@query("onboarding_case", "数据准接入申请", "Onboarding cases")
def onboarding_cases(rt, caller: Caller, filters: CaseFilters) -> Page[CaseLine]:
    """Cases, newest first; `q` finds number and title."""
    may_read(rt, caller, "onboarding_case")
    statement = select(OnboardingCase)
    if filters.q:
        text = like(filters.q)
        statement = statement.where(or_(OnboardingCase.number.like(text, escape="\\"),
                                        OnboardingCase.title.like(text, escape="\\")))
    if filters.state:
        statement = statement.where(OnboardingCase.state == filters.state)
    if filters.open:
        statement = statement.where(OnboardingCase.state.in_([str(state) for state in OPEN]))
    for model, column, wanted in (
            (Department, OnboardingCase.department_id, filters.department),
            (Dataset, OnboardingCase.dataset_id, filters.dataset)):
        if wanted:
            statement = statement.where(column.in_(select(model.id).where(
                or_(model.id == wanted, model.number == wanted))))
    with read(rt) as session:
        departments = dict(session.exec(select(Department.id, Department.name)).all())
        counts = field_counts(session)
        return page_of(session, caller, OnboardingCase, statement, filters,
                       order=(OnboardingCase.number.desc(),),
                       line=lambda row: _line(session, departments, counts, row))


def _line(session, departments: dict[str, str], counts: dict[str, int],
          row: OnboardingCase) -> CaseLine:
    dataset = session.get(Dataset, row.dataset_id)
    return CaseLine(row.id, row.number, row.title, departments.get(row.department_id, ""),
                    dataset.number, dataset.grade, counts.get(dataset.id, 0),
                    moment(row.submitted_at), row.state, row.version)


@query("onboarding_case", "数据准接入申请", "Onboarding case", single=True)
def onboarding_case(rt, caller: Caller, ref: str) -> CaseSheet:
    """One case by id or number."""
    may_read(rt, caller, "onboarding_case")
    with read(rt) as session:
        row = one(session, caller, OnboardingCase, ref)
        dataset = session.get(Dataset, row.dataset_id)
        department = session.get(Department, row.department_id)
        situation = onboarding_situation(rt, session, caller, row)
        fields = field_lines(rt, session, dataset.id)
        return CaseSheet(
            id=row.id, number=row.number, title=row.title, name=row.title, state=row.state,
            department_id=row.department_id, department=department.name,
            dataset_id=dataset.id, dataset_number=dataset.number,
            dataset_version=dataset.version, code=dataset.code,
            update_cycle=dataset.update_cycle, category=dataset.category, owner=dataset.owner,
            reshared_from=dataset.reshared_from, legality=row.legality, files=tuple(row.files),
            form_digest=row.form_digest, defects=tuple(row.defects), rounds=row.rounds,
            grade=dataset.grade, grade_class=dataset.grade_class, has_person=dataset.has_person,
            needs_second=needs_second(situation), grading=row.grading,
            assessment=row.assessment, agreement=row.agreement, trial=row.trial,
            decision=row.decision, submitted_at=moment(row.submitted_at), fields=fields,
            ungraded=situation.fields_ungraded, version=row.version,
            **course(rt, session, caller, ONBOARDING, row, _as_formed(row, situation),
                     hidden=frozenset({"lapse"}), filings=_filings(rt, caller, row)))


def _as_formed(row: OnboardingCase, situation: OnboardingSituation) -> OnboardingSituation:
    """What the form of the next act brings is left to the form: its answers, its assessment."""
    if row.state == State.ASSESSING:
        return replace(situation, assessment=dict.fromkeys(
            ("linkage", "risk_report", "impact_report"), "in the form"))
    return replace(situation, unanswered=0) if row.state == State.SUPPLEMENT else situation


DRAFTING = ("DRAFT", "SUPPLEMENT")
FILINGS = (
    ("edit", ("修改申请", "Edit"), DRAFTING),
    ("list_fields", ("维护数据项清单", "List the fields"), DRAFTING),
    ("attach", ("提交材料", "Attach a file"), DRAFTING),
    ("file_agreement", ("登记数据提供协议", "File the agreement"), ("APPROVED",)),
    ("file_trial", ("登记试接入结果", "File the trial"), ("TRIAL",)),
)


def _filings(rt, caller: Caller, row: OnboardingCase) -> tuple[Choice | None, ...]:
    return tuple(filing(rt, caller, row, action, title, states)
                 for action, title, states in FILINGS)
