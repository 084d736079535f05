"""Runs of scans as rows: whose turn a run is, how far it came, and what was found before.

A lease and a count change often and mean nothing to anybody later: they make no version.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, or_, select, update
from sqlmodel import Session
from sqlmodel import select as rows_of

from app.domain.classification.facts import ColumnSpec, TableSpec
from app.domain.drift import Change, Seen, changes, departures
from app.domain.scans import LEASE, OPEN, RunState, Schedule, SourceState, as_profile, is_due
from app.store.situations_onboarding import fields_of
from app.store.tables_scans import ScanRun, ScanSource, ScanTable
from app.store.tables_supply import Dataset, Department

_OPEN = [str(state) for state in OPEN]
IN_USE = ("PENDING", "ONLINE", "FROZEN")


def waiting(connection: Connection, at: datetime) -> str | None:
    """The oldest open run nobody holds, or whose holder stopped saying that it lives."""
    return connection.execute(select(ScanRun.id).where(
        ScanRun.state.in_(_OPEN), _is_free(at)).order_by(ScanRun.created_at, ScanRun.id)
        .limit(1)).scalar()


def _is_free(at: datetime):
    return or_(ScanRun.held_until.is_(None), ScanRun.held_until <= at)


def claim(connection: Connection, run: str, holder: str, at: datetime) -> int:
    """Make the run this holder's from now on: which try it is since a table was last finished, or
    nought for a run that is not to be had; of two that ask, one gets it."""
    return connection.execute(update(ScanRun).where(
        ScanRun.id == run, ScanRun.state.in_(_OPEN), _is_free(at)).values(
            holder=holder, held_until=at + LEASE, tries=ScanRun.tries + 1)
        .returning(ScanRun.tries)).scalar() or 0


def beat(connection: Connection, run: str, holder: str, at: datetime) -> bool:
    """The holder lives: whether the run is still open and its own."""
    return bool(connection.execute(update(ScanRun).where(
        ScanRun.id == run, ScanRun.state.in_(_OPEN), ScanRun.holder == holder).values(
            held_until=at + LEASE)).rowcount)


def give_back(connection: Connection, run: str, holder: str, at: datetime) -> None:
    """The holder stops here; anybody may go on at once."""
    connection.execute(update(ScanRun).where(
        ScanRun.id == run, ScanRun.holder == holder).values(
            holder="", held_until=at, tries=0))


def progressed(connection: Connection, run: str, **counts) -> None:
    """How many tables there are, how many were finished, which were skipped."""
    connection.execute(update(ScanRun).where(ScanRun.id == run).values(**counts))


def is_scanning(session: Session, source: str) -> bool:
    """Whether a run over the source is queued or under way."""
    return session.exec(rows_of(ScanRun.id).where(
        ScanRun.source_id == source, ScanRun.state.in_(_OPEN))).first() is not None


def due_sources(session: Session, at: datetime) -> list[str]:
    """Sources whose time has come to be scanned by themselves."""
    sources = session.exec(rows_of(ScanSource).where(
        ScanSource.state == str(SourceState.ACTIVE),
        ScanSource.schedule != str(Schedule.NONE))).all()
    return [source.id for source in sources
            if not is_scanning(session, source.id)
            and is_due(source.schedule, last_asked(session, source.id), at)]


def last_asked(session: Session, source: str) -> datetime | None:
    """When a scan of the source was last asked for."""
    return session.exec(rows_of(ScanRun.created_at).where(ScanRun.source_id == source).order_by(
        ScanRun.created_at.desc()).limit(1)).first()


def finished(session: Session, run: str) -> dict[str, str]:
    """The tables a run has done, by name, with the fingerprint each had."""
    return dict(session.exec(rows_of(ScanTable.name, ScanTable.fingerprint).where(
        ScanTable.run_id == run)).all())


def newest(session: Session, source: str, name: str, besides: str) -> ScanTable | None:
    """What the latest other run that read or carried the table holds of it."""
    return session.exec(rows_of(ScanTable).where(
        ScanTable.source_id == source, ScanTable.name == name, ScanTable.run_id != besides)
        .order_by(ScanTable.at.desc(), ScanTable.id.desc()).limit(1)).first()


def dataset_of(session: Session, department: str, table: str) -> Dataset | None:
    """The department's dataset whose code the table has, behind a schema's name or without one."""
    names = {table.casefold(), table.casefold().rpartition(".")[2]}
    found = session.exec(rows_of(Dataset).where(
        Dataset.department_id == department, Dataset.state.in_(IN_USE)).order_by(Dataset.id)).all()
    return next((row for row in found if row.code.casefold() in names), None)


def declared(session: Session, department: Department, table: str) -> TableSpec:
    """The table as its department lists it: titles where a database has no comments."""
    dataset = dataset_of(session, department.id, table)
    if dataset is None:
        return TableSpec(table, "", department.name)
    return TableSpec(dataset.code, dataset.name, department.name, tuple(
        ColumnSpec(field.code, field.name, field.type)
        for field in fields_of(session, dataset.id)))


def drifted(before: ScanTable | None, after: ScanTable,
            listed: Sequence[ColumnSpec]) -> tuple[Change, ...]:
    """What changed since the last scan of a table; where none was made while the table belonged to
    its dataset, also where it is not as the catalogue has it."""
    is_known = before is not None and before.dataset_id == after.dataset_id
    now = _seen(after)
    return (*(changes(_seen(before), now) if before else ()),
            *(() if is_known else departures(listed, now)))


def last_done(session: Session, source: str, besides: str) -> ScanRun | None:
    """The latest other run over the source that came to its end."""
    return session.exec(rows_of(ScanRun).where(
        ScanRun.source_id == source, ScanRun.state == str(RunState.DONE), ScanRun.id != besides)
        .order_by(ScanRun.ended_at.desc(), ScanRun.id.desc()).limit(1)).first()


def _seen(row: ScanTable) -> dict[str, Seen]:
    return {name: Seen(verdict["type"], verdict["level"], as_profile(row.profiles[name]))
            for name, verdict in row.verdicts.items()}


def listed(found: Sequence[Change]) -> list[dict]:
    """Changes as they are kept beside the table."""
    return [{"kind": str(change.kind), "column": change.column, "was": change.was,
             "now": change.now} for change in found]
