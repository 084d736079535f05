"""Stops as people see them: the list, and one with what it hit and the decision that proved it."""

from dataclasses import dataclass

from pydantic import Field
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.holds import HOLD
from app.queries.course import course, moment
from app.queries.possible import Choice, Happening, OpenTask, RunningClock
from app.queries.query import Filters, Page, like, may_read, one, page_of, query
from app.store.situations_grants import hold_situation
from app.store.tables_decisions import DecisionIndex
from app.store.tables_supply import Hold
from app.store.unit import read


class HoldFilters(Filters):
    """Stops over one kind of link."""

    link: str = Field("", max_length=40, title="链路", json_schema_extra={"en": "Link"})


@dataclass(frozen=True)
class HoldLine:
    """One stop of the list."""

    id: str
    number: str
    kind: str
    link: str
    object_number: str
    reason_code: str
    automatic: bool
    placed_at: str
    confirm_by: str
    lifted_at: str
    grants: int
    state: str
    version: int


@dataclass(frozen=True)
class HoldSheet:
    """One stop, what it hit when it was placed, and the decision that proved it."""

    id: str
    number: str
    name: str
    kind: str
    link: str
    object_id: str
    object_number: str
    reason_code: str
    automatic: bool
    placed_at: str
    confirm_by: str
    lifted_at: str
    impact: dict
    probe_decision: str
    probe_denied: bool | None
    probe_codes: tuple[str, ...]
    state: str
    version: int
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]
    clocks: tuple[RunningClock, ...]
    tasks: tuple[OpenTask, ...]


@query("hold", "停用", "Stops")
def holds(rt, caller: Caller, filters: HoldFilters) -> Page[HoldLine]:
    """Stops, those in force first; `q` finds number and object."""
    may_read(rt, caller, "hold")
    statement = select(Hold)
    if filters.q:
        text = like(filters.q)
        statement = statement.where(Hold.number.like(text, escape="\\")
                                    | Hold.object_number.like(text, escape="\\"))
    for column, wanted in ((Hold.state, filters.state), (Hold.link, filters.link)):
        if wanted:
            statement = statement.where(column == wanted)
    with read(rt) as session:
        return page_of(session, caller, Hold, statement, filters,
                       order=(Hold.state, Hold.number.desc()), line=_line)


def _line(row: Hold) -> HoldLine:
    return HoldLine(row.id, row.number, row.kind, row.link, row.object_number, row.reason_code,
                    row.automatic, moment(row.created_at), moment(row.confirm_by),
                    moment(row.lifted_at), len(row.impact.get("grants", [])), row.state,
                    row.version)


@query("hold", "停用", "Stop", single=True)
def hold(rt, caller: Caller, ref: str) -> HoldSheet:
    """One stop by id or number."""
    may_read(rt, caller, "hold")
    with read(rt) as session:
        row = one(session, caller, Hold, ref)
        denied, codes = _proof(session, row)
        return HoldSheet(
            row.id, row.number, row.object_number, row.kind, row.link, row.object_id,
            row.object_number, row.reason_code, row.automatic, moment(row.created_at),
            moment(row.confirm_by), moment(row.lifted_at), row.impact, row.probe_decision, denied,
            codes, row.state, row.version,
            **course(rt, session, caller, HOLD, row, hold_situation(rt, session, caller, row)))


def _proof(session: Session, row: Hold) -> tuple[bool | None, tuple[str, ...]]:
    """Whether the probe was denied, and with which codes; None where there was none."""
    found = session.exec(select(DecisionIndex).where(
        DecisionIndex.id == row.probe_decision)).first() if row.probe_decision else None
    return (not found.permits, tuple(found.codes.split())) if found else (None, ())
