"""Grants as people see them: the registry, and one grant with its rights, chain and use."""

from dataclasses import asdict, dataclass
from datetime import date

from pydantic import Field
from sqlalchemy import or_
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.chain import BREAKS, Chain, Link
from app.domain.grants import GRANT, days_left
from app.domain.narrowing import Difference, differences
from app.domain.workdays import start_of
from app.queries.course import course, moment
from app.queries.grant_cases import ContractView, contract_view
from app.queries.possible import Choice, Happening, OpenTask, RunningClock
from app.queries.query import Filters, Page, like, may_read, one, page_of, query
from app.queries.review import Both, said, sentence_of
from app.store.chain import (
    Moment,
    chain_of,
    current_version,
    listed_version,
    own_links,
    upper_links,
)
from app.store.grant_use import fields_used, flags_of, last_permits
from app.store.impact import CALL_DAYS, calls_since
from app.store.situations_grants import grant_situation, rights_or_none
from app.store.tables_grants import Contract, Grant, GrantCase, GrantVersion
from app.store.tables_institutions import ClientApp, Credential, Institution
from app.store.tables_supply import Product
from app.store.titles import titles_of
from app.store.unit import read

SYSTEM_MOVES = frozenset({"activate", "apply_version", "resume", "reschedule", "expire"})


class GrantFilters(Filters):
    """Grants by institution, product, purpose, or the day they end before."""

    institution: str = Field("", max_length=64, title="机构",
                             json_schema_extra={"en": "Institution"})
    product: str = Field("", max_length=64, title="产品", json_schema_extra={"en": "Product"})
    purpose: str = Field("", max_length=40, title="目的", json_schema_extra={"en": "Purpose"})
    ends_before: date | None = Field(None, title="到期早于",
                                     json_schema_extra={"en": "Ends before"})


@dataclass(frozen=True)
class GrantLine:
    """One grant of the registry."""

    id: str
    number: str
    name: str
    institution: str
    institution_number: str
    product: str
    product_number: str
    purposes: tuple[str, ...]
    n: int
    valid_from: str
    valid_to: str
    days_left: int
    flags: tuple[str, ...]
    calls: int
    state: str
    version: int


@dataclass(frozen=True)
class LinkView:
    """One link of the chain view, with the roles that can break it."""

    level: str
    noun: str
    id: str
    number: str
    name: str
    state: str
    ends: str
    in_force: bool
    faults: tuple[dict, ...]
    breakers: tuple[str, ...]


@dataclass(frozen=True)
class ChainView:
    """L0 to L6 of a grant; `ends` is the earliest end, `weakest` the link it belongs to."""

    in_force: bool
    ends: str
    weakest: str
    links: tuple[LinkView, ...]


@dataclass(frozen=True)
class VersionView:
    """One version of a grant; `changes` are the differences from the version before."""

    n: int
    sentence: Both
    scope_digest: str
    effective_from: str
    effective_to: str
    case: str
    changes: tuple[Difference, ...]


@dataclass(frozen=True)
class KeyView:
    """A credential that speaks for the grant."""

    number: str
    app: str
    prefix: str
    state: str
    expires_at: str
    bound: bool


@dataclass(frozen=True)
class GrantSheet:
    """One grant with its four dimensions in words, its chain, versions, contract and use."""

    id: str
    number: str
    name: str
    state: str
    institution: str
    institution_id: str
    institution_number: str
    product: str
    product_number: str
    n: int
    valid_from: str
    valid_to: str
    days_left: int
    sentence: Both
    words: dict[str, Both]
    dimensions: dict
    conditions: tuple[str, ...]
    quota: dict
    obligations: tuple[dict, ...]
    scope_digest: str
    flags: tuple[str, ...]
    suspended_for: str
    after_breach: bool
    confirm_by: str
    ended_reason: str
    chain: ChainView
    versions: tuple[VersionView, ...]
    contract: ContractView | None
    credentials: tuple[KeyView, ...]
    calls: int
    permits: int
    last_permit: str
    unused_fields: tuple[str, ...]
    cases: tuple[str, ...]
    version: int
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]
    clocks: tuple[RunningClock, ...]
    tasks: tuple[OpenTask, ...]


