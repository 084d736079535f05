"""Scanned databases as people see them: sources, and the runs over them with their progress."""

from dataclasses import dataclass

from pydantic import Field
from sqlalchemy import func, or_
from sqlmodel import Session, select

from app.domain.callers import Caller
from app.domain.canonical import instant
from app.domain.drift import Kind
from app.domain.grounds import Words
from app.domain.scans import SCAN_RUN, SCAN_SOURCE
from app.engines.classification.suggestions import proposer
from app.queries.course import course, filing, moment
from app.queries.possible import Choice, Happening, OpenTask, RunningClock
from app.queries.query import Filters, Page, like, may_read, one, page_of, query
from app.queries.scan_progress import Skip, far
from app.store.scans import is_scanning
from app.store.situations_scans import run_situation, source_situation
from app.store.tables_scans import ScanRun, ScanSecret, ScanSource, ScanTable
from app.store.tables_supply import Department
from app.store.unit import read

SHOWN = 1_000
FILINGS = (
    ("start", ("开始扫描", "Scan now")),
    ("edit", ("调整扫描范围", "Set what is scanned")),
    ("set_secret", ("更换口令", "Change the password")),
)


class RunFilters(Filters):
    """Runs over one source."""

    source: str = Field("", max_length=64, title="数据源", json_schema_extra={"en": "Source"})


@dataclass(frozen=True)
class SourceLine:
    """One source of the list."""

    id: str
    number: str
    name: str
    department: str
    address: str
    schedule: str
    last_at: str
    last_run: str
    state: str
    version: int


@dataclass(frozen=True)
class RunLine:
    """One run of a list, with how far it came."""

    id: str
    number: str
    source: str
    source_number: str
    asked_by: str
    progress: str
    finished: int
    total: int
    skipped: int
    asked_at: str
    ended_at: str
    state: str
    version: int


@dataclass(frozen=True)
class SourceSheet:
    """One source with its newest runs; its password is shown to nobody."""

    id: str
    number: str
    name: str
    department: str
    department_number: str
    address: str
    tables: tuple[str, ...]
    rows: int
    schedule: str
    has_password: bool
    state: str
    runs: tuple[RunLine, ...]
    version: int
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]
    clocks: tuple[RunningClock, ...]
    tasks: tuple[OpenTask, ...]


@dataclass(frozen=True)
class TableLine:
    """What a run found in one table."""

    id: str
    name: str
    title: str
    state: str
    columns: int
    personal: int
    rows: int
    rows_total: int | None
    level: int | None
    changes: int


@dataclass(frozen=True)
class Difference:
    """One change of a column against the scan before."""

    table: str
    table_id: str
    column: str
    kind: str
    was: str
    now: str


@dataclass(frozen=True)
class Counts:
    """How long the lists of a run are, whatever of them is shown."""

    tables: int
    skipped: int
    differences: int


@dataclass(frozen=True)
class RunSheet:
    """One run: progress, tables, what was not read, and what differs from the last run and from
    the catalogue. Lists are cut at 1,000 lines; `counts` say how long they are."""

    id: str
    number: str
    name: str
    source: str
    source_number: str
    state: str
    asked_by: str
    asked_at: str
    started_at: str
    ended_at: str
    rules: Words | None
    afresh: bool
    total: int
    finished: int
    unchanged: int
    not_read: int
    is_open: bool
    failure: Skip | None
    counts: Counts
    tables: tuple[TableLine, ...]
    skipped: tuple[Skip, ...]
    differences: tuple[Difference, ...]
    version: int
    choices: tuple[Choice, ...]
    timeline: tuple[Happening, ...]
    clocks: tuple[RunningClock, ...]
    tasks: tuple[OpenTask, ...]


@query("scan_source", "数据源", "Data sources")
def scan_sources(rt, caller: Caller, filters: Filters) -> Page[SourceLine]:
    """Sources by number; `q` finds number, name and address."""
    may_read(rt, caller, "scan_source")
    statement = select(ScanSource)
    if filters.q:
        statement = statement.where(or_(*(column.like(like(filters.q), escape="\\") for column in (
            ScanSource.number, ScanSource.name, ScanSource.address))))
    if filters.state:
        statement = statement.where(ScanSource.state == filters.state)
    with read(rt) as session:
        names = dict(session.exec(select(Department.id, Department.name)).all())

        def line(row: ScanSource) -> SourceLine:
            last = _runs(session, row.id, 1)
            return SourceLine(row.id, row.number, row.name, names.get(row.department_id, ""),
                              row.address, row.schedule, last[0].asked_at if last else "",
                              last[0].state if last else "", row.state, row.version)

        return page_of(session, caller, ScanSource, statement, filters,
                       order=(ScanSource.number.desc(),), line=line)


