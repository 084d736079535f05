"""One grant as people see it: rights in words, chain, versions, contract, credentials and use."""

from dataclasses import asdict, dataclass

from sqlmodel import Session, or_, select

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.chain import BREAKS, Chain, Link
from app.domain.grants import GRANT, GrantSituation, days_left
from app.domain.narrowing import Difference, differences
from app.queries.course import course, filing, moment
from app.queries.grant_cases import ContractView, contract_view
from app.queries.possible import Choice, Happening, OpenTask, RunningClock
from app.queries.query import may_read, one, query
from app.queries.review import Both, outward, said, sentence_of
from app.store.case_views import rights_or_none
from app.store.chain import Moment, chain_of, current_version
from app.store.grant_use import use_of
from app.store.impact import CALL_DAYS, calls_since
from app.store.situations_grants import grant_situation
from app.store.tables_grants import Contract, Grant, GrantCase, GrantVersion
from app.store.tables_institutions import ClientApp, Credential, Institution
from app.store.tables_supply import Product
from app.store.titles import titles_of
from app.store.unit import read

SYSTEM_MOVES = frozenset({"activate", "apply_version", "resume", "reschedule", "expire"})
PROPOSE = ("代拟变更或恢复", "Draft an amendment or resumption")


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
            **outward(caller, course(rt, session, caller, GRANT, row, situation,
                                     hidden=_hidden(row, situation), filings=(
                                         filing(rt, caller, row, "propose", PROPOSE,
                                                ("ACTIVE", "SUSPENDED")),))))


def _hidden(row: Grant, situation: GrantSituation) -> frozenset[str]:
    """Moves of the system, and answers to a stop or an announcement while there is none."""
    return (SYSTEM_MOVES
            | (frozenset() if row.confirm_by else {"confirm_stop", "lift_stop"})
            | ({"announce_removal"} if situation.removal_ends else {"cancel_removal", "remove"}))


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
    use = use_of(session, row, rights, chain, now)
    return {"chain": chain_view(rt, chain), "calls": calls, "permits": permits,
            "last_permit": use.last_permit, "unused_fields": tuple(sorted(use.unused_fields)),
            "flags": tuple(str(flag) for flag in use.flags)}


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