@query("grant", "授权", "Grants")
def grants(rt, caller: Caller, filters: GrantFilters) -> Page[GrantLine]:
    """Grants, newest first; `q` finds number, institution and product."""
    may_read(rt, caller, "grant")
    statement = select(Grant)
    if filters.q:
        text = like(filters.q)
        statement = statement.where(or_(
            Grant.number.like(text, escape="\\"),
            Grant.institution_id.in_(select(Institution.id).where(
                Institution.name.like(text, escape="\\"))),
            Grant.product_id.in_(select(Product.id).where(
                Product.name.like(text, escape="\\")))))
    if filters.state:
        statement = statement.where(Grant.state == filters.state)
    for model, column, wanted in ((Institution, Grant.institution_id, filters.institution),
                                  (Product, Grant.product_id, filters.product)):
        if wanted:
            statement = statement.where(column.in_(select(model.id).where(
                or_(model.id == wanted, model.number == wanted))))
    if filters.ends_before:
        statement = statement.where(Grant.valid_to < start_of(filters.ends_before))
    with read(rt) as session:
        if filters.purpose:
            statement = statement.where(Grant.id.in_(_with_purpose(rt, session, filters.purpose)))
        lines = _Lines(rt, session)
        page = page_of(session, caller, Grant, statement, filters,
                       order=(Grant.number.desc(),), line=lambda row: row)
        return Page(lines.of(list(page.items)), page.total, page.limit, page.offset)


def _with_purpose(rt, session: Session, purpose: str) -> list[str]:
    """Grants whose version in force reaches the purpose, or something below it."""
    law, found = rt.law.purposes, []
    for grant_id, dimensions in session.exec(select(
            GrantVersion.grant_id, GrantVersion.dimensions).join(
            Grant, (Grant.id == GrantVersion.grant_id) & (Grant.current == GrantVersion.n))).all():
        for node in dimensions["purpose"]["nodes"]:
            if law.is_within(node["code"], (purpose,)) or (
                    node.get("descend") and law.is_within(purpose, (node["code"],))):
                found.append(grant_id)
                break
    return found


class _Lines:
    """Lines of a page: whatever several grants share is read once."""

    def __init__(self, rt, session: Session):
        self.rt, self.session, self.moment = rt, session, Moment.of(rt)
        self.above: dict[tuple, bool] = {}

    def of(self, rows: list[Grant]) -> tuple[GrantLine, ...]:
        numbers = [row.number for row in rows]
        calls = calls_since(self.session, numbers, self.moment, CALL_DAYS)
        last = last_permits(self.session, numbers)
        return tuple(self._line(row, calls.get(row.number, (0, 0))[0], last.get(row.number, ""))
                     for row in rows)

    def _line(self, row: Grant, calls: int, last_permit: str) -> GrantLine:
        session = self.session
        institution = session.get(Institution, row.institution_id)
        product = session.get(Product, row.product_id)
        version = current_version(session, row)
        flags = flags_of(row, self.moment, last_permit=last_permit,
                         chain_in_force=self._above(row, product, institution, version))
        nodes = version.dimensions["purpose"]["nodes"] if version else []
        return GrantLine(
            row.id, row.number, f"{institution.name} · {product.name}", institution.name,
            institution.number, product.name, product.number,
            tuple(node["code"] for node in nodes), row.current, instant(row.valid_from),
            instant(row.valid_to), days_left(row.valid_to, self.moment.at),
            tuple(str(flag) for flag in flags), calls, row.state, row.version)

    def _above(self, row: Grant, product: Product, institution: Institution,
               version: GrantVersion | None) -> bool:
        """Whether L0 to L4, and a credential, are in force for this grant."""
        scope = version.dimensions["scope"] if version else {}
        first, last = scope.get("version_from", ""), scope.get("version_to", "")
        key = (product.id, institution.id, first, last)
        if key not in self.above:
            self.above[key] = Chain(tuple(upper_links(
                self.session, product, listed_version(self.session, product, first, last),
                institution, self.moment))).in_force
        ways = version.dimensions["method"]["ways"] if version else []
        own = Chain(tuple(own_links(self.session, row, ways, self.moment)))
        return self.above[key] and own.in_force