@query("scan_source", "数据源", "Data source", single=True)
def scan_source(rt, caller: Caller, ref: str) -> SourceSheet:
    """One source by id or number."""
    may_read(rt, caller, "scan_source")
    with read(rt) as session:
        row = one(session, caller, ScanSource, ref)
        department = session.get(Department, row.department_id)
        secret = session.get(ScanSecret, row.id)
        states = () if is_scanning(session, row.id) else ("ACTIVE",)
        return SourceSheet(
            id=row.id, number=row.number, name=row.name, department=department.name,
            department_number=department.number, address=row.address, tables=tuple(row.tables),
            rows=row.rows, schedule=row.schedule, has_password=bool(secret and secret.sealed),
            state=row.state, runs=_runs(session, row.id, 20), version=row.version,
            **course(rt, session, caller, SCAN_SOURCE, row,
                     source_situation(rt, session, caller, row), filings=tuple(
                         filing(rt, caller, row, action, title,
                                states if action == "start" else ("ACTIVE",))
                         for action, title in FILINGS)))


def _runs(session: Session, source: str, most: int) -> tuple[RunLine, ...]:
    rows = session.exec(select(ScanRun, ScanSource).join(
        ScanSource, ScanSource.id == ScanRun.source_id).where(ScanRun.source_id == source)
        .order_by(ScanRun.created_at.desc(), ScanRun.id.desc()).limit(most)).all()
    return tuple(_run_line(run, of) for run, of in rows)


def _run_line(row: ScanRun, source: ScanSource) -> RunLine:
    return RunLine(row.id, row.number, source.name, source.number, row.asked_by,
                   f"{row.finished} / {row.total}" if row.total else "", row.finished, row.total,
                   len(row.skipped), instant(row.created_at), moment(row.ended_at), row.state,
                   row.version)


@query("scan_run", "扫描", "Scans")
def scan_runs(rt, caller: Caller, filters: RunFilters) -> Page[RunLine]:
    """Runs, newest first; `q` finds the number."""
    may_read(rt, caller, "scan_run")
    statement = select(ScanRun)
    if filters.q:
        statement = statement.where(ScanRun.number.like(like(filters.q), escape="\\"))
    if filters.state:
        statement = statement.where(ScanRun.state == filters.state)
    if filters.source:
        statement = statement.where(ScanRun.source_id.in_(select(ScanSource.id).where(
            or_(ScanSource.id == filters.source, ScanSource.number == filters.source))))
    with read(rt) as session:
        sources = {row.id: row for row in session.exec(select(ScanSource)).all()}
        return page_of(session, caller, ScanRun, statement, filters,
                       order=(ScanRun.number.desc(),),
                       line=lambda row: _run_line(row, sources[row.source_id]))


@query("scan_run", "扫描", "Scan", single=True)
def scan_run(rt, caller: Caller, ref: str) -> RunSheet:
    """One run by id or number."""
    may_read(rt, caller, "scan_run")
    with read(rt) as session:
        row = one(session, caller, ScanRun, ref)
        source = session.get(ScanSource, row.source_id)
        kept, changed = session.exec(select(
            func.count(), func.coalesce(func.sum(ScanTable.changed), 0)).where(
                ScanTable.run_id == row.id)).one()
        return RunSheet(
            id=row.id, name=source.name, source=source.name, source_number=source.number,
            asked_by=row.asked_by, asked_at=instant(row.created_at),
            started_at=moment(row.started_at), ended_at=moment(row.ended_at),
            rules=proposer(row.rules) if row.rules else None, afresh=row.afresh,
            **vars(far(session, row)),
            counts=Counts(kept, len(row.skipped), len(row.dropped) + changed),
            tables=_tables(session, row), version=row.version,
            skipped=tuple(Skip(**line) for line in row.skipped[:SHOWN]),
            differences=(*_dropped(row), *_changes(session, row))[:SHOWN],
            **course(rt, session, caller, SCAN_RUN, row,
                     run_situation(rt, session, caller, row),
                     hidden=frozenset({"begin", "finish", "fail"})))


def _tables(session: Session, run: ScanRun) -> tuple[TableLine, ...]:
    """The first tables by name, without their verdicts and profiles."""
    rows = session.exec(select(
        ScanTable.id, ScanTable.name, ScanTable.title, ScanTable.state, ScanTable.columns,
        ScanTable.personal, ScanTable.rows, ScanTable.rows_total, ScanTable.level,
        ScanTable.changed).where(ScanTable.run_id == run.id).order_by(ScanTable.name)
        .limit(SHOWN)).all()
    return tuple(TableLine(*row[:8], row.level or None, row.changed) for row in rows)


def _dropped(run: ScanRun) -> list[Difference]:
    return [Difference(line["table"], line["table_id"], "", str(Kind.TABLE_DROPPED), "", "")
            for line in run.dropped]


def _changes(session: Session, run: ScanRun) -> list[Difference]:
    """The changes of the first tables that have any."""
    rows = session.exec(select(ScanTable.name, ScanTable.id, ScanTable.changes).where(
        ScanTable.run_id == run.id, ScanTable.changed > 0).order_by(ScanTable.name)
        .limit(SHOWN)).all()
    return [Difference(row.name, row.id, change["column"], str(Kind(change["kind"])),
                       change["was"], change["now"]) for row in rows for change in row.changes]
