"""Fields as people see them: what is proposed and why, what was judged, the list, one field."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal

from pydantic import Field
from sqlalchemy import or_
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.classification.verdicts import Reason
from app.domain.grades import SubjectKind
from app.domain.grounds import Words
from app.domain.standings import Standing
from app.engines.classification.suggestions import RULE, SCAN, proposer
from app.queries.query import Filters, Page, like, may_read, one, page_of, query
from app.store.field_standings import (
    CONFIRMED,
    LEVEL,
    OVERRIDDEN,
    PERSONAL,
    STANDS,
    proposed_by,
)
from app.store.situations_onboarding import fields_of
from app.store.tables_supply import Dataset, DatasetField, Department
from app.store.unit import read


class FieldFilters(Filters):
    """Fields of one dataset or department, by how they stand and what became of their proposals.

    `level` is the confirmed one, the proposed one where none is confirmed; `by_rules` are those for
    which the rules or a scan proposed.
    """

    dataset: str = Field("", max_length=64, title="数据资源", json_schema_extra={"en": "Dataset"})
    grade: int | None = Field(None, ge=1, le=5, title="分级", json_schema_extra={"en": "Grade"})
    unconfirmed: bool = Field(False, title="只看未确认",
                              json_schema_extra={"en": "Unconfirmed only"})
    department: str = Field("", max_length=64, title="数据提供部门",
                            json_schema_extra={"en": "Department"})
    standing: Literal["", *Standing.__members__] = Field("", title="确认情况",
                                                         json_schema_extra={"en": "Standing"})
    level: int | None = Field(None, ge=1, le=5, title="级别", json_schema_extra={"en": "Level"})
    personal: Literal["", "yes", "no"] = Field("", title="个人信息",
                                               json_schema_extra={"en": "Personal"})
    overridden: Literal["", "yes", "no"] = Field("", title="改变建议",
                                                 json_schema_extra={"en": "Overridden"})
    by_rules: bool = Field(False, title="规则或扫描所提",
                           json_schema_extra={"en": "By rules or scans"})
    proposed: int | None = Field(None, ge=1, le=5, title="建议级别",
                                 json_schema_extra={"en": "Proposed level"})
    category: str = Field("", max_length=200, title="分类", json_schema_extra={"en": "Category"})
    proposed_category: str = Field("", max_length=200, title="建议分类",
                                   json_schema_extra={"en": "Proposed category"})


@dataclass(frozen=True)
class Sentence:
    """A sentence in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Contradiction:
    """A later proposal above the confirmed grade, or with a mark it lacks; `by` is who made it."""

    element: str
    level: int
    personal: bool
    sensitive: bool
    confidence: int
    by: Sentence
    why: tuple[Sentence, ...]


@dataclass(frozen=True)
class FieldLine:
    """One field; it is known by its id, `code` is unique within the dataset only. `dataset` is
    the number of its dataset."""

    id: str
    number: str
    dataset: str
    dataset_id: str
    code: str
    name: str
    type: str
    category: str
    grade: int | None
    grade_class: str
    subject_kind: str
    sensitive: bool
    negative: bool
    event_end_field: str
    mask: str
    prohibited: bool
    proposed_category: str
    proposed_grade: int | None
    proposed_subject_kind: str
    proposed_mask: str
    proposed_by: str
    proposer: Sentence
    confidence: int
    confirmed: bool
    override_reason: str
    element: str
    identifier: str
    proposed_element: str
    proposed_identifier: str
    proposed_sensitive: bool
    runners_up: tuple[str, ...]
    why: tuple[Sentence, ...]
    contradicted: Contradiction | None
    version: int


def judgements(fields: tuple[FieldLine, ...]) -> list[dict]:
    """What a grading of the fields starts from: what was judged, else what is proposed."""
    return [asdict(line) | {
        "field": line.code, "category": line.category or line.proposed_category,
        "grade": line.grade or line.proposed_grade,
        "subject_kind": (line.subject_kind if line.confirmed else line.proposed_subject_kind)
        or line.subject_kind,
        "personal": line.subject_kind == SubjectKind.PERSON,
        "sensitive": line.sensitive if line.confirmed else line.proposed_sensitive,
        "mask": (line.mask if line.confirmed else line.proposed_mask) or line.mask,
        "reason": line.override_reason} for line in fields]


