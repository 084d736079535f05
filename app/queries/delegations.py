"""Delegations as both parties, administrators and auditors see them."""

from dataclasses import dataclass

from sqlalchemy import or_
from sqlmodel import select

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.delegations import DELEGATION, acting_name, counts
from app.queries.possible import Choice, Happening, choices, timeline
from app.queries.query import Filters, Page, like, may_read, one, page_of, query
from app.store.situations_people import delegation_situation
from app.store.tables_people import Delegation
from app.store.unit import read


@dataclass(frozen=True)
class DelegationLine:
    """One delegation; `counts` tells whether it is good now."""

    id: str
    number: str
    delegator: str
    delegate: str
    roles: tuple[str, ...]
    begins: str
    ends: str
    state: str
    counts: bool
    version: int


@dataclass(frozen=True)
class DelegationSheet:
    """One delegation with what may be done to it."""

    id: str
    number: str
    name: str
    delegator: str
    delegate: str
    delegator_id: str
    delegate_id: str
    roles: tuple[str, ...]
    begins: str
    ends: str
    reason: str
    state: str
    counts: bool
    version: int
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]


@query("delegation", "委托代理", "Delegations")
def delegations(rt, caller: Caller, filters: Filters) -> Page[DelegationLine]:
    """Delegations, the latest first; `q` finds number and names."""
    may_read(rt, caller, "delegation")
    statement = select(Delegation)
    if filters.q:
        pattern = like(filters.q)
        statement = statement.where(or_(*(column.like(pattern, escape="\\") for column in (
            Delegation.number, Delegation.delegator_name, Delegation.delegate_name))))
    if filters.state:
        statement = statement.where(Delegation.state == filters.state)
    at = rt.clock()
    with read(rt) as session:
        return page_of(session, caller, Delegation, statement, filters,
                       order=(Delegation.begins.desc(), Delegation.number.desc()),
                       line=lambda row: _line(row, at))


def _line(row: Delegation, at) -> DelegationLine:
    return DelegationLine(row.id, row.number, row.delegator_name, row.delegate_name,
                          tuple(row.roles), instant(row.begins), instant(row.ends), row.state,
                          counts(row.state, row.begins, row.ends, at), row.version)


def usable(rt, caller: Caller) -> tuple[DelegationLine, ...]:
    """The delegations this account can act under now."""
    at = rt.clock()
    with read(rt) as session:
        rows = session.exec(select(Delegation).where(
            Delegation.delegate_id == caller.account, Delegation.state == "ACTIVE",
            Delegation.begins <= at, Delegation.ends > at).order_by(Delegation.number)).all()
    return tuple(_line(row, at) for row in rows)


@query("delegation", "委托代理", "Delegation", single=True)
def delegation(rt, caller: Caller, ref: str) -> DelegationSheet:
    """One delegation by id or number."""
    may_read(rt, caller, "delegation")
    with read(rt) as session:
        row = one(session, caller, Delegation, ref)
        situation = delegation_situation(rt, session, caller, row)
        return DelegationSheet(
            row.id, row.number, acting_name(row.delegate_name, row.delegator_name),
            row.delegator_name, row.delegate_name, row.delegator_id, row.delegate_id,
            tuple(row.roles), instant(row.begins), instant(row.ends),
            row.reason, row.state, counts(row.state, row.begins, row.ends, rt.clock()),
            row.version, choices(rt, session, caller, DELEGATION, row, situation),
            timeline(session, DELEGATION, row, instant))
