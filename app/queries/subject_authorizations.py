"""Subject authorizations as staff and institutions look them up; no number of a person is shown."""

from dataclasses import dataclass

from pydantic import Field
from sqlmodel import Session, func, select

from app.domain.callers import Caller
from app.domain.subject_authorizations import SUBJECT_AUTHORIZATION
from app.queries.course import course, moment
from app.queries.possible import Choice, Happening, OpenTask, RunningClock
from app.queries.query import Filters, Page, like, may_read, one, page_of, query
from app.store.scope import scoped
from app.store.situations_consents import consent_situation, uses
from app.store.tables_consents import SubjectAuthorization
from app.store.tables_institutions import Institution
from app.store.unit import read

BY_CLOCK = frozenset({"request", "lapse", "expire", "exhaust"})


class ConsentFilters(Filters):
    """`q` is a token; `subject` the number of a subject, hashed before it is looked for, or its
    keyed hash as decisions carry it; `institution` a number."""

    subject: str = Field("", max_length=90, title="主体证照号码或其散列",
                         json_schema_extra={"en": "Number of the data subject, or its hash"})
    institution: str = Field("", max_length=64, title="机构",
                             json_schema_extra={"en": "Institution"})
    purpose: str = Field("", max_length=40, title="目的", json_schema_extra={"en": "Purpose"})


@dataclass(frozen=True)
class ConsentLine:
    """One subject authorization of the list; `token` is what requests carry."""

    id: str
    number: str
    token: str
    institution: str
    institution_name: str
    mode: str
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
    token: str
    institution: str
    institution_name: str
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
    statement = select(SubjectAuthorization).where(*_wanted(rt, filters))
    if filters.state:
        statement = statement.where(SubjectAuthorization.state == filters.state)
    with read(rt) as session:
        names = _institutions(session)
        return page_of(session, caller, SubjectAuthorization, statement, filters,
                       order=(SubjectAuthorization.id.desc(),),
                       line=lambda row: _line(row, names))


def state_counts(rt, caller: Caller, filters: ConsentFilters) -> dict[str, int]:
    """How many there are in each state, whatever state the filters name."""
    may_read(rt, caller, "subject_authorization")
    statement = scoped(select(SubjectAuthorization.state, func.count()).where(
        *_wanted(rt, filters)), SubjectAuthorization, caller)
    with read(rt) as session:
        return dict(session.exec(statement.group_by(SubjectAuthorization.state)).all())


def _wanted(rt, filters: ConsentFilters) -> list:
    """Every condition of the filters but the state."""
    row, found = SubjectAuthorization, []
    if filters.q:
        found.append(row.token.in_([filters.q]))
    if filters.subject:
        found.append(row.subject.in_([filters.subject, *(
            rt.subject_hash(kind, filters.subject) for kind in rt.law.vocabulary.subject_kinds)]))
    if filters.institution:
        found.append(row.institution_id.in_(select(Institution.id).where(
            Institution.number == filters.institution)))
    if filters.purpose:
        found.append((" " + row.purposes + " ").like(like(f" {filters.purpose} "), escape="\\"))
    return found


def _institutions(session: Session) -> dict[str, tuple[str, str]]:
    """Number and name of every institution, by id."""
    return {key: (number, name) for key, number, name in session.exec(
        select(Institution.id, Institution.number, Institution.name)).all()}


def _line(row: SubjectAuthorization, names: dict[str, tuple[str, str]]) -> ConsentLine:
    return ConsentLine(row.id, row.id, row.token, *names.get(row.institution_id, ("", "")),
                       row.mode, row.subject_kind, tuple(row.purposes.split()),
                       tuple(row.products.split()), moment(row.valid_to), row.state, row.version)


@query("subject_authorization", "主体授权", "Subject authorization", single=True)
def subject_authorization(rt, caller: Caller, ref: str) -> ConsentSheet:
    """One subject authorization by its id."""
    may_read(rt, caller, "subject_authorization")
    with read(rt) as session:
        row = one(session, caller, SubjectAuthorization, ref)
        reserved, used = uses(session, row)
        situation = consent_situation(rt, session, caller, row)
        return ConsentSheet(
            row.id, row.id, row.token, *_institutions(session)[row.institution_id], row.subject,
            row.subject_kind, tuple(row.purposes.split()), tuple(row.products.split()),
            tuple(row.items.split()), tuple(row.separate.split()), row.mode, row.max_uses,
            reserved, used, row.earliest, row.retention_days, moment(row.valid_from),
            moment(row.valid_to), row.notice, row.noted, row.evidence, row.evidence_holds,
            row.replaced_by, moment(row.ended_at), row.state, row.version,
            **course(rt, session, caller, SUBJECT_AUTHORIZATION, row, situation,
                     hidden=BY_CLOCK))