def field_lines(rt, session: Session, dataset_id: str) -> tuple[FieldLine, ...]:
    """The fields of a dataset in their order."""
    number = session.get(Dataset, dataset_id).number
    return tuple(_field_line(rt, row, number) for row in fields_of(session, dataset_id))


def _field_line(rt, row: DatasetField, number: str) -> FieldLine:
    return FieldLine(
        row.id, row.id, number, row.dataset_id, row.code, row.name, row.type, row.category,
        row.grade, row.grade_class, row.subject_kind, row.sensitive, row.negative,
        row.event_end_field,
        row.mask, row.prohibited, row.proposed_category, row.proposed_grade,
        row.proposed_subject_kind, row.proposed_mask, row.proposed_by,
        _sentence(proposer(row.proposed_by)), row.confidence, bool(row.confirmed_by),
        row.override_reason, row.element, row.identifier, row.proposed_element,
        row.proposed_identifier, row.proposed_sensitive, tuple(row.proposed_runners_up),
        _said(rt, row.proposed_why), _contradiction(rt, row.contradicted), row.version)


def _sentence(words: Words) -> Sentence:
    return Sentence(words.zh, words.en)


def _said(rt, why: list) -> tuple[Sentence, ...]:
    """Why, in words; rules are loaded only where there is something to say."""
    steps = [Reason(code, tuple(blanks.items())) for code, blanks in why]
    return tuple(map(_sentence, rt.grading_rules().said(steps))) if steps else ()


def _contradiction(rt, said: dict) -> Contradiction | None:
    if not said:
        return None
    return Contradiction(said["element"], said["level"], said.get("personal", False),
                         said.get("sensitive", False), said["confidence"],
                         _sentence(proposer(said["by"])), _said(rt, said["why"]))


@query("dataset_field", "数据项", "Fields")
def dataset_fields(rt, caller: Caller, filters: FieldFilters) -> Page[FieldLine]:
    """Fields in the order of their datasets; `q` finds code and name."""
    may_read(rt, caller, "dataset_field")
    statement = select(DatasetField)
    if filters.dataset:
        statement = statement.where(DatasetField.dataset_id.in_(select(Dataset.id).where(
            or_(Dataset.id == filters.dataset, Dataset.number == filters.dataset))))
    if filters.q:
        text = like(filters.q)
        statement = statement.where(or_(DatasetField.code.like(text, escape="\\"),
                                        DatasetField.name.like(text, escape="\\")))
    if filters.department:
        statement = statement.where(DatasetField.department_id.in_(select(Department.id).where(
            or_(Department.id == filters.department, Department.number == filters.department))))
    statement = statement.where(*_conditions(filters))
    with read(rt) as session:
        numbers = dict(session.exec(select(Dataset.id, Dataset.number)).all())
        return page_of(session, caller, DatasetField, statement, filters,
                       line=lambda row: _field_line(rt, row, numbers[row.dataset_id]),
                       order=(DatasetField.dataset_id, DatasetField.position,
                              DatasetField.code))


def _conditions(filters: FieldFilters) -> Iterator:
    """What the filters ask of a field itself."""
    for column, wanted in (
            (DatasetField.grade, filters.grade), (LEVEL, filters.level),
            (DatasetField.proposed_grade, filters.proposed),
            (DatasetField.category, filters.category),
            (DatasetField.proposed_category, filters.proposed_category)):
        if wanted:
            yield column == wanted
    if filters.unconfirmed:
        yield ~CONFIRMED
    if filters.by_rules:
        yield proposed_by(RULE, SCAN)
    if filters.standing:
        yield STANDS[Standing(filters.standing)]
    for condition, wanted in ((PERSONAL, filters.personal), (OVERRIDDEN, filters.overridden)):
        if wanted:
            yield condition if wanted == "yes" else ~condition


@query("dataset_field", "数据项", "Field", single=True)
def dataset_field(rt, caller: Caller, ref: str) -> FieldLine:
    """One field by id."""
    may_read(rt, caller, "dataset_field")
    with read(rt) as session:
        row = one(session, caller, DatasetField, ref)
        return _field_line(rt, row, session.get(Dataset, row.dataset_id).number)
