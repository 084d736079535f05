"""How fields stand on their way to a grade, as conditions and counts of the database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, String, and_, case, cast, func, or_
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.grades import SubjectKind
from app.domain.standings import Standing
from app.store.scope import scoped
from app.store.tables import ObjectVersion
from app.store.tables_supply import DatasetField

CONFIRMED = DatasetField.confirmed_by != ""
STANDS = {
    Standing.CONFIRMED: CONFIRMED,
    Standing.PROPOSED: and_(~CONFIRMED, DatasetField.proposed_grade.is_not(None)),
    Standing.UNGRADED: and_(~CONFIRMED, DatasetField.proposed_grade.is_(None)),
}
LEVEL = case((CONFIRMED, DatasetField.grade), else_=DatasetField.proposed_grade)
PERSONAL = case((CONFIRMED, DatasetField.subject_kind),
                else_=DatasetField.proposed_subject_kind) == str(SubjectKind.PERSON)
OVERRIDDEN = and_(CONFIRMED, DatasetField.proposed_grade.is_not(None), or_(
    DatasetField.proposed_grade != DatasetField.grade,
    and_(DatasetField.proposed_category != "",
         DatasetField.proposed_category != DatasetField.category)))


@dataclass(frozen=True)
class Tally:
    """How many fields of one dataset stand alike."""

    department: str
    dataset: str
    standing: Standing
    level: int | None
    personal: bool
    fields: int


@dataclass(frozen=True)
class Judged:
    """A proposal and what a person made of it; `since` is when they did."""

    since: datetime
    proposed: int
    confirmed: int
    proposed_category: str
    category: str


def tallies(session: Session, caller: Caller) -> Iterator[Tally]:
    """The fields in the caller's view, counted by dataset and how they stand."""
    stands = case(*((condition, str(standing)) for standing, condition in STANDS.items()))
    keys = (DatasetField.department_id, DatasetField.dataset_id, stands, LEVEL,
            case((PERSONAL, 1), else_=0))
    inner = scoped(select(*(key.label(f"key_{at}") for at, key in enumerate(keys))),
                   DatasetField, caller).subquery()
    columns = tuple(inner.c)
    for department, dataset, standing, level, personal, count in session.exec(
            select(*columns, func.count()).group_by(*columns)).all():
        yield Tally(department, dataset, Standing(standing), level, bool(personal), count)


def proposed_by(*prefixes: str):
    """The condition that a field's proposal comes from one of those so called."""
    return or_(*(DatasetField.proposed_by.startswith(prefix, autoescape=True)
                 for prefix in prefixes))


def judged(session: Session, caller: Caller, prefixes: tuple[str, ...],
           department: str = "") -> Iterator[Judged]:
    """Fields in the caller's view that persons graded with a proposal by one of those before them.

    A judgement counts from the first version of the field that bears it; later changes of other
    members, such as a contradiction, do not make it younger.
    """
    body = ObjectVersion.body
    same = and_(
        ObjectVersion.noun == DatasetField.noun, ObjectVersion.object_id == DatasetField.id,
        cast(body["confirmed_by"].as_string(), String) == DatasetField.confirmed_by,
        cast(body["grade"].as_string(), Integer) == DatasetField.grade,
        cast(body["category"].as_string(), String) == DatasetField.category)
    members = (DatasetField.updated_at, DatasetField.proposed_grade, DatasetField.grade,
               DatasetField.proposed_category, DatasetField.category)
    statement = scoped(select(DatasetField.id, func.min(ObjectVersion.valid_from), *members),
                       DatasetField, caller).outerjoin(ObjectVersion, same).where(
        CONFIRMED, proposed_by(*prefixes), DatasetField.proposed_grade.is_not(None),
        DatasetField.grade.is_not(None)).group_by(DatasetField.id, *members)
    if department:
        statement = statement.where(DatasetField.department_id == department)
    for _, since, touched, proposed, confirmed, proposed_category, category in session.exec(
            statement).all():
        yield Judged(since or touched, proposed, confirmed, proposed_category, category)
