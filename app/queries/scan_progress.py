"""How far a run has come: little enough to be asked for every two seconds."""

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.scans import OPEN, RunState, TableState
from app.queries.query import may_read, one
from app.store.tables_scans import ScanRun, ScanTable
from app.store.unit import read


@dataclass(frozen=True)
class Skip:
    """A table that was not read, and why."""

    table: str
    zh: str
    en: str


@dataclass(frozen=True)
class Progress:
    """How far a run has come: what its open page asks for again and again."""

    number: str
    state: str
    total: int
    finished: int
    unchanged: int
    not_read: int
    is_open: bool
    failure: Skip | None


def progress_of(rt, caller: Caller, ref: str) -> Progress:
    """How far a run has come, without anything it found."""
    may_read(rt, caller, "scan_run")
    with read(rt) as session:
        return far(session, one(session, caller, ScanRun, ref))


def far(session: Session, row: ScanRun) -> Progress:
    """How far a run has come, counted without reading a verdict."""
    unchanged = session.exec(select(func.count()).where(
        ScanTable.run_id == row.id, ScanTable.state == str(TableState.UNCHANGED))).one()
    return Progress(row.number, row.state, row.total, row.finished, unchanged, len(row.skipped),
                    RunState(row.state) in OPEN, Skip("", **row.failure) if row.failure else None)
