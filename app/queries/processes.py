"""The processes that decide: which epoch each runs, and how far it is behind."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import select

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.processes import health
from app.queries.query import Filters, Page, like, may_read, query
from app.store.tables import TrailHead
from app.store.tables_gateways import ProcessBeat
from app.store.unit import read


@dataclass(frozen=True)
class ProcessLine:
    """One process. `behind` counts epochs, `lag` the seconds since it last confirmed its own."""

    id: str
    name: str
    pid: int
    epoch: int
    newest: int
    behind: int
    lag: int
    confirmed_at: str
    started_at: str
    state: str


@query("process", "判定进程", "Processes")
def processes(rt, caller: Caller, filters: Filters) -> Page[ProcessLine]:
    """Every process that decides, the longest silent first; `q` finds the machine."""
    may_read(rt, caller, "process")
    now = rt.clock()
    statement = select(ProcessBeat).order_by(ProcessBeat.confirmed_at, ProcessBeat.process)
    if filters.q:
        statement = statement.where(ProcessBeat.host.like(like(filters.q), escape="\\"))
    with read(rt) as session:
        newest = session.exec(select(TrailHead.epoch)).one()
        rows = session.exec(statement).all()
    lines = [_line(row, newest, now) for row in rows]
    found = [line for line in lines if filters.state in ("", line.state)]
    return Page(tuple(found[filters.offset:filters.offset + filters.limit]), len(found),
                filters.limit, filters.offset)


def _line(row: ProcessBeat, newest: int, now: datetime) -> ProcessLine:
    behind, silence = newest - row.epoch, now - row.confirmed_at
    return ProcessLine(row.process, row.host, row.pid, row.epoch, newest, behind,
                       max(int(silence.total_seconds()), 0), instant(row.confirmed_at),
                       instant(row.started_at), str(health(behind, silence)))
