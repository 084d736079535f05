"""Who a session is: the caller, read anew at every request, so that a change counts at once.

Source: requirements A09 and A10; domain §2.3.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import select

from app.domain.accounts import State
from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.delegations import acting_name, counts
from app.domain.passwords import PROFILES, is_due
from app.domain.roles import ADMINISTRATORS
from app.domain.second_factors import codes_count, key_is_due
from app.domain.sign_ins import is_alive, is_fresh
from app.store.security_keys import count_keys, keys_of
from app.store.sign_ins import Known, acting_under, hashed_token, known, roles_open_to
from app.store.tables_institutions import Institution
from app.store.tables_people import Account, AccountSecret, Person, SignInSession
from app.store.tables_supply import Department
from app.store.unit import read


@dataclass(frozen=True)
class Present:
    """A living session: the caller, when it was last seen, and what it must do first.

    `delegator` is the name of the person acted for, empty when acting for oneself.
    """

    caller: Caller
    seen_at: datetime
    password_is_due: bool
    key_is_due: bool = False
    delegator: str = ""


def present(rt, token: str, source_ip: str) -> Present | None:
    """Who holds this session token now; None for an unknown, ended or outlived session."""
    at = rt.clock()
    with read(rt) as session:
        rows = known(session, hashed_token(token))
        if rows is None or rows.session.ended_at or rows.account.state != State.ACTIVE:
            return None
        if not is_alive(rows.session.created_at, rows.session.seen_at, at):
            return None
        caller = _own(rows, source_ip, at)
        stands_in = _delegated(session, rows, caller, at)
        acts_as = stands_in[0].roles if stands_in else frozenset()
        key_due = _key_is_due(rt, session, rows, acts_as)
    due = is_due(PROFILES[rt.settings.password_profile], rows.secret.password_set_at, at)
    if stands_in:
        return Present(stands_in[0], rows.session.seen_at, due, key_due, stands_in[1])
    return Present(caller, rows.session.seen_at, due, key_due)


def _key_is_due(rt, session, rows: Known, acts_as: frozenset[str]) -> bool:
    """Whether the account must enrol a key first, for its own roles or those it acts in for
    another; keys are counted only where that matters."""
    roles, offered = {*rows.account.roles, *acts_as}, rows.session.offers_keys
    return key_is_due(roles, 0, offered, rt.settings.demo) and not count_keys(
        session, rows.account.id)


def _own(rows: Known, source_ip: str, at: datetime) -> Caller:
    account = rows.account
    return Caller(account=account.id, person=account.person_id, name=account.name,
                  roles=frozenset(account.roles), institution=account.institution_id,
                  department=account.department_id, source_ip=source_ip,
                  session=rows.session.id_hash, language=account.language,
                  factor_fresh=is_fresh(rows.session.factor_at, at))


def _delegated(session, rows: Known, caller: Caller, at: datetime) -> tuple[Caller, str] | None:
    """The caller in another's name while the delegation counts; only what the delegator still
    holds, never an administrator's work."""
    found = acting_under(session, rows.session.delegation_id) \
        if rows.session.delegation_id else None
    if found is None:
        return None
    delegation, delegator = found
    if delegation.delegate_id != caller.account or delegator.state != State.ACTIVE or not counts(
            delegation.state, delegation.begins, delegation.ends, at):
        return None
    roles = (frozenset(delegation.roles) & frozenset(delegator.roles)) - set(ADMINISTRATORS)
    return Caller(account=caller.account, person=caller.person,
                  name=acting_name(caller.name, delegator.name), roles=roles,
                  capacity="DELEGATE", on_behalf_of=delegator.person_id,
                  source_ip=caller.source_ip, session=caller.session,
                  factor_fresh=caller.factor_fresh, language=caller.language), delegator.name


@dataclass(frozen=True)
class OpenSession:
    """One of the caller's living sessions."""

    created_at: str
    seen_at: str
    source_ip: str
    current: bool


def sessions_of(rt, caller: Caller) -> tuple[OpenSession, ...]:
    """The caller's living sessions, the newest first (ASVS 7.5.2)."""
    at = rt.clock()
    with read(rt) as session:
        rows = session.exec(select(SignInSession).where(
            SignInSession.account_id == caller.account, SignInSession.ended_at.is_(None))
            .order_by(SignInSession.created_at.desc()).limit(50)).all()
    return tuple(OpenSession(instant(row.created_at), instant(row.seen_at), row.source_ip or "",
                             row.id_hash == caller.session)
                 for row in rows if is_alive(row.created_at, row.seen_at, at))


@dataclass(frozen=True)
class OwnKey:
    """One of the caller's security keys; `used_at` is empty for one not used yet."""

    id: str
    name: str
    added_at: str
    used_at: str


@dataclass(frozen=True)
class OwnFactors:
    """What the caller may prove themselves by; `codes` tells that enrolled codes count now."""

    codes: bool
    codes_enrolled: bool
    keys: tuple[OwnKey, ...]


def factors_of(rt, caller: Caller) -> OwnFactors:
    """The caller's second factors, never anything they are judged by."""
    with read(rt) as session:
        account = session.get(Account, caller.account)
        secret = session.get(AccountSecret, caller.account)
        rows = keys_of(session, caller.account)
        roles = roles_open_to(session, account, rt.clock())
    enrolled = bool(secret and secret.totp_secret)
    return OwnFactors(
        enrolled and codes_count(roles, len(rows), rt.settings.demo), enrolled,
        tuple(OwnKey(row.id, row.name, instant(row.added_at),
                     instant(row.used_at) if row.used_at else "") for row in rows))


def interests_of(rt, caller: Caller) -> tuple[str, ...]:
    """The numbers of what the person has declared an interest in."""
    with read(rt) as session:
        person = session.get(Person, caller.person)
        declared = person.interests if person else []
        return tuple(number for model in (Institution, Department) for number in session.exec(
            select(model.number).where(model.id.in_(declared)).order_by(model.number)))
