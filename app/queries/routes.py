"""Routes of gateways as people see them: the table, a route, and what is proposed to change."""

from dataclasses import dataclass

from sqlalchemy import or_
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.routes import ROUTE, TITLES, differences
from app.queries.course import course
from app.queries.fields import Sentence
from app.queries.possible import Choice, Happening, OpenTask, RunningClock
from app.queries.query import Filters, Page, like, may_read, one, page_of, query
from app.store.situations_gateways import route_situation, text_of
from app.store.tables import Endorsement
from app.store.tables_gateways import Route
from app.store.tables_people import Person
from app.store.unit import read


@dataclass(frozen=True)
class RouteLine:
    """One route of the table."""

    id: str
    number: str
    name: str
    method: str
    host: str
    pattern: str
    product: str
    action: str
    channel: str
    state: str
    version: int


@dataclass(frozen=True)
class Difference:
    """One member of a proposed amendment beside what stands."""

    member: Sentence
    was: str
    now: str


@dataclass(frozen=True)
class RouteSheet:
    """One route with where each member of the question comes from."""

    id: str
    number: str
    name: str
    state: str
    host: str
    method: str
    pattern: str
    action: str
    channel: str
    environment: str
    caller: str
    product: str
    purpose: str
    grant: str
    fields: str
    business_ref: str
    user: str
    region: str
    lookback_from: str
    subject_kind: str
    subject: str
    subject_authorization: str
    proposed_by: str
    pending: tuple[Difference, ...]
    version: int
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]
    clocks: tuple[RunningClock, ...]
    tasks: tuple[OpenTask, ...]


@query("route", "网关路由", "Routes")
def routes(rt, caller: Caller, filters: Filters) -> Page[RouteLine]:
    """Routes by host and path; `q` finds number, name, host and path."""
    may_read(rt, caller, "route")
    statement = select(Route)
    if filters.q:
        text = like(filters.q)
        statement = statement.where(or_(*(column.like(text, escape="\\") for column in (
            Route.number, Route.name, Route.host, Route.pattern))))
    if filters.state:
        statement = statement.where(Route.state == filters.state)
    with read(rt) as session:
        return page_of(session, caller, Route, statement, filters,
                       order=(Route.host, Route.pattern, Route.method, Route.number),
                       line=lambda row: RouteLine(
                           row.id, row.number, row.name, row.method, row.host, row.pattern,
                           row.sources.get("product", ""), row.action, row.channel, row.state,
                           row.version))


@query("route", "网关路由", "Route", single=True)
def route(rt, caller: Caller, ref: str) -> RouteSheet:
    """One route by id or number."""
    may_read(rt, caller, "route")
    with read(rt) as session:
        row = one(session, caller, Route, ref)
        proposer = session.get(Person, row.proposed_by)
        return RouteSheet(
            id=row.id, number=row.number, state=row.state, version=row.version, **text_of(row),
            proposed_by=proposer.name if proposer else "", pending=_pending(session, row),
            **course(rt, session, caller, ROUTE, row,
                     route_situation(rt, session, caller, row)))


def _pending(session: Session, row: Route) -> tuple[Difference, ...]:
    """What the open amendment would change; nothing where none is open."""
    payload = session.exec(select(Endorsement.payload).where(
        Endorsement.noun == "route", Endorsement.object_id == row.id,
        Endorsement.action == "amend", Endorsement.state == "OPEN")
        .order_by(Endorsement.at.desc())).first()
    changed = differences(text_of(row), payload["text"]) if payload else {}
    return tuple(Difference(Sentence(*TITLES[name]), each["was"], each["now"])
                 for name, each in changed.items())
