"""The processes that decide: which epoch each runs, and how far it is behind; and how far the read
replica is, where one is set."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.processes import Health, health
from app.queries.query import Filters, Page, like, may_read, query
from app.store.replica import Replica, at_the_first
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
    with at_the_first(), read(rt) as session:
        newest = session.exec(select(TrailHead.epoch)).one()
        rows = session.exec(statement).all()
    lines = [_line(row, newest, now) for row in rows]
    if rt.replica and filters.q in rt.replica.host:
        lines.append(_replica(rt.replica, newest))
    found = [line for line in lines if filters.state in ("", line.state)]
    return Page(tuple(found[filters.offset:filters.offset + filters.limit]), len(found),
                filters.limit, filters.offset)


def _replica(replica: Replica, newest: int) -> ProcessLine:
    """The read replica as it stands; one that does not answer is silent."""
    try:
        seen = replica.standing()
    except SQLAlchemyError as error:
        replica.lost(error)
        return ProcessLine("read-replica", f"replica {replica.host}", 0, 0, newest, newest, 0, "",
                           "", str(Health.SILENT))
    behind, lag = max(newest - seen.epoch, 0), seen.lag_s or 0
    return ProcessLine("read-replica", f"replica {replica.host}", 0, seen.epoch, newest, behind,
                       lag, instant(seen.seen_at) if seen.seen_at else "", "",
                       str(health(behind, timedelta(seconds=lag))))


def _line(row: ProcessBeat, newest: int, now: datetime) -> ProcessLine:
    behind, silence = newest - row.epoch, now - row.confirmed_at
    return ProcessLine(row.process, row.host, row.pid, row.epoch, newest, behind,
                       max(int(silence.total_seconds()), 0), instant(row.confirmed_at),
                       instant(row.started_at), str(health(behind, silence)))
