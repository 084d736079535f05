"""The work desk: what waits for a person, what ends soon, what was refused unusually often."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.queries.first_steps import FirstStep, first_steps
from app.queries.query import query
from app.queries.tasks import Queue, task_queues
from app.store.places import place_at
from app.store.scope import scoped
from app.store.tables_decisions import DecisionIndex
from app.store.tables_grants import Grant
from app.store.tables_institutions import Credential, Institution
from app.store.tables_people import Delegation
from app.store.tables_supply import Dataset, HeadAgreement, Hold, Product
from app.store.unit import read

AHEAD = timedelta(days=90)
EACH = 20
UNUSUAL_LEAST = 20
UNUSUAL_TIMES = 3
WEEK = 7
# (noun, table, column of its end, states in which the end matters; none = any)
ENDING = (
    (Grant, Grant.valid_to, ("SCHEDULED", "ACTIVE", "SUSPENDED")),
    (HeadAgreement, HeadAgreement.valid_to, ("IN_FORCE",)),
    (Dataset, Dataset.registration_valid_to, ("ONLINE", "FROZEN")),
    (Product, Product.registration_valid_to, ("LISTED", "PAUSED")),
    (Credential, Credential.expires_at, ("ACTIVE", "LIVE")),
)


@dataclass(frozen=True)
class Ending:
    """One object that stops by itself within 90 days."""

    noun: str
    number: str
    name: str
    ends: str
    days: int


@dataclass(frozen=True)
class Denials:
    """An institution refused unusually often in the last 24 hours; `usual` is its daily mean."""

    number: str
    name: str
    count: int
    usual: int


@dataclass(frozen=True)
class StandIn:
    """A delegation in force that concerns this person."""

    delegator: str
    delegate: str
    ends: str
    acts: bool


@dataclass(frozen=True)
class Stop:
    """A stop in force; `confirm_by` is set for an automatic one."""

    number: str
    link: str
    object_number: str
    confirm_by: str


@dataclass(frozen=True)
class Desk:
    """Everything a person should know on opening the product."""

    queues: tuple[Queue, ...]
    endings: tuple[Ending, ...]
    denials: tuple[Denials, ...]
    stops: tuple[Stop, ...]
    delegations: tuple[StandIn, ...]
    first_steps: tuple[FirstStep, ...]


@query("desk", "工作台", "Work desk", single=True)
def desk(rt, caller: Caller, ref: str) -> Desk:
    """The caller's own desk, whatever `ref` says (`me` by custom)."""
    with read(rt) as session:
        return Desk(task_queues(rt, session, caller), _endings(rt, session, caller),
                    _denials(rt, session, caller), _stops(rt, session, caller),
                    _delegations(rt, session, caller), first_steps(rt, session, caller))


def _endings(rt, session: Session, caller: Caller) -> tuple[Ending, ...]:
    now = rt.clock()
    found: list[Ending] = []
    for table, column, states in ENDING:
        if not rt.staff.permits(caller.roles, table.noun, "read"):
            continue
        rows = session.exec(scoped(select(table).where(
            table.state.in_(states), column >= now, column < now + AHEAD), table, caller)
            .order_by(column).limit(EACH)).all()
        names = _grant_names(session, rows) if table is Grant else {}
        found.extend(_ending(table.noun, row, getattr(row, column.key), now,
                             names.get(row.id, "")) for row in rows)
    return tuple(sorted(found, key=lambda one: (one.ends, one.number))[:EACH])


def _grant_names(session: Session, rows: Sequence[Grant]) -> dict[str, str]:
    """Whose grant it is and to what."""
    return dict(session.exec(select(Grant.id, Institution.name + " · " + Product.name).where(
        Grant.id.in_([row.id for row in rows]), Institution.id == Grant.institution_id,
        Product.id == Grant.product_id)).all())


def _ending(noun: str, row, ends: datetime, now: datetime, name: str = "") -> Ending:
    name = name or getattr(row, "name", "") or getattr(row, "title", "") or row.number
    return Ending(noun, row.number, name, instant(ends), (ends - now).days)


def _denials(rt, session: Session, caller: Caller) -> tuple[Denials, ...]:
    if not rt.staff.permits(caller.roles, "decision", "read"):
        return ()
    now = rt.clock()
    day_ago = now - timedelta(days=1)
    last = _denied(session, caller, day_ago)
    before = _denied(session, caller, now - timedelta(days=WEEK + 1), day_ago)
    odd = {one: (count, before.get(one, 0) // WEEK) for one, count in last.items()
           if count >= UNUSUAL_LEAST and count * WEEK >= UNUSUAL_TIMES * before.get(one, 0)}
    rows = session.exec(select(Institution).where(Institution.id.in_(sorted(odd)))).all()
    found = [Denials(row.number, row.name, *odd[row.id]) for row in rows]
    return tuple(sorted(found, key=lambda one: (-one.count, one.number))[:EACH])


def _denied(session: Session, caller: Caller, since: datetime,
            until: datetime | None = None) -> dict[str, int]:
    """Refusals by institution. The trail is in order of time, so a period is a range of places."""
    statement = select(DecisionIndex.institution_id, func.count()).where(
        DecisionIndex.permits.is_(False),
        DecisionIndex.seq >= place_at(session.connection(), since))
    if until:
        statement = statement.where(DecisionIndex.seq < place_at(session.connection(), until))
    return dict(session.exec(scoped(statement, DecisionIndex, caller).group_by(
        DecisionIndex.institution_id)).all())


def _stops(rt, session: Session, caller: Caller) -> tuple[Stop, ...]:
    if not rt.staff.permits(caller.roles, "hold", "read"):
        return ()
    rows = session.exec(scoped(select(Hold).where(Hold.state == "ACTIVE"), Hold, caller)
                        .order_by(Hold.created_at.desc()).limit(EACH)).all()
    return tuple(Stop(row.number, row.link, row.object_number,
                      instant(row.confirm_by) if row.confirm_by else "") for row in rows)


def _delegations(rt, session: Session, caller: Caller) -> tuple[StandIn, ...]:
    now = rt.clock()
    rows = session.exec(select(Delegation).where(
        (Delegation.delegator_id == caller.account) | (Delegation.delegate_id == caller.account),
        Delegation.state == "ACTIVE", Delegation.begins <= now, Delegation.ends > now)
        .order_by(Delegation.ends).limit(EACH)).all()
    return tuple(StandIn(row.delegator_name, row.delegate_name, instant(row.ends),
                         row.delegate_id == caller.account) for row in rows)
