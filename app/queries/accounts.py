"""Accounts, persons and the matrix of roles as administrators and auditors see them."""

from dataclasses import dataclass

from pydantic import Field
from sqlalchemy import or_
from sqlmodel import select

from app.domain.accounts import ACCOUNT
from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.refusals import NotFound
from app.domain.roles import ASSIGNABLE, Role, clash, side
from app.domain.sign_ins import locked_until
from app.queries.possible import Choice, Happening, choices, timeline
from app.queries.query import Filters, Page, like, may_read, one, page_of, query
from app.store.security_keys import count_keys
from app.store.sign_ins import failures
from app.store.situations_people import account_situation
from app.store.tables import Endorsement
from app.store.tables_institutions import Institution
from app.store.tables_people import Account, AccountSecret, Person
from app.store.tables_supply import Department
from app.store.unit import read

PERSONAS = 200


class AccountFilters(Filters):
    """Accounts of one institution or department."""

    institution: str = Field("", title="机构", json_schema_extra={"en": "Institution"})
    department: str = Field("", title="部门", json_schema_extra={"en": "Department"})


@dataclass(frozen=True)
class AccountLine:
    """One account of the list; `employer` is the name of the institution or department."""

    id: str
    number: str
    name: str
    login: str
    roles: tuple[str, ...]
    state: str
    employer: str
    institution_id: str
    department_id: str
    version: int


@dataclass(frozen=True)
class AccountSheet:
    """One account; `proposed` are roles that wait for the second administrator's hand, and
    `proposed_qualified` those it may then stand in for."""

    id: str
    number: str
    name: str
    login: str
    person_id: str
    employer: str
    roles: tuple[str, ...]
    qualified: tuple[str, ...]
    proposed: tuple[str, ...]
    proposed_qualified: tuple[str, ...]
    state: str
    institution_id: str
    department_id: str
    password_set_at: str
    factor_enrolled: bool
    security_keys: int
    locked_until: str
    version: int
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]


@query("account", "账号", "Accounts")
def accounts(rt, caller: Caller, filters: AccountFilters) -> Page[AccountLine]:
    """Accounts by login; `q` finds login and name."""
    may_read(rt, caller, "account")
    statement = select(Account)
    if filters.q:
        statement = statement.where(or_(Account.login.like(like(filters.q), escape="\\"),
                                        Account.name.like(like(filters.q), escape="\\")))
    if filters.state:
        statement = statement.where(Account.state == filters.state)
    if filters.institution:
        statement = statement.where(Account.institution_id == filters.institution)
    if filters.department:
        statement = statement.where(Account.department_id == filters.department)
    with read(rt) as session:
        names = _employers(session)
        return page_of(session, caller, Account, statement, filters, order=(Account.login,),
                       line=lambda row: _line(row, names))


def _employers(session) -> dict[str, str]:
    """The name of every institution and department, by id."""
    return {key: name for model in (Institution, Department)
            for key, name in session.exec(select(model.id, model.name))}


def _line(row: Account, names: dict[str, str]) -> AccountLine:
    institution, department = row.institution_id or "", row.department_id or ""
    return AccountLine(row.id, row.login, row.name, row.login, tuple(row.roles), row.state,
                       names.get(institution or department, ""), institution, department,
                       row.version)


@query("account", "账号", "Account", single=True)
def account(rt, caller: Caller, ref: str) -> AccountSheet:
    """One account by id or login; never anything it proves itself by."""
    may_read(rt, caller, "account")
    with read(rt) as session:
        row = one(session, caller, Account, ref)
        secret = session.get(AccountSecret, row.id)
        person = session.get(Person, row.person_id)
        lock = locked_until(failures(session, f"account/{row.id}", rt.clock()), rt.clock())
        situation = account_situation(rt, session, caller, row)
        return AccountSheet(
            row.id, row.login, row.name, row.login, row.person_id,
            _employers(session).get(person.employer, person.employer),
            tuple(row.roles), tuple(row.qualified), *_proposed(session, row), row.state,
            row.institution_id or "", row.department_id or "",
            instant(secret.password_set_at) if secret.password_set_at else "",
            bool(secret.totp_secret), count_keys(session, row.id),
            instant(lock) if lock else "", row.version,
            choices(rt, session, caller, ACCOUNT, row, situation, hidden=frozenset({"accept"})),
            timeline(session, ACCOUNT, row, instant))


