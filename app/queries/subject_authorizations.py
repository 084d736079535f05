"""Subject authorizations as staff and institutions look them up; no number of a person is shown."""

from dataclasses import dataclass

from pydantic import Field
from sqlmodel import select

from app.domain.callers import Caller
from app.domain.subject_authorizations import SUBJECT_AUTHORIZATION
from app.queries.course import course, moment
from app.queries.possible import Choice, Happening, OpenTask, RunningClock
from app.queries.query import Filters, Page, may_read, one, page_of, query
from app.store.situations_consents import consent_situation, uses
from app.store.tables_consents import SubjectAuthorization
from app.store.tables_institutions import Institution
from app.store.unit import read


class ConsentFilters(Filters):
    """`q` is a token; `subject` the number of a subject, hashed before it is looked for."""

    subject: str = Field("", max_length=64, title="主体证照号码",
                         json_schema_extra={"en": "Number of the data subject"})


@dataclass(frozen=True)
class ConsentLine:
    """One subject authorization of the list."""

    id: str
    number: str
    institution: str
    subject_kind: str
    purposes: tuple[str, ...]
    products: tuple[str, ...]
    valid_to: str
    state: str
    version: int


@dataclass(frozen=True)
class ConsentSheet:
    """One subject authorization with its uses."""

    id: str
    number: str
    institution: str
    subject: str
    subject_kind: str
    purposes: tuple[str, ...]
    products: tuple[str, ...]
    items: tuple[str, ...]
    separate: tuple[str, ...]
    mode: str
    max_uses: int | None
    reserved: int
    used: int
    earliest: str
    retention_days: int | None
    valid_from: str
    valid_to: str
    notice: str
    noted: bool
    evidence: dict
    evidence_holds: bool
    replaced_by: str
    ended_at: str
    state: str
    version: int
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]
    clocks: tuple[RunningClock, ...]
    tasks: tuple[OpenTask, ...]


@query("subject_authorization", "主体授权", "Subject authorizations")
def subject_authorizations(rt, caller: Caller, filters: ConsentFilters) -> Page[ConsentLine]:
    """Subject authorizations, the newest first."""
    may_read(rt, caller, "subject_authorization")
    statement = select(SubjectAuthorization)
    if filters.q:
        statement = statement.where(SubjectAuthorization.token == filters.q)
    if filters.subject:
        statement = statement.where(SubjectAuthorization.subject.in_(
            [rt.subject_hash(kind, filters.subject) for kind in rt.law.vocabulary.subject_kinds]))
    if filters.state:
        statement = statement.where(SubjectAuthorization.state == filters.state)
    with read(rt) as session:
        numbers = dict(session.exec(select(Institution.id, Institution.number)).all())
        return page_of(session, caller, SubjectAuthorization, statement, filters,
                       order=(SubjectAuthorization.id.desc(),),
                       line=lambda row: _line(row, numbers))


def _line(row: SubjectAuthorization, numbers: dict[str, str]) -> ConsentLine:
    return ConsentLine(row.id, row.token, numbers.get(row.institution_id, ""), row.subject_kind,
                       tuple(row.purposes.split()), tuple(row.products.split()),
                       moment(row.valid_to), row.state, row.version)


@query("subject_authorization", "主体授权", "Subject authorization", single=True)
def subject_authorization(rt, caller: Caller, ref: str) -> ConsentSheet:
    """One subject authorization by its id."""
    may_read(rt, caller, "subject_authorization")
    with read(rt) as session:
        row = one(session, caller, SubjectAuthorization, ref)
        reserved, used = uses(session, row)
        situation = consent_situation(rt, session, caller, row)
        return ConsentSheet(
            row.id, row.token, session.get(Institution, row.institution_id).number, row.subject,
            row.subject_kind, tuple(row.purposes.split()), tuple(row.products.split()),
            tuple(row.items.split()), tuple(row.separate.split()), row.mode, row.max_uses,
            reserved, used, row.earliest, row.retention_days, moment(row.valid_from),
            moment(row.valid_to), row.notice, row.noted, row.evidence, row.evidence_holds,
            row.replaced_by, moment(row.ended_at), row.state, row.version,
            **course(rt, session, caller, SUBJECT_AUTHORIZATION, row, situation))