@query("grant", "授权", "Grant", single=True)
def grant(rt, caller: Caller, ref: str) -> GrantSheet:
    """One grant by id or number."""
    may_read(rt, caller, "grant")
    with read(rt) as session:
        row = one(session, caller, Grant, ref)
        product = session.get(Product, row.product_id)
        institution = session.get(Institution, row.institution_id)
        titles = titles_of(rt, session, product)
        version = current_version(session, row)
        rights = rights_or_none(rt, version.dimensions) if version else None
        situation = grant_situation(rt, session, caller, row, ground="-", hearing="-")
        return GrantSheet(
            id=row.id, number=row.number, name=f"{institution.name} · {product.name}",
            state=row.state, institution=institution.name, institution_id=institution.id,
            institution_number=institution.number, product=product.name,
            product_number=product.number, n=row.current, valid_from=instant(row.valid_from),
            valid_to=instant(row.valid_to), days_left=days_left(row.valid_to, rt.clock()),
            sentence=sentence_of(rights, titles), words=said(rights, titles),
            suspended_for=row.suspended_for, after_breach=row.after_breach,
            confirm_by=moment(row.confirm_by), ended_reason=row.ended_reason,
            **_terms(version), **_use(rt, session, row, rights),
            versions=_versions(rt, session, row, titles), contract=_contract(rt, session, version),
            credentials=_keys(session, row), cases=_cases(session, row), version=row.version,
            **course(rt, session, caller, GRANT, row, situation, hidden=SYSTEM_MOVES))


def _terms(version: GrantVersion | None) -> dict:
    return {"dimensions": version.dimensions if version else {},
            "conditions": tuple(version.conditions) if version else (),
            "quota": version.quota if version else {},
            "obligations": tuple(version.obligations) if version else (),
            "scope_digest": version.scope_digest if version else ""}


def _use(rt, session: Session, row: Grant, rights) -> dict:
    now = Moment.of(rt)
    chain = chain_of(session, row, now)
    calls, permits = calls_since(session, [row.number], now, CALL_DAYS).get(row.number, (0, 0))
    last = last_permits(session, [row.number]).get(row.number, "")
    used = fields_used(session, row.number, now)
    unused = frozenset(rights.treatments) - used if rights and used is not None else frozenset()
    around = chain.only("L0", "L1", "L2", "L3", "L4", "L6")
    flags = flags_of(row, now, chain_in_force=around.in_force, last_permit=last,
                     unused_fields=unused)
    return {"chain": chain_view(rt, chain), "calls": calls, "permits": permits,
            "last_permit": last, "unused_fields": tuple(sorted(unused)),
            "flags": tuple(str(flag) for flag in flags)}


def chain_view(rt, chain: Chain) -> ChainView:
    """The chain as pages and API show it."""
    weakest = next((link for link in chain.links if link.ends and link.ends == chain.ends), None)
    return ChainView(chain.in_force, moment(chain.ends), weakest.number if weakest else "",
                     tuple(_link(rt, link) for link in chain.links))


def _link(rt, link: Link) -> LinkView:
    breakers = rt.staff.roles_for("hold", "place")
    action = BREAKS.get(link.noun)
    if action:
        breakers |= rt.staff.roles_for(link.noun, action)
    return LinkView(link.level, link.noun, link.id, link.number, link.name, link.state,
                    moment(link.ends), link.in_force,
                    tuple(asdict(fault) for fault in link.faults), tuple(sorted(breakers)))


def _versions(rt, session: Session, row: Grant, titles: dict) -> tuple[VersionView, ...]:
    law, found, before = rt.law, [], None
    for item in session.exec(select(GrantVersion).where(GrantVersion.grant_id == row.id)
                             .order_by(GrantVersion.n)).all():
        rights = rights_or_none(rt, item.dimensions)
        case = session.get(GrantCase, item.case_id) if item.case_id else None
        changes = (differences(rights, before, law.purposes, law.vocabulary)
                   if rights and before else ())
        found.append(VersionView(item.n, sentence_of(rights, titles), item.scope_digest,
                                 instant(item.effective_from), moment(item.effective_to),
                                 case.number if case else "", changes))
        before = rights
    return tuple(reversed(found))


def _contract(rt, session: Session, version: GrantVersion | None) -> ContractView | None:
    key = version.contract_id if version else None
    return contract_view(rt, session.get(Contract, key) if key else None)


def _keys(session: Session, row: Grant) -> tuple[KeyView, ...]:
    rows = session.exec(select(Credential, ClientApp).where(
        Credential.app_id == ClientApp.id, Credential.institution_id == row.institution_id,
        or_(Credential.grant_id == row.id, Credential.grant_id.is_(None)))
        .order_by(Credential.issued_at.desc()).limit(50)).all()
    return tuple(KeyView(key.number, app.number, key.prefix, key.state, instant(key.expires_at),
                         key.grant_id == row.id) for key, app in rows)


def _cases(session: Session, row: Grant) -> tuple[str, ...]:
    return tuple(session.exec(select(GrantCase.number).where(GrantCase.grant_id == row.id)
                              .order_by(GrantCase.number)).all())