def _proposed(session, row: Account) -> tuple[tuple[str, ...], tuple[str, ...]]:
    hand = session.exec(select(Endorsement).where(
        Endorsement.noun == "account", Endorsement.object_id == row.id,
        Endorsement.action == "grant_roles", Endorsement.state == "OPEN")
        .order_by(Endorsement.at.desc()).limit(1)).first()
    held = hand.payload if hand else {"roles": (), "qualified": ()}
    return tuple(held["roles"]), tuple(held["qualified"])


@dataclass(frozen=True)
class PersonLine:
    """One natural person and the accounts they hold."""

    id: str
    number: str
    name: str
    employer: str
    interests: tuple[str, ...]
    accounts: tuple[str, ...]
    version: int


@query("person", "自然人", "Persons")
def persons(rt, caller: Caller, filters: Filters) -> Page[PersonLine]:
    """Persons by name with the logins of their accounts."""
    may_read(rt, caller, "person")
    statement = select(Person)
    if filters.q:
        statement = statement.where(Person.name.like(like(filters.q), escape="\\"))
    with read(rt) as session:
        page = page_of(session, caller, Person, statement, filters,
                       order=(Person.name, Person.id), line=lambda row: row)
        logins: dict[str, list[str]] = {}
        for person_id, login in session.exec(select(Account.person_id, Account.login).where(
                Account.person_id.in_([row.id for row in page.items])).order_by(Account.login)):
            logins.setdefault(person_id, []).append(login)
        names = _employers(session)
        return Page(tuple(PersonLine(row.id, row.id, row.name,
                                     names.get(row.employer, row.employer),
                                     tuple(row.interests), tuple(logins.get(row.id, ())),
                                     row.version) for row in page.items),
                    page.total, page.limit, page.offset)


@query("person", "自然人", "Person", single=True)
def person(rt, caller: Caller, ref: str) -> PersonLine:
    """One person by id."""
    may_read(rt, caller, "person")
    with read(rt) as session:
        row = one(session, caller, Person, ref)
        logins = session.exec(select(Account.login).where(
            Account.person_id == row.id).order_by(Account.login)).all()
        employer = _employers(session).get(row.employer, row.employer)
    return PersonLine(row.id, row.id, row.name, employer, tuple(row.interests),
                      tuple(logins), row.version)


@dataclass(frozen=True)
class RoleLine:
    """One role: whose it is, how many hold it, and what it cannot be combined with."""

    id: str
    number: str
    zh: str
    en: str
    side: str
    holders: int
    apart: tuple[str, ...]


@query("role", "岗位矩阵", "Roles")
def roles(rt, caller: Caller, filters: Filters) -> Page[RoleLine]:
    """Every role in the order of the rules, with its incompatible ones."""
    may_read(rt, caller, "role")
    wanted = filters.q.casefold()
    lines = [line for line in _matrix(rt)
             if wanted in f"{line.id} {line.zh} {line.en}".casefold()]
    return Page(tuple(lines[filters.offset:filters.offset + filters.limit]), len(lines),
                filters.limit, filters.offset)


@query("role", "岗位", "Role", single=True)
def role(rt, caller: Caller, ref: str) -> RoleLine:
    """One role by its code."""
    may_read(rt, caller, "role")
    for line in _matrix(rt):
        if line.id == ref:
            return line
    raise NotFound("没有这个岗位", "no such role", noun="role")


def _matrix(rt) -> list[RoleLine]:
    with read(rt) as session:
        held = [code for codes in session.exec(select(Account.roles).where(
            Account.state == "ACTIVE")) for code in codes]
    return [RoleLine(str(role), str(role), role.zh, role.en, side(role), held.count(str(role)),
                     tuple(str(other) for other in ASSIGNABLE if clash(role, other)))
            for role in ASSIGNABLE]


@dataclass(frozen=True)
class Persona:
    """One account a visitor of the demonstration zone may enter as."""

    id: str
    name: str
    login: str
    body: str
    roles: tuple[Role, ...]


def personas(rt) -> tuple[Persona, ...]:
    """Everybody of a demonstration zone, so that every second hand is there; nobody elsewhere."""
    if not rt.settings.demo:
        return ()
    with read(rt) as session:
        rows = session.exec(select(Account, Person).join(
            Person, Person.id == Account.person_id).where(
            Account.state == "ACTIVE").order_by(Account.login).limit(PERSONAS)).all()
        bodies = {key: name for table in (Institution, Department)
                  for key, name in session.exec(select(table.id, table.name)).all()}
    found = [Persona(row.id, row.name, row.login,
                     bodies.get(row.institution_id or row.department_id or "", person.employer),
                     tuple(Role(code) for code in row.roles)) for row, person in rows if row.roles]
    return tuple(sorted(found, key=lambda one: (list(Role).index(one.roles[0]), one.login)))
