"""Head agreements as people see them: the list, and the sheet with its checklist."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.head_agreements import HEAD_AGREEMENT
from app.queries.course import course, day, filing, moment
from app.queries.possible import Choice, Happening, OpenTask, RunningClock
from app.queries.query import Filters, Page, like, may_read, one, page_of, query
from app.store.situations_supply import head_agreement_situation
from app.store.tables_supply import Dataset, HeadAgreement, Product
from app.store.unit import read


@dataclass(frozen=True)
class HeadAgreementLine:
    """One agreement of the list."""

    id: str
    number: str
    title: str
    authority: str
    operator: str
    valid_from: str
    valid_to: str
    state: str
    version: int


@dataclass(frozen=True)
class ListedObject:
    """One dataset or product on a list of an agreement."""

    id: str
    number: str
    name: str
    state: str


@dataclass(frozen=True)
class Clause:
    """One item of the checklist."""

    id: str
    zh: str
    en: str
    ticked: bool


@dataclass(frozen=True)
class HeadAgreementSheet:
    """One agreement; `first_day` and `last_day` are both inside the term."""

    id: str
    number: str
    title: str
    state: str
    authority: str
    authority_uscc: str
    operator: str
    operator_uscc: str
    related_parties: tuple[str, ...]
    signed_on: str
    valid_from: str
    valid_to: str
    first_day: str
    last_day: str
    filing_reference: str
    signatories: tuple[str, ...]
    files: tuple[dict, ...]
    clauses: tuple[str, ...]
    clause_template: str
    checklist: tuple[Clause, ...]
    resources: tuple[str, ...]
    products: tuple[str, ...]
    listed_resources: tuple[ListedObject, ...]
    listed_products: tuple[ListedObject, ...]
    version: int
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]
    clocks: tuple[RunningClock, ...]
    tasks: tuple[OpenTask, ...]


@query("head_agreement", "授权运营协议", "Head agreements")
def head_agreements(rt, caller: Caller, filters: Filters) -> Page[HeadAgreementLine]:
    """Agreements, newest first; `q` finds number, title and parties."""
    may_read(rt, caller, "head_agreement")
    statement = select(HeadAgreement)
    if filters.q:
        text = like(filters.q)
        statement = statement.where(or_(*(column.like(text, escape="\\") for column in (
            HeadAgreement.number, HeadAgreement.title, HeadAgreement.authority,
            HeadAgreement.operator))))
    if filters.state:
        statement = statement.where(HeadAgreement.state == filters.state)
    with read(rt) as session:
        return page_of(session, caller, HeadAgreement, statement, filters,
                       order=(HeadAgreement.number.desc(),),
                       line=lambda row: HeadAgreementLine(
                           row.id, row.number, row.title, row.authority, row.operator,
                           moment(row.valid_from), moment(row.valid_to), row.state, row.version))


@query("head_agreement", "授权运营协议", "Head agreement", single=True)
def head_agreement(rt, caller: Caller, ref: str) -> HeadAgreementSheet:
    """One agreement by id or number."""
    may_read(rt, caller, "head_agreement")
    with read(rt) as session:
        row = one(session, caller, HeadAgreement, ref)
        situation = head_agreement_situation(rt, session, caller, row)
        resources = _listed(session, Dataset, row.resources)
        products = _listed(session, Product, row.products)
        return HeadAgreementSheet(
            id=row.id, number=row.number, title=row.title, state=row.state,
            authority=row.authority, authority_uscc=row.authority_uscc, operator=row.operator,
            operator_uscc=row.operator_uscc, related_parties=tuple(row.related_parties),
            signed_on=day(row.signed_on), valid_from=moment(row.valid_from),
            valid_to=moment(row.valid_to), first_day=_day_in_zone(rt, row.valid_from),
            last_day=_day_in_zone(rt, row.valid_to, timedelta(microseconds=1)),
            filing_reference=row.filing_reference, signatories=tuple(row.signatories),
            files=tuple(row.files), clauses=tuple(row.clauses),
            clause_template=row.clause_template, checklist=_checklist(rt, row),
            resources=tuple(item.number for item in resources),
            products=tuple(item.number for item in products), listed_resources=resources,
            listed_products=products, version=row.version,
            **course(rt, session, caller, HEAD_AGREEMENT, row, situation, filings=(
                filing(rt, caller, row, "edit", ("修改草案", "Edit the draft"), ("DRAFT",)),)))


def _listed(session: Session, model, keys: list[str]) -> tuple[ListedObject, ...]:
    rows = session.exec(select(model).where(model.id.in_(keys)).order_by(model.number)).all()
    return tuple(ListedObject(row.id, row.number, row.name, row.state) for row in rows)


def _checklist(rt, row: HeadAgreement) -> tuple[Clause, ...]:
    return tuple(Clause(item.id, item.title.zh, item.title.en, item.id in row.clauses)
                 for item in rt.cases.checklists["head-agreement"].items)


def _day_in_zone(rt, at, before: timedelta = timedelta()) -> str:
    """The day of an instant on the clock of the zone."""
    return (at - before).astimezone(rt.settings.zone).date().isoformat() if at else ""
